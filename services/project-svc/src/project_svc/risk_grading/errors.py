"""What keeps a scale from changing."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_platform.errors import Conflict

_SHOWN = 10


class ScaleNeededByTemplates(Conflict):
    """A scale cannot lose steps at which risks of published templates stand: no project could be opened from these."""

    code = "scale_needed_by_templates"
    title, title_zh = "Scale needed by templates", "项目模板正在使用分级"
    en = (
        "Risks of published templates stand at steps that this scale has not: {templates}. Publish another edition of "
        "each, or retire it, first."
    )
    zh = "已发布的项目模板中的风险使用了该分级没有的级别：{templates}。请先发布新的版次或停用这些模板。"

    def __init__(self, *, templates: Sequence[Mapping[str, Any]], **values: Any) -> None:
        """``templates`` each have id, code, edition, and their highest steps of probability and impact."""
        self._templates = list(templates)
        shown = [f"{one['code']} ({one['probability']} × {one['impact']})" for one in templates[:_SHOWN]]
        super().__init__(templates=", ".join([*shown, *(["…"] if len(templates) > _SHOWN else [])]), **values)

    def members(self, language: str) -> Mapping[str, Any]:  # noqa: ARG002
        """All of the templates."""
        return {"templates": self._templates}
