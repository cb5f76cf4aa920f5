"""The critical path method: of a :class:`~.plan.Plan`, :func:`~.cpm.scheduled` makes a :class:`~.schedule.Schedule`."""
