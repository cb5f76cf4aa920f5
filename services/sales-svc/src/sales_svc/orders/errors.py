"""What can go wrong with orders."""

from crm_platform.errors import Conflict


class OtherCurrency(Conflict):
    """Amounts of different currencies are never added."""

    code = "other_currency"
    title, title_zh = "Other currency", "币种不符"
    en = "The order is in {expected}; a payment in {sent} cannot be set against it."
    zh = "订单币种为 {expected}，不能用 {sent} 回款冲抵。"


class NothingPaid(Conflict):
    """A payment brings money."""

    code = "nothing_paid"
    title, title_zh = "Nothing paid", "回款金额无效"
    en = "A payment must be above zero; this one is {amount}."
    zh = "回款金额必须大于零，当前为 {amount}。"


class PaymentIdTaken(Conflict):
    """A payment's id names one payment."""

    code = "payment_id_taken"
    title, title_zh = "Payment id taken", "回款编号已被占用"
    en = "The payment `{payment_id}` of system `{system}` is on record with other content."
    zh = "系统“{system}”的回款“{payment_id}”已登记，且内容不同。"
