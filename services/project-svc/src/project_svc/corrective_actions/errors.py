"""What can go wrong with corrective actions."""

from crm_platform.errors import Conflict


class ActionSettled(Conflict):
    """What is verified or cancelled stays as it is."""

    code = "action_settled"
    title, title_zh = "Action is settled", "措施已结束"
    en = "The action is `{status}`; it can no longer be changed."
    zh = "该措施处于“{status}”状态，不能再更改。"
