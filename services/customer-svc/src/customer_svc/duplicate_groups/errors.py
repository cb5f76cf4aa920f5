"""What can go wrong with groups of duplicates."""

from crm_platform.errors import Conflict


class NotOfTheGroup(Conflict):
    """A group's customers are merged with each other."""

    code = "not_of_the_group"
    title, title_zh = "Not of the group", "不属于该组"
    en = "The customer {id} is not of this group; merge it by itself."
    zh = "客户 {id} 不属于该组，请单独合并。"
