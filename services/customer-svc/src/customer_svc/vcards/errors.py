"""What can go wrong with cards."""

from crm_platform.errors import DomainError


class TooManyCards(DomainError):
    """More cards than one request takes."""

    status, code = 413, "too_many_cards"
    title, title_zh = "Too many cards", "名片过多"
    en = "The file has more than {limit} cards; split it, or use an import, which takes files of any size."
    zh = "文件包含的名片超过 {limit} 张；请拆分文件，或使用可处理任意大小文件的导入功能。"


class CardRefused(DomainError):
    """A card that is no contact."""

    status, code = 422, "card_refused"
    title, title_zh = "Card refused", "名片被拒绝"
    en, zh = "{message}", "{message}"
