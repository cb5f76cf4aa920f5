"""What can go wrong with closing reports."""

from crm_platform.errors import Conflict, DomainError


class ProjectNotOver(Conflict):
    """A closing report tells how a project has ended."""

    code = "project_not_over"
    title, title_zh = "Project not over", "项目尚未结束"
    en = "The project is `{status}`; a closing report can be made once it is completed, closed or cancelled."
    zh = "项目处于“{status}”状态；完成、关闭或取消后才能编制结项报告。"


class VerdictsUnfit(Conflict):
    """Each success criterion of the charter gets a verdict, and nothing else does."""

    code = "verdicts_unfit"
    title, title_zh = "Verdicts do not fit", "成功标准结论不完整"
    en = "The charter has {count} success criteria; `verdicts` needs exactly one for each, by its place from 1."
    zh = "项目章程有 {count} 条成功标准；`verdicts` 必须按序号（从 1 起）逐条给出且仅给出一个结论。"


class ReportInReview(Conflict):
    """One report at a time waits for signatures."""

    code = "closing_report_in_review"
    title, title_zh = "Closing report in review", "结项报告正在签署"
    en = "Closing report {number} of the project waits for signatures; have it signed, rejected or withdrawn first."
    zh = "项目的结项报告 {number} 正在等待签署，请先完成签署、拒绝或撤回。"


class ReportMissing(Conflict):
    """The company wants a report before a project is closed."""

    code = "closing_report_missing"
    title, title_zh = "Closing report missing", "缺少结项报告"
    en = "The company closes projects only with a closing report that all have signed; this project has none."
    zh = "公司规定项目须有已签署的结项报告才能关闭，该项目尚无此报告。"


class OwnSignature(Conflict):
    """Nobody signs what they have drawn up themselves."""

    code = "own_signature"
    title, title_zh = "Your own signature", "不能由编制人签署"
    en = "You draw this closing report up, so others have to sign it; `signer_ids` names you."
    zh = "结项报告由您编制，须由他人签署；`signer_ids` 中包含您本人。"


class NotASigner(DomainError):
    """Only those who were named sign."""

    status, code = 403, "not_a_signer"
    title, title_zh = "Not a signer", "不是签署人"
    en = "You are none of those who have to sign this closing report."
    zh = "您不是该结项报告的签署人。"


class AlreadyDecided(Conflict):
    """A signature is given once."""

    code = "already_signed"
    title, title_zh = "Signed already", "已签署"
    en = "You have signed this closing report already."
    zh = "您已签署该结项报告。"
