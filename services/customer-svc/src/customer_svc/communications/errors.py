"""What can go wrong with communications."""

from crm_platform.errors import Conflict


class UnknownCustomer(Conflict):
    """A communication is always with a customer that exists."""

    code = "unknown_customer"
    title, title_zh = "Unknown customer", "客户不存在"
    en = "There is no customer with id {customer_id}, or you may not see it."
    zh = "客户 {customer_id} 不存在，或您无权查看。"
