"""What keeps a plan from being levelled or optimised."""

from crm_platform.errors import Conflict


class NothingToOptimise(Conflict):
    """Without resources that work for a time, the critical path is the shortest schedule."""

    code = "nothing_to_optimise"
    title, title_zh = "Nothing to optimise", "无可优化内容"
    en = "No task of the plan has a person or a machine assigned, so the critical path is the shortest schedule."
    zh = "计划中没有分配人员或设备的任务，关键路径即为最短排程。"


class TooLargeToOptimise(Conflict):
    """A search over so many tasks would not end."""

    code = "too_large_to_optimise"
    title, title_zh = "Too large to optimise", "计划过大，无法优化"
    en = "The plan has {count} tasks to schedule; at most {most} can be optimised."
    zh = "计划有 {count} 个待排任务，最多可优化 {most} 个。"


class NotEnoughOfResource(Conflict):
    """A task waits for ever for what it needs."""

    code = "not_enough_of_resource"
    title, title_zh = "Not enough of a resource", "资源不足"
    en = "“{task}” needs more of “{resource}” at once than there will ever be."
    zh = "“{task}”同时所需的“{resource}”超过其可用量。"
