import pytest

from project_svc.projects.domain import DEFAULT_RISK_THRESHOLD
from project_svc.templates.domain import TEMPLATES, ProjectTemplate, TemplateCode, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [("GTX Plus", "en"), ("", "en"), ("上海项目", "zh"), ("ERP 上线", "zh"), ("Ünïcödé ｱ", "en"), ("𠮷野家", "zh")],
)
def test_a_chinese_character_makes_a_text_chinese(text: str, language: str) -> None:
    assert language_of(text) == language
    assert language_of("plain", text) == language


def test_every_code_has_its_template() -> None:
    assert {code: template.code for code, template in TEMPLATES.items()} == {code: code for code in TemplateCode}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.code)
def test_a_template_raises_no_alarm_by_itself_and_delivers_in_order(template: ProjectTemplate) -> None:
    days = [deliverable.due_after_days for deliverable in template.deliverables]

    assert days == sorted(days)
    assert template.duration_days == days[-1]
    assert all(deliverable.acceptance_criteria for deliverable in template.deliverables)
    assert all(risk.probability * risk.impact < DEFAULT_RISK_THRESHOLD for risk in template.risks)
