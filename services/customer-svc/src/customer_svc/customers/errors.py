"""What can go wrong with customers."""

from crm_platform.errors import Conflict


class ParentLoop(Conflict):
    """A company cannot be its own ancestor."""

    code = "parent_loop"
    title, title_zh = "Circular hierarchy", "层级循环"
    en = "The customer would become its own ancestor through {parent_id}."
    zh = "该客户会通过 {parent_id} 成为自己的上级。"


class UnknownParent(Conflict):
    """The parent does not exist."""

    code = "unknown_parent"
    title, title_zh = "Unknown parent", "上级不存在"
    en = "There is no customer with id {parent_id} to be the parent."
    zh = "作为上级的客户 {parent_id} 不存在。"


class CustomerInUse(Conflict):
    """A customer to which other records belong stays."""

    code = "customer_in_use"
    title, title_zh = "Customer in use", "客户仍被引用"
    en = "The customer still has {by}, and so cannot be deleted."
    zh = "该客户仍有{by}，不能删除。"


class FieldOwnedElsewhere(Conflict):
    """The field belongs to another system, which the customer is linked to."""

    code = "field_owned_elsewhere"
    title, title_zh = "Owned by another system", "字段归其他系统管理"
    en = "The field `{field}` of this customer belongs to system `{system}`; change it there."
    zh = "该客户的字段“{field}”由系统“{system}”管理，请在该系统中修改。"


class NotClaimed(Conflict):
    """Customers in the pool are changed by whoever has claimed them."""

    code = "not_claimed"
    title, title_zh = "Not claimed", "客户未领取"
    en = "The customer {id} is in the public pool; claim it before you change it."
    zh = "客户 {id} 在公海中，请先领取再修改。"
