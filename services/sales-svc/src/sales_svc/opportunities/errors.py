"""What can go wrong with opportunities."""

from crm_platform.errors import Conflict


class OpportunityClosed(Conflict):
    """What is won or lost stays as it is."""

    code = "opportunity_closed"
    title, title_zh = "Opportunity closed", "商机已关闭"
    en = "The opportunity is `{stage}` and can no longer be changed; you sent another {fields}."
    zh = "商机已处于“{stage}”阶段，不能再修改：{fields}。"


class NeededInStage(Conflict):
    """A stage comes with dates."""

    code = "needed_in_stage"
    title, title_zh = "Missing in this stage", "当前阶段缺少信息"
    en = "An opportunity in the stage `{stage}` needs `{field}`."
    zh = "处于“{stage}”阶段的商机需要填写 {field}。"


class UnknownInStage(Conflict):
    """A field tells of something that happens in a later stage."""

    code = "unknown_in_stage"
    title, title_zh = "Not in this stage", "当前阶段不可填写"
    en = "An opportunity in the stage `{stage}` has no `{field}`."
    zh = "处于“{stage}”阶段的商机不能有 {field}。"


class ClosedBeforeEngaged(Conflict):
    """A deal cannot end before it began."""

    code = "closed_before_engaged"
    title, title_zh = "Closed before engaged", "关闭日期早于开始日期"
    en = "The opportunity cannot be closed on {closed_on}: talks began on {engaged_on}."
    zh = "商机不能在 {closed_on} 关闭：洽谈始于 {engaged_on}。"


class CustomerRequired(Conflict):
    """Somebody must have bought."""

    code = "customer_required"
    title, title_zh = "Customer required", "缺少客户"
    en = "Set the opportunity's customer before it is won."
    zh = "赢单前请先设置商机的客户。"


class ValueRequired(Conflict):
    """Something must have been sold."""

    code = "value_required"
    title, title_zh = "Value required", "缺少金额"
    en = "Give the opportunity's value before it is won, or while you win it."
    zh = "请在赢单前或赢单时填写商机金额。"


class UnknownProduct(Conflict):
    """The product does not exist."""

    code = "unknown_product"
    title, title_zh = "Unknown product", "产品不存在"
    en = "There is no product `{product}`."
    zh = "产品“{product}”不存在。"


class ProductInactive(Conflict):
    """The product is not for sale any more."""

    code = "product_inactive"
    title, title_zh = "Product not for sale", "产品已停售"
    en = "The product `{product}` is inactive and cannot be chosen for an open opportunity."
    zh = "产品“{product}”已停用，不能用于进行中的商机。"


class ProductNamedTwice(Conflict):
    """One product, one way to name it."""

    code = "product_named_twice"
    title, title_zh = "Product named twice", "产品重复指定"
    en = "Name the product by `product_id` or by `product_code`, not by both."
    zh = "请只用 product_id 或 product_code 之一指定产品。"
