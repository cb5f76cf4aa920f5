"""What can go wrong with risks."""

from crm_platform.errors import Conflict


class ScaleInUse(Conflict):
    """A scale cannot lose steps at which risks stand."""

    code = "scale_in_use"
    title, title_zh = "Scale in use", "分级正在使用"
    en = (
        "There are open risks at step {probability} of probability and {impact} of impact; a scale needs that many "
        "steps, until they are assessed otherwise or closed."
    )
    zh = "现有未关闭风险的概率最高为第 {probability} 级、影响最高为第 {impact} 级；请先重新评估或关闭，再减少级数。"
