"""The built-in templates. A project copies what it needs, so a later version changes no running project."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from crm_contracts.project.v1 import RiskCategory
from crm_platform.words import Words

Language = Literal["en", "zh"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


def language_of(*texts: str) -> Language:
    """`zh` where one of the texts contains a Chinese character."""
    return "zh" if any(_HAN.search(text) for text in texts) else "en"


class TemplateCode(StrEnum):
    """What kind of project it is."""

    IMPLEMENTATION = "implementation"
    CONSULTING = "consulting"
    TRAINING = "training"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDeliverable:
    """Something that is handed to the customer, days after the project's start."""

    name: Words
    due_after_days: int
    acceptance_criteria: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRisk:
    """What usually goes wrong; probability and impact from 1 to 5."""

    title: Words
    category: RiskCategory
    probability: int
    impact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTemplate:
    """What a project of a kind starts with."""

    code: TemplateCode
    version: int
    name: Words
    deliverables: tuple[TemplateDeliverable, ...]
    risks: tuple[TemplateRisk, ...]

    @property
    def duration_days(self) -> int:
        """Days from the start until the last deliverable is due."""
        return max(deliverable.due_after_days for deliverable in self.deliverables)


_IMPLEMENTATION = ProjectTemplate(
    code=TemplateCode.IMPLEMENTATION,
    version=1,
    name=Words("Implementation", "实施项目"),
    deliverables=(
        TemplateDeliverable(
            name=Words("Requirements and implementation plan", "需求说明书与实施计划"),
            due_after_days=14,
            acceptance_criteria=(
                Words("Every requirement has a priority and an owner", "每项需求均有优先级和负责人"),
                Words("The customer has signed the plan", "客户已签字确认实施计划"),
            ),
        ),
        TemplateDeliverable(
            name=Words("System set up with the customer's data", "系统部署与客户数据迁移"),
            due_after_days=45,
            acceptance_criteria=(
                Words("The agreed functions pass the customer's tests", "约定功能通过客户测试"),
                Words("Migrated records agree with the source", "迁移数据与源数据核对一致"),
            ),
        ),
        TemplateDeliverable(
            name=Words("Training and go-live", "培训与上线"),
            due_after_days=60,
            acceptance_criteria=(
                Words("All named users are trained", "全部指定用户完成培训"),
                Words("Five working days in use without a critical defect", "上线后连续五个工作日无严重缺陷"),
            ),
        ),
    ),
    risks=(
        TemplateRisk(
            title=Words("Requirements change after they were signed", "需求在确认后发生变更"),
            category=RiskCategory.REQUIREMENT,
            probability=3,
            impact=3,
        ),
        TemplateRisk(
            title=Words("The customer's people are not available in time", "客户方人员未能及时配合"),
            category=RiskCategory.SCHEDULE,
            probability=2,
            impact=4,
        ),
    ),
)

_CONSULTING = ProjectTemplate(
    code=TemplateCode.CONSULTING,
    version=1,
    name=Words("Consulting", "咨询项目"),
    deliverables=(
        TemplateDeliverable(
            name=Words("Assessment of the present state", "现状评估报告"),
            due_after_days=21,
            acceptance_criteria=(
                Words("All agreed departments were interviewed", "约定部门均已完成访谈"),
                Words("The customer confirms the findings", "客户确认评估结论"),
            ),
        ),
        TemplateDeliverable(
            name=Words("Recommendations and roadmap", "改进建议与路线图"),
            due_after_days=42,
            acceptance_criteria=(
                Words("Each recommendation states cost and benefit", "每项建议均说明成本与收益"),
                Words("The roadmap was presented to the management", "路线图已向管理层汇报"),
            ),
        ),
    ),
    risks=(
        TemplateRisk(
            title=Words("Interview partners hold information back", "受访人员提供信息不完整"),
            category=RiskCategory.PEOPLE,
            probability=3,
            impact=3,
        ),
        TemplateRisk(
            title=Words("The scope grows beyond the contract", "工作范围超出合同约定"),
            category=RiskCategory.CONTRACT,
            probability=2,
            impact=4,
        ),
    ),
)

_TRAINING = ProjectTemplate(
    code=TemplateCode.TRAINING,
    version=1,
    name=Words("Training", "培训项目"),
    deliverables=(
        TemplateDeliverable(
            name=Words("Training plan and material", "培训计划与教材"),
            due_after_days=10,
            acceptance_criteria=(Words("Contents and dates are agreed", "内容与日期已商定"),),
        ),
        TemplateDeliverable(
            name=Words("Training held", "培训实施"),
            due_after_days=30,
            acceptance_criteria=(
                Words("All registered people attended", "全部报名人员参加培训"),
                Words("The average rating is 4 of 5 or better", "五分制平均满意度不低于四分"),
            ),
        ),
    ),
    risks=(
        TemplateRisk(
            title=Words("Too few people take part", "参训人数不足"),
            category=RiskCategory.PEOPLE,
            probability=2,
            impact=3,
        ),
    ),
)

TEMPLATES: Mapping[TemplateCode, ProjectTemplate] = MappingProxyType(
    {template.code: template for template in (_IMPLEMENTATION, _CONSULTING, _TRAINING)}
)
