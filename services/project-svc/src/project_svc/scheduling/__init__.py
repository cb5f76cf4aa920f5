"""The scheduling engine: numbers in, numbers out; nothing here knows a table or a request.

- :mod:`.calendars`: working time, and fast arithmetic with it
- :mod:`.network`: the critical path method over tasks, links, constraints and progress
- :mod:`.rcpsp`: schedules under scarce resources, to proven optimality or a stated gap
- :mod:`.levelling`, :mod:`.whatif`, :mod:`.baselines`: what planners ask of them
- :mod:`.feasibility`: the judge of schedules, which uses nothing of the above
"""
