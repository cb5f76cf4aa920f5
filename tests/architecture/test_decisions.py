"""Decisions are numbered one by one, and each says what they all say."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "adr"
PARTS = ("Context", "Decision", "Consequences", "Alternatives", "Enforced by")


def test_numbers_follow_each_other_and_stand_in_the_title() -> None:
    files = sorted(FOLDER.glob("*.md"))
    assert [file.name[:5] for file in files] == [f"{number:04}-" for number in range(1, len(files) + 1)]
    titles = {file.name: file.read_text(encoding="utf-8").splitlines()[0] for file in files}
    assert {name: title for name, title in titles.items() if not title.startswith(f"# {name[:4]}")} == {}


def test_all_are_in_the_index() -> None:
    first, *others = sorted(FOLDER.glob("*.md"))
    index = first.read_text(encoding="utf-8")
    assert [file.name for file in others if f"]({file.name})" not in index] == []


def test_each_decision_has_all_parts() -> None:
    texts = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")}
    assert {name: part for name, text in texts.items() for part in PARTS if f"**{part}" not in text} == {}
