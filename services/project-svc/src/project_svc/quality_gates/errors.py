"""What can go wrong with quality gates."""

from crm_platform.errors import Conflict, DomainError


class VerdictDoesNotFit(Conflict):
    """What a review says contradicts the checklist or itself; ``errors`` says where and why."""

    code = "verdict_does_not_fit"
    title, title_zh = "Verdict does not fit", "评审结论不成立"
    en = "The review cannot be so in {count} place(s)."
    zh = "评审结论有 {count} 处不成立。"


class NotAReviewer(DomainError):
    """A quality gate with reviewers is reviewed by these."""

    status, code = 403, "not_a_reviewer"
    title, title_zh = "Not a reviewer", "不是评审人"
    en = "The quality gate names its reviewers, and you are none of them."
    zh = "该质量门已指定评审人，您不在其中。"


class GateSettled(Conflict):
    """A quality gate that has passed, or was waived, stays as it is."""

    code = "gate_settled"
    title, title_zh = "Quality gate is settled", "质量门已通过"
    en = "The quality gate is `{status}`; it can no longer be changed."
    zh = "该质量门处于“{status}”状态，不能再更改。"


class TooManyReviews(Conflict):
    """A quality gate that fails again and again wants another plan, not another review."""

    code = "too_many_reviews"
    title, title_zh = "Too many reviews", "评审次数过多"
    en = "The quality gate was reviewed {count} times already; waive it and plan another one."
    zh = "该质量门已评审 {count} 次；请豁免后另行规划。"


class DeliveryOfAnotherProject(Conflict):
    """A quality gate is about a deliverable of its own project."""

    code = "delivery_of_another_project"
    title, title_zh = "Deliverable of another project", "交付物属于其他项目"
    en = "The deliverable {delivery_id} belongs to another project."
    zh = "交付物 {delivery_id} 属于其他项目。"
