"""What can go wrong with expenses."""

from crm_platform.errors import Conflict


class OwnExpense(Conflict):
    """Nobody decides about what they have spent themselves."""

    code = "own_expense"
    title, title_zh = "Your own expense", "本人提交的费用"
    en = "Somebody other than whoever submitted the expense has to decide about it."
    zh = "费用必须由提交人以外的人审批。"
