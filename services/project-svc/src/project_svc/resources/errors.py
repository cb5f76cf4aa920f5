"""What can be wrong with resources."""

from crm_platform.errors import Conflict


class ImpossibleResource(Conflict):
    """What is said about a resource contradicts itself."""

    code = "impossible_resource"
    title, title_zh = "Impossible resource", "资源信息无效"
    en = "The resource cannot be used in {count} place(s)."
    zh = "资源信息有 {count} 处无效。"
