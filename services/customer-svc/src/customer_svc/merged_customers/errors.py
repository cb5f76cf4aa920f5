"""What there is to say of customers that were merged."""

from crm_platform.errors import Conflict


class CustomerAbsorbed(Conflict):
    """A customer that was merged into another is named by that one's id."""

    code = "customer_absorbed"
    title, title_zh = "Customer was merged", "客户已被合并"
    en = "The customer {id} was merged into {survivor_id}; use that one."
    zh = "客户 {id} 已合并到 {survivor_id}，请使用后者。"
