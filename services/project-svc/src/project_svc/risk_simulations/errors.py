"""What can go wrong with simulations."""

from crm_platform.errors import Conflict


class NothingToSimulate(Conflict):
    """Only what is still to be done can turn out otherwise."""

    code = "nothing_to_simulate"
    title, title_zh = "Nothing to simulate", "没有可模拟的任务"
    en = "The plan of project {project_id} has no task that is still to be done."
    zh = "项目 {project_id} 的计划中没有尚未完成的任务。"


class SimulationTooLarge(Conflict):
    """All iterations of all tasks are in memory at a time."""

    code = "simulation_too_large"
    title, title_zh = "Simulation too large", "模拟规模过大"
    en = "{tasks} tasks times {iterations} iterations are more than {most}; ask for fewer iterations."
    zh = "{tasks} 个任务 × {iterations} 次迭代超过上限 {most}，请减少迭代次数。"


class UnknownDriver(Conflict):
    """Only what is uncertain can be correlated."""

    code = "unknown_driver"
    title, title_zh = "Nothing uncertain", "不是不确定因素"
    en = "{id} is neither a task of the plan with an uncertain duration nor a risk that is not closed."
    zh = "{id} 既不是工期不确定的计划任务，也不是未关闭的风险。"


class CorrelationsImpossible(Conflict):
    """Whatever goes with two things that exclude each other does not exist."""

    code = "correlations_impossible"
    title, title_zh = "Impossible correlations", "相关系数矛盾"
    en = "The correlations contradict each other: {name} cannot have all of its own."
    zh = "相关系数相互矛盾：{name} 的各个相关系数不能同时成立。"


class SimulationBeyondCalendar(Conflict):
    """Calendars end somewhere."""

    code = "simulation_beyond_calendar"
    title, title_zh = "Beyond the calendar", "超出日历范围"
    en = "Some draws end after 2249, or never: check the estimates and the working time of the calendars."
    zh = "部分模拟结果晚于 2249 年或无法结束，请检查估算与工作日历。"
