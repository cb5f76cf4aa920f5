"""The ready-made checklists. A gate copies its checklist, so a later version changes no gate that is planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crm_contracts.control.v1 import GateKind
from crm_platform.words import Words


@dataclass(frozen=True, slots=True)
class ReadyMadeItem:
    """Something that gates of a kind usually ask for."""

    text: Words
    mandatory: bool = True


_TECHNICAL = (
    ReadyMadeItem(
        Words("Every requirement in scope is implemented and traced to a test", "范围内的需求均已实现并可追溯到测试")
    ),
    ReadyMadeItem(
        Words("All planned tests are carried out; no critical defect is open", "计划的测试全部执行，无未关闭的严重缺陷")
    ),
    ReadyMadeItem(Words("Response times and load meet what was agreed", "响应时间与负载达到约定指标")),
    ReadyMadeItem(Words("Security scan and rights are checked", "已完成安全扫描与权限核查")),
    ReadyMadeItem(Words("Backup and restore were tried", "已演练备份与恢复")),
    ReadyMadeItem(Words("Going back to the version before is prepared", "回退到上一版本的方案已就绪")),
    ReadyMadeItem(
        Words("Operations manual and architecture documents are up to date", "运维手册与架构文档已更新"),
        mandatory=False,
    ),
)
_DATA = (
    ReadyMadeItem(
        Words("Record counts and sums agree between source and target", "源系统与目标系统的记录数和合计数一致")
    ),
    ReadyMadeItem(Words("Mandatory fields are complete", "必填字段完整")),
    ReadyMadeItem(Words("Duplicates are found and merged", "重复数据已查出并合并")),
    ReadyMadeItem(Words("A sample was compared with the originals", "已抽样与原始资料比对")),
    ReadyMadeItem(
        Words("Personal data has a lawful basis and is masked where it must be", "个人信息处理有合法依据，并按要求脱敏")
    ),
    ReadyMadeItem(Words("What was cleaned or rejected is recorded", "清洗与剔除的数据均有记录")),
    ReadyMadeItem(Words("The source data is kept until acceptance", "验收前保留源数据"), mandatory=False),
)
_USER_REVIEW = (
    ReadyMadeItem(Words("Users of every role took part", "各角色用户均参与评审")),
    ReadyMadeItem(Words("The acceptance scenarios were carried out by users", "用户已执行验收场景")),
    ReadyMadeItem(Words("Every acceptance criterion is met", "验收标准全部满足")),
    ReadyMadeItem(Words("Users can do their work without help after training", "培训后用户可独立完成工作")),
    ReadyMadeItem(Words("What users asked for is recorded and decided on", "用户意见均已记录并有处理结论")),
    ReadyMadeItem(Words("User manual is handed over", "用户手册已移交"), mandatory=False),
)

CHECKLISTS: Mapping[GateKind, tuple[ReadyMadeItem, ...]] = MappingProxyType(
    {GateKind.TECHNICAL: _TECHNICAL, GateKind.DATA: _DATA, GateKind.USER_REVIEW: _USER_REVIEW}
)
"""By kind of gate."""
