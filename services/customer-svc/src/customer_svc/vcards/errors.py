"""What can go wrong with cards."""

from crm_platform.errors import DomainError


class TooManyCards(DomainError):
    """More cards than one request takes."""

    status, code = 413, "too_many_cards"
    title, title_zh = "Too many cards", "名片过多"
    en = "The file has more than {limit} cards or rows; split it."
    zh = "文件包含的名片或行超过 {limit} 条；请拆分文件。"


class CardRefused(DomainError):
    """A card that is no contact."""

    status, code = 422, "card_refused"
    title, title_zh = "Card refused", "名片被拒绝"
    en, zh = "{message}", "{message}"


class SystemMissing(DomainError):
    """Ids in a table are those of some system."""

    status, code = 422, "system_missing"
    title, title_zh = "System missing", "缺少所属系统"
    en = "The column `{column}` holds ids; say by `system` whose they are."
    zh = "列“{column}”包含编号；请通过 `system` 指定所属系统。"


class NoNames(DomainError):
    """A row of a table is about somebody."""

    status, code = 422, "no_column_of_names"
    title, title_zh = "No names", "缺少姓名列"
    en = "No column holds the names of the contacts; call it `name`, or `family_name` and `given_name`."
    zh = "没有包含联系人姓名的列；请将其命名为“姓名”，或“姓”和“名”。"


class CustomerUnknown(DomainError):
    """A row names a customer by a number that none has."""

    status, code = 422, "customer_unknown"
    title, title_zh = "No such customer", "客户不存在"
    en = "No customer has the number `{said}`, or you may not see it."
    zh = "没有编号为“{said}”的客户，或您无权查看。"


class CustomerAmbiguous(DomainError):
    """A row names a customer by a number that several have."""

    status, code = 422, "customer_ambiguous"
    title, title_zh = "Several customers", "客户不唯一"
    en = "{number} customers have the number `{said}`."
    zh = "有 {number} 个客户的编号为“{said}”。"
