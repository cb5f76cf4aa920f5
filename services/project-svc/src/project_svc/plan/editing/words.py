"""What can be wrong with an edit, for people."""

from crm_platform.words import Words

UNKNOWN_TASK = Words("There is no such task in the plan.", "计划中没有该任务。")
KEY_TWICE = Words("The key is used twice.", "键重复使用。")
TASK_TWICE = Words("The task is named twice.", "任务重复出现。")
TOO_MANY = Words("A plan has at most 10,000 tasks.", "一个计划最多 10000 个任务。")
HAS_BEGUN = Words("The task has begun, so it stays.", "任务已开始，不能移除。")
OF_ITSELF = Words("A task cannot wait for itself.", "任务不能依赖自身。")
LINK_TWICE = Words("The task already waits for that one by a link of this kind.", "已存在同类型的依赖关系。")
INSIDE = Words(
    "A task cannot wait for a summary that it is part of, nor that for it.", "任务不能与其所属摘要任务相互依赖。"
)
START_OF_SUMMARY = Words(
    "Only the finish of a summary holds others: FS or FF.", "摘要任务只能以完成时间约束后续任务（FS、FF）。"
)
FINISH_OF_SUMMARY = Words(
    "Only the start of a summary can be held: FS or SS.", "摘要任务只能被约束开始时间（FS、SS）。"
)
DATE_MISSING = Words("This constraint needs `constraint_at`.", "该限制条件需要 `constraint_at`。")
DATE_TOO_MUCH = Words("This constraint has no date.", "该限制条件不带日期。")
OF_SUMMARY = Words("A summary can only have SNET or FNLT.", "摘要任务只能使用 SNET 或 FNLT 限制。")
SUMMARY_WORKS = Words("A summary has no assignments: its tasks do.", "摘要任务不能分配资源，应分配给其子任务。")
SUMMARY_PROGRESS = Words(
    "A summary has no progress of its own: its tasks do.", "摘要任务没有自己的进度，应记录在子任务上。"
)
RESOURCE_TWICE = Words("The resource is assigned twice.", "资源重复分配。")
UNKNOWN_RESOURCE = Words("There is no such resource.", "资源不存在。")
INACTIVE_RESOURCE = Words("The resource is not planned any more.", "资源已停用。")
UNKNOWN_CALENDAR = Words("There is no such working calendar.", "工作日历不存在。")
ESTIMATE_ORDER = Words("Optimistic ≤ most likely ≤ pessimistic.", "应满足：乐观 ≤ 最可能 ≤ 悲观。")
SUMMARY_EARNS = Words("A summary earns what its tasks earn.", "摘要任务的挣值由其子任务汇总得出。")
STEPS_MISSING = Words("This technique needs milestones.", "该度量方法需要里程碑。")
STEPS_TOO_MUCH = Words("Only weighted milestones have any.", "仅“加权里程碑法”可填写里程碑。")
BASE_MISSING = Words("This technique needs `base_task_id`.", "该度量方法需要 `base_task_id`。")
BASE_TOO_MUCH = Words("Only apportioned effort has a base.", "仅“分摊投入法”可指定基准任务。")
BASE_NOT_DISCRETE = Words(
    "The base is another task that is no summary and earns by what is done of it.",
    "基准任务须为另一个非摘要任务，且按实际完成情况计算挣值。",
)
NOT_BEGUN = Words("Progress needs `actual_start`.", "填写进度需要 `actual_start`。")
ENDS_EARLY = Words("A task cannot end before it starts.", "完成时间不能早于开始时间。")
NOT_COMPLETE = Words(
    "A task that has ended is 100 % complete, with nothing left.", "已完成的任务进度应为 100%，且没有剩余工时。"
)
OTHER_CURRENCY = Words("The plan is in another currency.", "与计划的币种不一致。")
NAME_MISSING = Words("A new task needs a name.", "新任务需要名称。")
