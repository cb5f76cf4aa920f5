"""Words of schedules, and how much work an optimisation may be."""

from crm_platform.words import Words

OPTIMISED = Words("optimised schedule", "优化排程")
USUAL_EFFORT = 10
MOST_EFFORT = 120
