"""What can go wrong with change requests."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_platform.errors import Conflict, DomainError


class ChangeNotDraft(Conflict):
    """What somebody is asked to agree to stays as it is."""

    code = "change_not_draft"
    title, title_zh = "Not a draft", "变更请求不可修改"
    en = "The change request is `{status}`; only a draft can be changed. Withdraw it and write another one."
    zh = "变更请求处于“{status}”状态，仅草稿可以修改；请撤回后另行提交。"


class OwnChangeRequest(DomainError):
    """Nobody approves what they have asked for."""

    status, code = 403, "own_change_request"
    title, title_zh = "Your own change request", "不能审批自己的变更请求"
    en = "You have written this change request, so somebody else has to decide about it."
    zh = "该变更请求由您提出，须由他人审批。"


class NotTheApprover(DomainError):
    """The step that is next waits for somebody else."""

    status, code = 403, "not_the_approver"
    title, title_zh = "Not the approver", "不是当前审批人"
    en = "Step {number}, “{name}”, is not yours to decide."
    zh = "第 {number} 步“{name}”不由您审批。"


class EditsTooLarge(Conflict):
    """Edits travel with every event of the request."""

    code = "edits_too_large"
    title, title_zh = "Edits too large", "变更内容过大"
    en = "The proposed edits have {size} bytes of JSON; at most {most} can be requested at once."
    zh = "变更内容的 JSON 为 {size} 字节，一次最多 {most} 字节。"


class PlanHasMovedOn(Conflict):
    """An impact is that of one revision of the plan; ``tasks`` are those of the edits that were changed since."""

    code = "plan_has_moved_on"
    title, title_zh = "Plan has moved on", "计划已发生变化"
    en = "The impact was analysed for revision {analysed} of the plan, which is at {current} now; analyse it again."
    zh = "影响分析基于计划版本 {analysed}，当前为 {current}；请重新分析。"

    def __init__(self, *, tasks: Sequence[Mapping[str, Any]], **values: Any) -> None:
        """``tasks`` each have an id, a name (null if it was removed) and what happened to them."""
        self._tasks = list(tasks)
        super().__init__(**values)

    def members(self, language: str) -> Mapping[str, Any]:  # noqa: ARG002
        """The tasks that the edits name and that were changed or removed since."""
        return {"tasks": self._tasks}
