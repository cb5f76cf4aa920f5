"""What can go wrong with imports, and with single rows."""

from crm_platform.errors import Conflict, DomainError


class MappingNotPossible(DomainError):
    """The mapping does not fit the file or the fields."""

    status, code = 422, "mapping_not_possible"
    title, title_zh = "Mapping not possible", "无法映射"
    en, zh = "The mapping cannot be used: {message}.", "映射无法使用：{message}。"


class NotMapped(Conflict):
    """Nothing can be tried or run before it is known which column goes where."""

    code = "not_mapped"
    title, title_zh = "Not mapped yet", "尚未设置映射"
    en = "The import has no mapping yet; give one with `PUT /v1/imports/{id}/mapping`."
    zh = "该导入尚未设置映射；请先使用 `PUT /v1/imports/{id}/mapping` 设置。"


class ImportBusy(Conflict):
    """The import cannot be changed while an operation works at it."""

    code = "import_busy"
    title, title_zh = "Import under way", "导入正在进行"
    en = "The import is being worked at by the operation {operation_id}; wait for its end, or cancel it."
    zh = "导入正由操作 {operation_id} 处理；请等待其结束或将其取消。"


class NothingReported(Conflict):
    """There is a report only after a dry run or a run."""

    code = "nothing_reported"
    title, title_zh = "No report yet", "尚无报告"
    en = "The import has no report yet: it was neither tried nor run, or that has not come to its end."
    zh = "该导入尚无报告：尚未试运行或运行，或操作尚未结束。"


class RowRefused(DomainError):
    """Cells of a row cannot be read, or break rules."""

    status, code = 422, "row_refused"
    title, title_zh = "Row refused", "行数据无效"
    en = "The row has {count} problem(s)."
    zh = "该行有 {count} 个问题。"


class CellsLeftOut(DomainError):
    """Cells of a row cannot be read; the rest of it has entered."""

    status, code = 422, "cells_left_out"
    title, title_zh = "Cells left out", "部分单元格未导入"
    en = "{count} cell(s) of the row were left out."
    zh = "该行有 {count} 个单元格未导入。"


class AmbiguousMatch(Conflict):
    """Several customers could be meant."""

    code = "ambiguous_match"
    title, title_zh = "Several matches", "匹配到多个客户"
    en = "{number} customers have the same `{rule}`; which one is meant cannot be known."
    zh = "有 {number} 个客户的“{rule}”相同，无法确定所指客户。"


class NotKnown(Conflict):
    """The import only updates, and nobody is known by the row."""

    code = "not_known"
    title, title_zh = "Unknown customer", "未匹配到客户"
    en = "No customer is known by this row, and the import only updates."
    zh = "该行未匹配到任何客户，而本次导入仅更新。"


class AlreadyKnown(Conflict):
    """The import only creates, and the customer is there already."""

    code = "already_known"
    title, title_zh = "Known already", "客户已存在"
    en = "The customer {id} is known by the same `{rule}`, and the import only creates."
    zh = "客户 {id} 的“{rule}”相同，而本次导入仅新建。"


class RowRepeated(Conflict):
    """An earlier row of the file is about the same customer."""

    code = "row_repeated"
    title, title_zh = "Repeated in the file", "文件内重复"
    en = "Row {row} of the file has the same `{rule}`."
    zh = "文件第 {row} 行的“{rule}”相同。"


class NotForYou(Conflict):
    """The customer is there, but the caller may not see or change it."""

    code = "customer_not_yours"
    title, title_zh = "Not yours", "无权修改"
    en = "A customer with the same `{rule}` is there, but you may not change it."
    zh = "已有“{rule}”相同的客户，但您无权修改。"


class FieldNotOurs(Conflict):
    """Another system, to which the customer is linked, owns a field that the row would change."""

    code = "field_not_ours"
    title, title_zh = "Owned by another system", "字段归其他系统管理"
    en = "The field `{field}` of this customer belongs to system `{system}`; change it there."
    zh = "该客户的字段“{field}”由系统“{system}”管理，请在该系统中修改。"


class NameMissing(DomainError):
    """A new customer needs a name."""

    status, code = 422, "name_missing"
    title, title_zh = "Name missing", "缺少名称"
    en = "A new customer needs a name."
    zh = "新客户必须有名称。"


class AlikeExists(Conflict):
    """Somebody much alike is known."""

    code = "alike_exists"
    title, title_zh = "Probably known", "疑似重复"
    en = "The customer {id} is probably the same ({percent} %): {message}."
    zh = "疑似与客户 {id} 重复（{percent}%）：{message}。"


class AlikeInFile(Conflict):
    """An earlier row of the file is much alike."""

    code = "alike_in_file"
    title, title_zh = "Probably repeated in the file", "文件内疑似重复"
    en = "Row {row} of the file is probably about the same ({percent} %): {message}."
    zh = "疑似与文件第 {row} 行重复（{percent}%）：{message}。"


class ParentUnknown(Conflict):
    """The row names a parent company that is not there, nor in an earlier row."""

    code = "parent_unknown"
    title, title_zh = "Unknown parent", "未找到上级客户"
    en = "The parent company `{said}` is not known by its `{rule}`; import it first."
    zh = "未找到“{rule}”为“{said}”的上级客户，请先导入该客户。"


class ParentAmbiguous(Conflict):
    """Several customers could be the parent company."""

    code = "parent_ambiguous"
    title, title_zh = "Several possible parents", "匹配到多个上级客户"
    en = "{number} customers have the `{rule}` `{said}`; which one is the parent cannot be known."
    zh = "有 {number} 个客户的“{rule}”为“{said}”，无法确定上级客户。"


class ErasedBefore(Conflict):
    """The row would bring back somebody who was erased."""

    code = "person_erased"
    title, title_zh = "Erased before", "个人数据已删除"
    en = "The `{rule}` of this row is that of a person whose data was erased; an import does not bring them back."
    zh = "该行的“{rule}”属于已删除个人数据的人员，导入不会恢复其数据。"


class EditedSince(Conflict):
    """Somebody has changed the record after the import."""

    code = "edited_since"
    title, title_zh = "Edited since", "导入后已被修改"
    en = "The record was at version {expected} after the import and is at {current} now; it stays as it is."
    zh = "导入后记录版本为 {expected}，当前为 {current}；保持不变。"


class GoneSince(Conflict):
    """The record is not there any more."""

    code = "gone_since"
    title, title_zh = "Gone since", "记录已不存在"
    en = "The record was deleted after the import."
    zh = "记录在导入后已被删除。"


class Overtaken(Conflict):
    """Somebody took a value that nobody shares between the plan for a portion and its being carried out."""

    code = "overtaken"
    title, title_zh = "Overtaken", "数据已被抢先写入"
    en = (
        "While these rows were imported, others kept entering values of theirs that no two records share; run it again."
    )
    zh = "导入这些行时，其他人不断写入相同的唯一值；请重新运行导入。"
    retryable = True
