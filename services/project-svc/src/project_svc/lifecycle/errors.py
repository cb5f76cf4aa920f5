"""What can keep a project from being opened or moved on."""

from crm_platform.errors import Conflict


class UnknownCustomer(Conflict):
    """The customer of a project must exist; news of a new one takes a moment to arrive here."""

    code = "unknown_customer"
    title, title_zh = "Unknown customer", "客户不存在"
    en = "This service knows no customer with id {customer_id}; a new one becomes known within seconds."
    zh = "项目服务中没有客户 {customer_id}；新建客户会在数秒内同步。"


class DueDateMissing(Conflict):
    """Without a template nothing says how long a project takes."""

    code = "due_date_missing"
    title, title_zh = "Due date missing", "缺少完成日期"
    en = "A project without a template needs `due_on`."
    zh = "未使用模板的项目必须填写 `due_on`。"


class DeliverablesOpen(Conflict):
    """A project is complete when the customer has accepted everything."""

    code = "deliverables_open"
    title, title_zh = "Deliverables not accepted", "交付物尚未全部验收"
    en = "{count} deliverable(s) of the project are not accepted yet."
    zh = "项目仍有 {count} 个交付物未通过验收。"


class DeliveriesToCome(Conflict):
    """A project is complete when nothing is to be delivered any more."""

    code = "deliveries_to_come"
    title, title_zh = "Deliveries to come", "仍有后续交付"
    en = "{count} schedule(s) of the project go on planning deliveries; end them first."
    zh = "项目仍有 {count} 个周期性交付计划，请先结束这些计划。"


class QualityGatesOpen(Conflict):
    """A project is complete when its mandatory quality gates have passed."""

    code = "quality_gates_open"
    title, title_zh = "Quality gates not passed", "质量门尚未通过"
    en = "Mandatory quality gates of the project have not passed: {names}."
    zh = "项目的必过质量门尚未通过：{names}。"


class ConditionsOpen(Conflict):
    """A quality gate that passed with conditions has passed when these are met."""

    code = "conditions_open"
    title, title_zh = "Conditions not met", "质量门附加条件尚未满足"
    en = "{count} condition(s) of quality gates are neither verified nor cancelled yet."
    zh = "质量门仍有 {count} 项附加条件未验证或取消。"


class RisksOpen(Conflict):
    """A project is closed when nothing threatens it any more."""

    code = "risks_open"
    title, title_zh = "Risks not closed", "风险尚未全部关闭"
    en = "{count} risk(s) of the project are not closed yet."
    zh = "项目仍有 {count} 个风险未关闭。"


class OutcomesUnreviewed(Conflict):
    """A project is closed when somebody has looked back at what it was to change."""

    code = "outcomes_unreviewed"
    title, title_zh = "Outcomes not reviewed", "成果尚未复核"
    en = "The review of {count} outcome(s) of the project is due: review them, or drop them."
    zh = "项目有 {count} 个成果已到复核日期，请先复核或放弃。"


class OpportunityWithoutCustomer(Conflict):
    """A won opportunity always has a customer; one without cannot become a project."""

    code = "opportunity_without_customer"
    title, title_zh = "Opportunity without customer", "商机没有客户"
    en = "The won opportunity {opportunity_id} has no customer, so there is nobody to do a project for."
    zh = "赢单商机 {opportunity_id} 没有客户，无法立项。"
