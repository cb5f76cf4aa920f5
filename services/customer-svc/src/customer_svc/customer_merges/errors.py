"""What can go wrong with merges."""

from crm_platform.errors import Conflict


class MergedWithItself(Conflict):
    """A merge is of different customers."""

    code = "merged_with_itself"
    title, title_zh = "Same customer twice", "客户重复"
    en = "A customer is merged with others, and each of them once; {id} is named twice."
    zh = "合并的客户必须各不相同；{id} 出现了两次。"


class ErasedCustomer(Conflict):
    """There is nothing left to merge of whoever was erased, and nothing may come back."""

    code = "customer_erased"
    title, title_zh = "Customer was erased", "客户数据已删除"
    en = "The personal data of customer {id} is erased; it cannot be merged."
    zh = "客户 {id} 的个人数据已删除，不能合并。"


class DisagreementsUnsettled(Conflict):
    """Both have an open question with another system about the same field."""

    code = "disagreements_unsettled"
    title, title_zh = "Open disagreements", "存在未解决的同步冲突"
    en = "Two of the customers disagree with another system about the same field; settle that first."
    zh = "其中两个客户在同一字段上与外部系统存在未解决的冲突，请先处理。"


class NotUndoable(Conflict):
    """A merge is undone while its survivor is there."""

    code = "merge_not_undoable"
    title, title_zh = "Merge cannot be undone", "合并无法撤销"
    en = "Customer {id}, which survived the merge, is not there any more; undo its own merge first, if it was merged."
    zh = "合并后保留的客户 {id} 已不存在；如其已被合并，请先撤销该合并。"
