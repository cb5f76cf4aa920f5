"""The partner's import script says in one sentence what is wrong with a file, before it sends anything."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from partner_import.import_csv import BadRow, Sheet
from tools.layout import ROOT

SCRIPT = ROOT / "examples" / "partner_import" / "import_csv.py"
MAPPING = """
system = "x"
[[load]]
name = "customers"
file = "accounts.csv"
key = "account"
endpoint = "/api/v1/customers/batch"
[load.fields]
name = { template = "{account} {town}" }
industry = { column = "sector" }
"""
GOOD = "account,sector,town\n观心,software,上海\n"


def run_import(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Without a key: whatever got as far as sending would ask for one."""
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    command = [sys.executable, str(SCRIPT), "--mapping", str(folder / "mapping.toml"), "--data", str(folder), *options]
    environment = {name: value for name, value in os.environ.items() if name != "CRM_API_KEY"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "{file}: No such file or directory"),
        (b"", "{file} is not a CSV file with a header"),
        (b'account,sector,town\n"a', "{file} is not a CSV file with a header"),
        (GOOD.encode("gb18030"), "{file} is not UTF-8; save it so, or say what it is by --encoding gb18030"),
        (b"account,town\n", "{file} has no column sector; it has account, town"),
        (b"account,sector\n", "{file} has no column town; it has account, sector"),
        (b"account,sector,town,sector\n", "{file} has more than one column sector"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named_with_the_reason(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "accounts.csv"
    if content is not None:
        file.write_bytes(content)

    done = run_import(tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{sentence.format(file=file)}; nothing was loaded.\n"


@pytest.mark.parametrize("encode", [lambda text: text.encode("utf-8-sig"), str.encode], ids=["with mark", "without"])
def test_files_in_utf_8_are_read_with_and_without_its_mark(tmp_path: Path, encode: Callable[[str], bytes]) -> None:
    (tmp_path / "accounts.csv").write_bytes(encode(GOOD))

    assert run_import(tmp_path, "--check").returncode == 0
    assert run_import(tmp_path).stderr == "Set CRM_API_KEY to an API key of the CRM.\n"


def test_other_encodings_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_bytes(GOOD.encode("gb18030"))

    assert run_import(tmp_path, "--check", "--encoding", "gb18030").returncode == 0
    assert run_import(tmp_path, "--check", "--encoding", "x").stderr == "unknown encoding: x; nothing was loaded.\n"


def test_a_row_with_too_few_or_too_many_cells_is_bad_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n1,2\n3\n\n"4\n5",6\n7,8,9\n1,0\n', encoding="utf-8")

    rows = list(Sheet(tmp_path / "a.csv", "utf-8").rows("a"))

    good = [(number, row) for number, row in rows if isinstance(row, dict)]
    assert good == [(2, {"a": "1", "b": "2"}), (5, {"a": "4\n5", "b": "6"})]
    assert [(number, str(row)) for number, row in rows if isinstance(row, BadRow)] == [
        (3, "it has 1 cells, and the header 2"),
        (6, "it has 3 cells, and the header 2"),
    ]
