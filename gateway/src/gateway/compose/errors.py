"""Why a view, or a part of it, cannot be shown."""

from crm_platform.errors import Unavailable
from gateway.proxy.client import Fetched
from gateway.proxy.errors import InvalidAnswer


class SubjectRefused(Exception):
    """The service that owns the view's subject refuses it; its answer becomes the view's."""

    def __init__(self, answer: Fetched) -> None:
        super().__init__(answer.status)
        self.answer = answer


class SubjectMissing(Unavailable):
    """A part cannot be asked for, as it is not known what the subject refers to."""

    code = "subject_missing"
    title, title_zh = "Subject missing", "缺少主体"
    en = "It cannot be asked for without the `{subject}`, which is missing too."
    zh = "缺少“{subject}”，因此无法获取。"


class InvalidPart(InvalidAnswer):
    """A part is not what it should be."""
