"""What can be wrong with baselines."""

from crm_platform.errors import Conflict


class BaselineMissing(Conflict):
    """A project with a plan does not start before that is on record."""

    code = "baseline_missing"
    title, title_zh = "Baseline missing", "缺少基准计划"
    en = "The plan of the project has {count} task(s) and no baseline; set one before it starts."
    zh = "项目计划有 {count} 个任务，但尚无基准计划；请先设置基准计划再启动。"


class BaselineOfAnotherProject(Conflict):
    """The other baseline is of another project."""

    code = "baseline_of_another_project"
    title, title_zh = "Baseline of another project", "基准计划属于其他项目"
    en = "Baseline {baseline_id} is not one of this project."
    zh = "基准计划 {baseline_id} 不属于该项目。"
