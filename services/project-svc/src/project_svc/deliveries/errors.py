"""What can go wrong with deliveries."""

from crm_platform.errors import Conflict


class UnknownDelivery(Conflict):
    """The delivery that something is to be about does not exist, or not for this caller."""

    code = "unknown_delivery"
    title, title_zh = "Unknown delivery", "交付物不存在"
    en = "There is no delivery with id {delivery_id}."
    zh = "交付物 {delivery_id} 不存在。"


class UnknownOpenPoint(Conflict):
    """Only what was left open can be settled."""

    code = "unknown_open_point"
    title, title_zh = "Unknown open point", "遗留问题不存在"
    en = "The delivery has no unsettled open point with id {point_id}."
    zh = "该交付物没有编号为 {point_id} 的未解决遗留问题。"


class DeliveryNotEditable(Conflict):
    """What the customer looks at, or has accepted, does not change behind their back."""

    code = "delivery_not_editable"
    title, title_zh = "Delivery cannot be changed", "交付物不可修改"
    en = "The delivery is `{status}`; what is agreed about it can be changed while it is {allowed}."
    zh = "交付物处于“{status}”状态；仅在 {allowed} 状态下可以修改约定内容。"


class UnknownPart(Conflict):
    """The whole of which a delivery is to be a part belongs to the same project, and is neither submitted nor over."""

    code = "unknown_part_of"
    title, title_zh = "Not a whole that takes parts", "上级交付物不可用"
    en = "The delivery {part_of} is not one of this project that still takes parts."
    zh = "交付物 {part_of} 不属于该项目，或不能再拆分。"


class DeliveryHasParts(Conflict):
    """A delivery that is made of parts is accepted with the last of them."""

    code = "delivery_has_parts"
    title, title_zh = "Delivery has parts", "交付物由多个部分组成"
    en = "The delivery is made of {count} part(s); submit these, and it is accepted with the last of them."
    zh = "该交付物由 {count} 个部分组成；请分别提交各部分，最后一部分通过验收时整体即通过。"


class TooManyVersions(Conflict):
    """The whole story of a delivery travels with its events."""

    code = "too_many_versions"
    title, title_zh = "Too many versions", "提交次数过多"
    en = "The delivery was submitted {count} times; plan another one."
    zh = "该交付物已提交 {count} 次，请另建交付物。"
