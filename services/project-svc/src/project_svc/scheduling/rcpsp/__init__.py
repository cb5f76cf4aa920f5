"""The resource-constrained project scheduling problem (RCPSP): shortest schedules under scarce renewable resources.

A :class:`~.problem.Problem` is in whole periods; :func:`~.solve.solve` returns a :class:`~.solve.Solution` with its
makespan, a proven lower bound, and why the search ended.
"""
