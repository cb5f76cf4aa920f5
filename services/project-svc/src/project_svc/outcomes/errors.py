"""What can go wrong with outcomes."""

from crm_platform.errors import Conflict


class TargetIsBaseline(Conflict):
    """An indicator is to go somewhere, the way that it is said to go."""

    code = "target_not_ahead"
    title, title_zh = "Target is not ahead", "目标方向不符"
    en = "With direction `{direction}` the target {target} is not ahead of the baseline {baseline}."
    zh = "方向为“{direction}”时，目标值 {target} 与基线值 {baseline} 不相符。"


class CurrenciesDiffer(Conflict):
    """A benefit is compared with its cost in one currency."""

    code = "currencies_differ"
    title, title_zh = "Currencies differ", "币种不一致"
    en = "The benefit is in {benefit} and the cost in {cost}; give both in one currency."
    zh = "收益币种为 {benefit}，成本币种为 {cost}，请使用同一币种。"


class MeasuredByEvents(Conflict):
    """What follows surveys is not entered by hand."""

    code = "measured_by_events"
    title, title_zh = "Measured by events", "由事件自动测量"
    en = "The values of this outcome follow the answered surveys of the project (`{source}`)."
    zh = "该成果的实际值由项目的满意度调查自动计算（“{source}”）。"


class TooManyMeasurements(Conflict):
    """The whole story of an outcome travels with its events."""

    code = "too_many_measurements"
    title, title_zh = "Too many measurements", "测量次数过多"
    en = "The outcome has {count} values; correct one of a day by another of the same day."
    zh = "该成果已有 {count} 个测量值；同一天的新值会替换旧值。"


class MeasuredInFuture(Conflict):
    """What is measured has happened."""

    code = "measured_in_future"
    title, title_zh = "Measured in the future", "测量日期在未来"
    en = "A value cannot be of {measured_on}, which is yet to come."
    zh = "测量日期 {measured_on} 尚未到来。"


class OutcomeOver(Conflict):
    """What was reviewed for the last time, or dropped, stays as it is."""

    code = "outcome_over"
    title, title_zh = "Outcome is over", "成果已结束"
    en = "The outcome is `{status}`; it does not change any more."
    zh = "成果处于“{status}”状态，不能再更改。"
