"""How records are compared: normal forms, keys under which candidates are found, scores with their reasons.

Pure: nothing here knows a table or a request. The way of a record is :class:`~.entry.Entry` (as entered) →
:class:`~.profile.Profile` (normalised) → :func:`~.keys.stored_keys` and :func:`~.keys.probe_keys` (what to look up) →
:func:`~.scoring.compare` (two profiles, one score, its reasons).
"""
