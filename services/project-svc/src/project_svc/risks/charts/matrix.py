"""The risk matrix as a heat map."""

from crm_contracts.risk.v1 import RiskLevel, ScaleStep
from crm_platform.charts.grid import Cell, heat_map
from crm_platform.words import Words
from project_svc.risk_scales.service import RiskScale
from project_svc.risks.schemas import RiskMatrix, RiskMatrixCell

_COLOURS = {
    RiskLevel.LOW: "#d9f0a3",
    RiskLevel.MEDIUM: "#fee391",
    RiskLevel.HIGH: "#fdae61",
    RiskLevel.CRITICAL: "#d7301f",
}
_LEVELS = {
    RiskLevel.LOW: Words("low", "低"),
    RiskLevel.MEDIUM: Words("medium", "中"),
    RiskLevel.HIGH: Words("high", "高"),
    RiskLevel.CRITICAL: Words("critical", "严重"),
}
_TITLE = Words("Risk matrix", "风险矩阵")
_PROBABILITY, _IMPACT = Words("Probability", "概率"), Words("Impact", "影响")
_HINT = Words("{count} open, score {score}: {level}", "{count} 项未关闭，得分 {score}：{level}")
_SUMMARY = Words(
    "{total} open risks; attention from a score of {threshold}", "{total} 项未关闭风险；得分达到 {threshold} 需关注"
)


def heat_map_of(matrix: RiskMatrix, scale: RiskScale, language: str) -> str:
    """The SVG of a matrix: how many risks stand at each step, in the colour of their level."""
    rows: dict[int, list[Cell]] = {}
    for cell in matrix.cells:
        rows.setdefault(cell.probability, []).append(_cell(cell, language))
    summary = _SUMMARY.into(language).format(total=matrix.total, threshold=matrix.threshold)
    return heat_map(
        f"{_TITLE.into(language)} · {summary}",
        [_name(step, language) for step in scale.impacts],
        [(_name(scale.probabilities[place - 1], language), cells) for place, cells in rows.items()],
        x_label=_IMPACT.into(language),
        y_label=_PROBABILITY.into(language),
        description=summary,
    )


def _cell(cell: RiskMatrixCell, language: str) -> Cell:
    hint = _HINT.into(language).format(count=cell.count, score=cell.score, level=_LEVELS[cell.level].into(language))
    mark = "!" if cell.exceeded and cell.count else ""
    return Cell(_COLOURS[cell.level], f"{cell.count}{mark}" if cell.count else "", hint)


def _name(step: ScaleStep, language: str) -> str:
    return step.name.zh if language.startswith("zh") else step.name.en
