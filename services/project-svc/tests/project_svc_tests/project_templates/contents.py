"""A content with something of everything."""

from copy import deepcopy
from typing import Any

DAY = 480


_WHOLE: dict[str, Any] = {
    "charter": {"objectives": ["上线"], "risk_threshold": 10, "due_on": {"days": 40, "working": True}},
    "plan": {
        "currency": "CNY",
        "tasks": [
            {"key": "design", "name": "设计"},
            {
                "key": "draft",
                "parent": "design",
                "name": "方案",
                "duration": 5 * DAY,
                "fixed_cost": {"amount": "8000", "currency": "CNY"},
                "needs": [{"skills": ["architecture"]}, {"skills": ["java"], "units": 50}],
            },
            {
                "key": "agreed",
                "parent": "design",
                "name": "评审通过",
                "kind": "milestone",
                "predecessors": [{"task": "draft", "kind": "FS", "lag": DAY}],
            },
            {
                "key": "build",
                "name": "开发",
                "duration": 10 * DAY,
                "predecessors": [{"task": "agreed"}],
                "constraint_kind": "SNET",
                "constraint_at": {"days": 10, "working": True, "minutes": 480},
                "deadline": {"days": 60, "minutes": 1020},
                "needs": [{"skills": ["java"]}, {"skills": ["welding"]}],
                "earning": {"technique": "apportioned_effort", "base_task": "draft"},
            },
        ],
    },
    "deliverables": [
        {"key": "system", "name": "系统", "acceptance_criteria": ["可用"], "due_on": {"days": 30, "working": True}},
        {"name": "手册", "due_on": {"days": 45}, "part_of": "system"},
    ],
    "recurring_deliverables": [
        {"name": "月报", "frequency": "months", "first_due_on": {"days": 31}, "count": 3, "lead_days": 0}
    ],
    "risks": [
        {
            "title": "需求变更",
            "category": "requirement",
            "probability": 3,
            "impact": 4,
            "delay_impact": {"low": 0, "likely": 480, "high": 960},
            "tasks": ["build"],
            "response": "每周评审",
            "strategy": "mitigate",
            "actions": [{"title": "冻结需求", "due_on": {"days": 10, "working": True}}],
            "residual_probability": 2,
            "residual_impact": 3,
        }
    ],
    "quality_gates": [
        {
            "name": "上线评审",
            "kind": "technical",
            "planned_on": {"days": 25, "working": True},
            "task": "agreed",
            "deliverable": "system",
            "checklist": [{"text": "压测通过"}, {"text": "文档齐备", "mandatory": False}],
        }
    ],
    "outcomes": [
        {
            "name": "等待时间",
            "unit": "分钟",
            "direction": "decrease",
            "baseline": "95",
            "target": "35",
            "measure_on": [{"days": 90}, {"days": 180}],
            "review_on": {"days": 365},
        }
    ],
    "monitors": [
        {"name": "响应时间", "metric": "response_time", "bad": "above", "warning": "200", "critical": "500.5"}
    ],
}


def whole() -> dict[str, Any]:
    """A project of two phases from a Monday on: by working days, by the calendar, and by moments."""
    return deepcopy(_WHOLE)
