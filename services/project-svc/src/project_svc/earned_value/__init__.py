"""Earned value management and earned schedule: numbers in, numbers out.

- :mod:`.package`: a work package, its budget over time, its progress and its costs
- :mod:`.planned`: when the plan has a value
- :mod:`.indicators`: variances, indices and forecasts of money
- :mod:`.timing`: earned schedule, the same in time
- :mod:`.project`: packages together, as of any time
- :mod:`.sweep`: the same at many moments
- :mod:`.simple`: three plain rates beside them

Moments are minutes since 1970 as in :mod:`project_svc.scheduling`; money is Decimal in one currency, unrounded. What
cannot be divided has a :class:`~.values.Reason` in the place of a number.
"""
