"""What can go wrong with requirements."""

from crm_platform.errors import Conflict


class UnknownCustomer(Conflict):
    """A requirement is always that of a customer."""

    code = "unknown_customer"
    title, title_zh = "Unknown customer", "客户不存在"
    en = "There is no customer with id {customer_id}, or you may not see it."
    zh = "客户 {customer_id} 不存在，或您无权查看。"


class SourceMissing(Conflict):
    """The communication in which a requirement was said is one with its customer."""

    code = "source_missing"
    title, title_zh = "Source missing", "来源沟通记录不存在"
    en = "This customer has no communication with id {communication_id}, or you may not see it."
    zh = "该客户没有沟通记录 {communication_id}，或您无权查看。"


class RequirementFixed(Conflict):
    """What is agreed with the customer does not change behind his back."""

    code = "requirement_fixed"
    title, title_zh = "Requirement is fixed", "需求已确定"
    en = "The requirement is `{status}`; its content can change only while it is `collected` or `analysed`."
    zh = "需求处于“{status}”状态；仅在“collected”或“analysed”状态下可以修改其内容。"


class NotConfirmed(Conflict):
    """Only what is agreed with the customer is delivered."""

    code = "requirement_not_confirmed"
    title, title_zh = "Requirement is not confirmed", "需求未确认"
    en = "The requirement is `{status}`; only a `confirmed` one can be handed over."
    zh = "需求处于“{status}”状态；只有“confirmed”状态的需求才能移交。"


class HandOverUnderWay(Conflict):
    """A requirement is handed over to one project at a time."""

    code = "hand_over_under_way"
    title, title_zh = "Handed over already", "需求已移交"
    en = "The requirement is with project delivery already; cancel its deliverable there to hand it over anew."
    zh = "需求已移交给项目交付；如需重新移交，请先在项目中取消其交付物。"
