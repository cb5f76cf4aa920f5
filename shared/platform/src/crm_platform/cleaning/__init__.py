"""Values as people type them, made into values as they are meant; pure, and saying what was changed.

Every function gives a :class:`~crm_platform.cleaning.outcome.Cleaned` value, or raises
:class:`~crm_platform.cleaning.outcome.NotUnderstood` where a value could mean two things, or none: nothing is guessed.
"""
