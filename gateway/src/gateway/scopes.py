"""Everything a caller can be allowed to do: the one list of scopes."""

from collections.abc import Iterable

from crm_platform.context import Caller, Visibility

_RESOURCES: dict[str, tuple[str, str]] = {
    "customers": ("customers", "客户"),
    "contacts": ("people at customers", "联系人"),
    "communications": ("communications with customers", "客户沟通记录"),
    "requirements": ("customers' requirements", "客户需求"),
    "pool_rules": ("rules of the public pool", "公海规则"),
    "subject_keys": ("keys of sealed personal data", "个人数据密钥"),
    "duplicates": ("duplicates of customers, and the rules about them", "客户查重与查重规则"),
    "custom_fields": ("definitions of custom fields", "自定义字段定义"),
    "segments": ("segments of customers", "客户分群"),
    "data_quality": ("rules, scores and monitors of data quality", "数据质量规则、评分与监控"),
    "imports": ("imports of customers from files", "客户导入"),
    "exports": ("exports of customers", "客户导出"),
    "erasures": ("erasure of personal data, and rules of holds", "个人数据删除与保留规则"),
    "subject_access": ("access of people to what is known of them", "个人信息查阅与复制"),
    "consents": ("consent of people", "个人同意记录"),
    "sync_conflicts": ("disagreements with other systems", "与外部系统的同步冲突"),
    "products": ("products", "产品"),
    "opportunities": ("opportunities", "商机"),
    "orders": ("orders", "订单"),
    "contracts": ("contracts", "合同"),
    "contract_approvals": ("approvals of contracts", "合同审批"),
    "projects": ("projects and their plans", "项目及其计划"),
    "templates": ("templates of projects", "项目模板"),
    "resources": ("people, equipment and working calendars of plans", "计划所用的资源与工作日历"),
    "deliveries": ("deliverables", "交付物"),
    "outcomes": ("outcomes", "成果"),
    "risks": ("risks", "风险"),
    "change_approvals": ("decisions about change requests", "变更审批"),
    "tickets": ("service tickets", "服务工单"),
    "surveys": ("satisfaction surveys", "满意度调查"),
    "service_periods": ("after-sales service periods", "售后服务期"),
    "reports": ("reports and figures", "报表与指标"),
    "company": ("what holds for the whole company", "公司设置"),
    "users": ("people who sign in", "用户"),
    "teams": ("teams", "团队"),
    "roles": ("roles", "角色"),
    "credentials": ("API keys and OAuth2 clients", "API 密钥与 OAuth2 客户端"),
    "access": ("what others may do with records, and by which rule", "他人对记录的权限及其依据"),
    "events": ("the stream of events", "事件流"),
    "audit": ("the audit trail", "审计记录"),
}

BUSINESS: tuple[str, ...] = (
    "customers",
    "contacts",
    "communications",
    "requirements",
    "segments",
    "data_quality",
    "imports",
    "exports",
    "products",
    "opportunities",
    "orders",
    "contracts",
    "projects",
    "templates",
    "resources",
    "deliveries",
    "outcomes",
    "risks",
    "tickets",
    "surveys",
    "service_periods",
)
"""Resources that people work on every day."""

SCOPES: dict[str, tuple[str, str]] = {
    f"{resource}:{right}": (f"{verb} {english}", f"{word}{chinese}")
    for resource, (english, chinese) in _RESOURCES.items()
    for right, verb, word in (("read", "See", "查看"), ("write", "Enter and change", "录入和修改"))
}
"""Every scope with its description in English and Chinese."""

ALL = "*"
"""Every scope, also those to come; only the built-in role `admin` has it."""

LEVELS: tuple[Visibility, ...] = ("own", "team", "all")
"""Record visibility, from the narrowest to the widest."""


def readable(*resources: str) -> frozenset[str]:
    """The scopes to see ``resources``."""
    return frozenset(f"{resource}:read" for resource in resources)


def writable(*resources: str) -> frozenset[str]:
    """The scopes to see and to change ``resources``."""
    return readable(*resources) | {f"{resource}:write" for resource in resources}


def unknown(scopes: Iterable[str]) -> list[str]:
    """Those of ``scopes`` that do not exist."""
    return sorted(set(scopes) - SCOPES.keys())


def beyond(caller: Caller, scopes: Iterable[str]) -> list[str]:
    """Those of ``scopes`` that ``caller`` does not hold and so cannot pass on."""
    return sorted(scope for scope in set(scopes) if not caller.may(scope))


def wider(left: Visibility, right: Visibility) -> bool:
    """Whether ``left`` shows more records than ``right``."""
    return LEVELS.index(left) > LEVELS.index(right)


def narrowest(levels: Iterable[Visibility]) -> Visibility:
    """The narrowest of ``levels``; `own` where there are none."""
    return min(levels, key=LEVELS.index, default="own")


def widest(levels: Iterable[Visibility]) -> Visibility:
    """The widest of ``levels``; `own` where there are none."""
    return max(levels, key=LEVELS.index, default="own")
