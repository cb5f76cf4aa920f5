"""A file that is read in portions says the same as one that is read at once."""

import sys
from pathlib import Path

import pytest

from crm_contracts.imports.v1 import ImportMapping
from customer_svc.imports.rows.reading import Portion, portion
from customer_svc_tests.imports.support import as_csv, mapping

MAPPING = ImportMapping.model_validate(mapping())


def read(path: Path, size: int, mapping: ImportMapping = MAPPING) -> list[Portion]:
    found = [portion(str(path), {}, mapping, None, size)]
    while not found[-1].is_last:
        found.append(portion(str(path), {}, mapping, found[-1].mark, size))
    return found


def written(folder: Path, rows: int) -> Path:
    path = folder / "file.csv"
    cells = ["", "13800138000", "", "上海", "12", "a", ""]
    path.write_bytes(as_csv([[f"K-{number}", f"第 {number} 公司", *cells] for number in range(1, rows + 1)]))
    return path


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
def test_no_row_is_lost_or_read_twice(tmp_path: Path, size: int) -> None:
    found = read(written(tmp_path, 6), size)

    drafts = [draft for one in found for draft in one.drafts]
    assert [draft.number for draft in drafts] == [2, 3, 4, 5, 6, 7]
    assert [draft.customer and draft.customer.name for draft in drafts] == [f"第 {n} 公司" for n in range(1, 7)]
    assert {len(one.drafts) for one in found[:-1]} <= {size}
    assert {draft.customer and (draft.customer.phone, draft.customer.grade) for draft in drafts} == {
        ("+8613800138000", "A")
    }


def test_a_file_has_more_portions_than_calls_may_nest(tmp_path: Path) -> None:
    rows = sys.getrecursionlimit() + 100

    assert sum(len(one.drafts) for one in read(written(tmp_path, rows), 1)) == rows


def test_another_mapping_goes_on_where_one_has_stopped(tmp_path: Path) -> None:
    path = written(tmp_path, 3)
    first = portion(str(path), {}, MAPPING, None, 1)
    named = ImportMapping.model_validate(mapping({"公司名称": "short_name", "编号": "name"}))
    (rest,) = [portion(str(path), {}, named, first.mark, 5)]

    assert [draft.customer and (draft.customer.name, draft.customer.short_name) for draft in rest.drafts] == [
        ("K-2", "第 2 公司"),
        ("K-3", "第 3 公司"),
    ]
