"""What can go wrong with templates."""

from crm_platform.errors import Conflict


class UnknownTemplate(Conflict):
    """Projects are opened from a ready-made template, or from one that the company has published."""

    code = "unknown_template"
    title, title_zh = "Unknown template", "项目模板不存在"
    en = "There is no ready-made template with the code `{template}`, and the company has published none."
    zh = "没有编码为“{template}”的内置模板，也没有已发布的同名企业模板。"


class TemplateNotDraft(Conflict):
    """What is in force, or was, stays as it is: projects say that they came from it."""

    code = "template_not_draft"
    title, title_zh = "Template is not a draft", "模板不是草稿"
    en = "Edition {edition} of `{template}` is {status}; create its next edition with `revises` and change that one."
    zh = "模板“{template}”第 {edition} 版处于“{status}”状态；请用 `revises` 新建下一版后再修改。"


class TemplateRefused(Conflict):
    """A project cannot be opened from it; ``errors`` says which places of the content are why."""

    code = "template_refused"
    title, title_zh = "Template refused", "模板内容不成立"
    en = "No project can be opened from the template: it cannot be so in {count} place(s)."
    zh = "无法按该模板立项：模板内容有 {count} 处不成立。"
