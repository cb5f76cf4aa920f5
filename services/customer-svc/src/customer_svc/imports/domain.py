"""Rules of imports: their life, and when they can be mapped, run and undone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.imports.v1 import ImportColumn, ImportMapping, ImportStatus, MatchRule
from crm_platform import currencies
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from customer_svc.imports.errors import MappingNotPossible

NOUN = Words("import", "导入")

_S = ImportStatus

LIFE_CYCLE: StateMachine[ImportStatus] = StateMachine(
    what=NOUN,
    initial=_S.UPLOADING,
    transitions={
        (_S.UPLOADING, "upload"): _S.UPLOADED,
        (_S.UPLOADED, "map"): _S.MAPPED,
        (_S.MAPPED, "map"): _S.MAPPED,
        (_S.STOPPED, "map"): _S.STOPPED,
        (_S.MAPPED, "check"): _S.MAPPED,
        (_S.STOPPED, "check"): _S.STOPPED,
        (_S.FINISHED, "check"): _S.FINISHED,
        (_S.UNDONE, "check"): _S.UNDONE,
        (_S.MAPPED, "run"): _S.RUNNING,
        (_S.STOPPED, "run"): _S.RUNNING,
        (_S.FINISHED, "run"): _S.RUNNING,
        (_S.UNDONE, "run"): _S.RUNNING,
        (_S.RUNNING, "finish"): _S.FINISHED,
        (_S.RUNNING, "stop"): _S.STOPPED,
        (_S.STOPPED, "undo"): _S.UNDOING,
        (_S.FINISHED, "undo"): _S.UNDOING,
        (_S.UNDOING, "finish"): _S.UNDONE,
        (_S.UNDOING, "stop"): _S.STOPPED,
    },
)


class Import(OwnedState):
    """A file whose rows become customers."""

    file_name: str
    status: ImportStatus = LIFE_CYCLE.initial
    format: str | None = None
    size: int | None = None
    sha256: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)
    columns: tuple[ImportColumn, ...] = ()
    mapping: ImportMapping | None = None
    check_id: UUID | None = None
    run_ids: tuple[UUID, ...] = ()
    undo_id: UUID | None = None
    counters: dict[str, int] = Field(default_factory=dict)

    @property
    def object_name(self) -> str:
        """Under which name its file is kept."""
        return f"imports/{self.id}/source"

    def moved(self, action: str, **changes: Any) -> "Import":
        """The import after ``action``, with further ``changes``.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, action), **changes)

    def mapped(self, mapping: ImportMapping, fields: Mapping[str, bool]) -> "Import":
        """The import under a new mapping.

        Args:
            mapping: Which column goes where.
            fields: The names of all fields, and whether several columns may go into one.

        Raises:
            InvalidTransition: It is under way, or not uploaded yet.
            MappingNotPossible: The mapping names what there is not, or leaves out what has to be there.
        """
        after = self.moved("map", mapping=mapping)
        _check_columns(mapping, {column.name for column in self.columns}, fields)
        targets = _targets(mapping)
        if not targets & _NEEDS[MatchRule.NAME] and mapping.mode != "update":
            raise MappingNotPossible(message=_NO_NAME)
        if targets & {"external_id", "parent_external_id"} and mapping.system is None:
            raise MappingNotPossible(message=_NO_SYSTEM)
        if mapping.mode == "update" and not usable_rules(mapping):
            raise MappingNotPossible(message=_NO_RULE)
        return after


_NO_NAME = Words("no column is mapped to `name`", "没有列映射到 name（客户名称）")
_NO_SYSTEM = Words("`external_id` needs `system`: whose ids they are", "external_id 需要指定 system（所属系统）")
_NO_RULE = Words("no rule of `match_by` has a mapped column", "match_by 中没有任何规则对应已映射的列")
_NEEDS = {
    MatchRule.EXTERNAL_ID: {"external_id"},
    MatchRule.REGISTRATION_ID: {"registration_id"},
    MatchRule.EMAIL: {"email"},
    MatchRule.PHONE: {"phone"},
    MatchRule.NAME: {"name", "given_name", "family_name"},
}
"""Of which fields one has to be mapped, that a rule can be used."""


def _targets(mapping: ImportMapping) -> set[str]:
    return {one.field for one in mapping.columns} | mapping.constants.keys()


def usable_rules(mapping: ImportMapping) -> tuple[MatchRule, ...]:
    """The rules for which there is a column; ids of other systems always count, as no two customers share one."""
    targets = {one.field for one in mapping.columns}
    return tuple(rule for rule in dict.fromkeys((MatchRule.EXTERNAL_ID, *mapping.match_by)) if _NEEDS[rule] & targets)


def _check_field(name: str, fields: Mapping[str, bool]) -> None:
    if name not in fields:
        raise MappingNotPossible(message=Words(f"there is no field `{name}`", f"没有字段“{name}”"))


def _of_column(column: str, words: Words) -> Words:
    return Words(f"column `{column}`: {words.en}", f"列“{column}”：{words.zh}")


def _check_columns(mapping: ImportMapping, known: set[str], fields: Mapping[str, bool]) -> None:
    seen: set[str] = set()
    for name in mapping.constants:
        _check_field(name, fields)
    for one in mapping.columns:
        for column in (one.column, *one.join_with):
            if column not in known:
                raise MappingNotPossible(message=Words(f"the file has no column `{column}`", f"文件中没有列“{column}”"))
        if one.take == 0:
            raise MappingNotPossible(
                message=Words("`take` counts from 1, or from -1 at the end", "take 从 1 开始，或从末尾 -1 开始")
            )
        _check_field(one.field, fields)
        unlisted = None if one.currency is None else currencies.unlisted(one.currency)
        if unlisted is not None:
            raise MappingNotPossible(message=_of_column(one.column, unlisted))
        if one.field in seen and not fields[one.field]:
            text = f"several columns are mapped to `{one.field}`, which takes one"
            raise MappingNotPossible(message=Words(text, f"多列映射到“{one.field}”，但该字段只能对应一列"))
        seen.add(one.field)
