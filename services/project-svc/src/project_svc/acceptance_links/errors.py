"""What can go wrong with links for acceptance."""

from crm_platform.errors import Conflict


class LinkExpired(Conflict):
    """A link works for some time."""

    code = "acceptance_link_expired"
    title, title_zh = "Link expired", "链接已过期"
    en = "The link could be used until {expires_at}; ask for a new one."
    zh = "链接有效期至 {expires_at}，请索取新链接。"


class NothingToDecide(Conflict):
    """A link is about a version that lies before the customer."""

    code = "nothing_to_decide"
    title, title_zh = "Nothing to decide", "没有待验收的版本"
    en = "The delivery is `{status}`; there is no version of it to decide about."
    zh = "交付物处于“{status}”状态，没有待验收的版本。"


class VersionMovedOn(Conflict):
    """What the link was for was decided about otherwise, or handed over anew."""

    code = "version_moved_on"
    title, title_zh = "Version has moved on", "版本已变化"
    en = "The link is about version {submission} of the delivery, which is no longer to be decided about."
    zh = "链接对应交付物的第 {submission} 版，该版本已无需验收。"


class ReasonMissing(Conflict):
    """Whoever refuses says why."""

    code = "reason_missing"
    title, title_zh = "Reason missing", "缺少原因"
    en = "A rejection needs a `comment` that says why."
    zh = "拒绝验收必须在 `comment` 中说明原因。"


class OpenPointsUnfit(Conflict):
    """A condition is named, and only a condition is."""

    code = "open_points_unfit"
    title, title_zh = "Open points and verdict", "遗留问题与结论不符"
    en = "`open_points` belong to the verdict `conditionally_accepted`, and to no other."
    zh = "结论为“conditionally_accepted”时必须填写 `open_points`，其他结论不得填写。"
