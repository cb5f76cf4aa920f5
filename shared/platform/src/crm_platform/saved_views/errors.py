"""What can go wrong with saved views."""

from crm_platform.errors import Conflict, DomainError


class ViewDoesNotFit(Conflict):
    """A view was right when it was saved, and what it names is not there any more."""

    code = "view_does_not_fit"
    title, title_zh = "The view does not fit any more", "视图已失效"
    en = "The saved view `{name}` cannot be used any more. Its {part}: {message}. Change the view or ask without it."
    zh = "已存视图“{name}”已不可用，其 {part}：{message}。请修改该视图，或不带视图查询。"


class NotYourView(DomainError):
    """A view is changed by whoever made it."""

    status, code = 403, "not_your_view"
    title, title_zh = "Somebody else's view", "他人的视图"
    en = "This view was shared with you; only its author changes it. Save one of your own."
    zh = "此视图由他人共享，仅其作者可以修改；请另存为自己的视图。"


class SharedTooWidely(DomainError):
    """A view is shared with those whose records one sees."""

    status, code = 403, "shared_too_widely"
    title, title_zh = "Cannot be shared so widely", "共享范围超出权限"
    en = "You cannot share a view with `{sharing}`: it takes a team of your own, or a caller who sees all records."
    zh = "您不能以“{sharing}”范围共享视图：需要您属于某个团队，或可查看全部记录。"
