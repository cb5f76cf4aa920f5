"""Load a company's CSV files into the CRM, as a partner's script would: over the public REST API, with an API key.

    python import_csv.py --mapping maven.toml --data FOLDER --url http://127.0.0.1:8080

The key is read from the environment variable ``CRM_API_KEY``. The mapping file says which column of which file goes
where (see ``README.md``). Rows that do not fit are reported one by one and the rest goes on; a second run changes
nothing, because every record is matched by its id in the company's own files.
"""

import argparse
import csv
import os
import re
import sys
import threading
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path
from typing import Any

import httpx

BATCH = 500
ATTEMPTS = 8


class BadRow(ValueError):
    """A row that cannot be turned into a record."""


class Unusable(Exception):
    """A file that cannot be loaded at all; nothing has been sent then."""


class Waiting(Exception):
    """A row that refers to a record which is not there yet."""


@dataclass
class Tally:
    """What became of the rows of one file."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)

    def __str__(self) -> str:
        """One line for people."""
        parts = f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"
        return f"{parts}, {len(self.failed)} failed"


class MappingFile:
    """The mapping file: loads in order, and tables of values."""

    def __init__(self, path: Path) -> None:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        self.system: str = content["system"]
        self.loads: list[dict[str, Any]] = content["load"]
        self.values: dict[str, dict[str, str]] = content.get("values", {})

    def columns(self, file: str) -> set[str]:
        """The columns of ``file`` that the loads use."""
        used: set[str] = set()
        for load in self.loads:
            if load["file"] == file:
                used |= {load["key"], *([load["distinct"]] if "distinct" in load else [])}
                for rule in load["fields"].values():
                    used |= {rule["column"]} if "column" in rule else set()
                    used |= set(re.findall(r"\{(\w+)\}", rule.get("template", "")))
        return used


class Sheet:
    """One CSV file, as it is read before anything is sent."""

    def __init__(self, path: Path, encoding: str) -> None:
        """Read all of it.

        Raises:
            Unusable: The file is missing, is not a table, or is written in another encoding.
        """
        try:
            text = path.read_bytes().decode(encoding)
        except OSError as error:
            raise Unusable(f"{path}: {error.strerror}") from error
        except UnicodeError as error:
            found = encoding.removesuffix("-sig").upper()
            raise Unusable(f"{path} is not {found}; save it so, or say what it is by --encoding gb18030") from error
        try:
            self.header, *self._rows = csv.reader(StringIO(text, newline=""), strict=True)
        except (csv.Error, ValueError) as error:
            raise Unusable(f"{path} is not a CSV file with a header") from error
        self._path = path

    def expect(self, columns: set[str]) -> None:
        """Check that there is each of ``columns``, and once.

        Raises:
            Unusable: That is not so.
        """
        missing = sorted(columns - set(self.header))
        if missing:
            raise Unusable(f"{self._path} has no column {', '.join(missing)}; it has {', '.join(self.header)}")
        twice = sorted({name for name in self.header if self.header.count(name) > 1 and name in columns})
        if twice:
            raise Unusable(f"{self._path} has more than one column {', '.join(twice)}")

    def rows(self, distinct: str | None) -> Iterator[tuple[int, dict[str, str] | BadRow]]:
        """Numbered rows (the header is row 1); with ``distinct`` only the first of each value."""
        seen: set[str] = set()
        for number, cells in enumerate(self._rows, 2):
            if not cells:
                continue
            if len(cells) != len(self.header):
                yield number, BadRow(f"it has {len(cells)} cells, and the header {len(self.header)}")
                continue
            row = dict(zip(self.header, cells, strict=True))
            if distinct is None or row[distinct] not in seen:
                seen.add(row[distinct] if distinct else "")
                yield number, row


class Records:
    """Turns rows into records, and remembers which id each became."""

    def __init__(self, mapping: MappingFile) -> None:
        self._mapping = mapping
        self.ids: dict[str, dict[str, str]] = {}

    def record(self, row: Mapping[str, str], fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The JSON record of one row; empty cells are left out.

        Raises:
            BadRow: A cell cannot be read.
            Waiting: It refers to a record that was not loaded yet.
        """
        record: dict[str, Any] = {}
        for target, rule in fields.items():
            value = self._value(row, rule)
            if value is None:
                continue
            *path, last = target.split(".")
            place = record
            for step in path:
                place = place.setdefault(step, {})
            place[last] = value
        return record

    def _value(self, row: Mapping[str, str], rule: Mapping[str, Any]) -> Any:
        if "const" in rule:
            return rule["const"]
        text = self._text(row, rule)
        if not text:
            return None
        if "lookup" in rule:
            return self._lookup(text, rule)
        try:
            return self._typed(text, rule)
        except (ValueError, InvalidOperation) as error:
            raise BadRow(f"{rule.get('column', 'template')}: {text!r} is not a {rule['type']}") from error

    def _text(self, row: Mapping[str, str], rule: Mapping[str, Any]) -> str:
        if "template" in rule:
            found = [row[name] for name in re.findall(r"\{(\w+)\}", rule["template"])]
            if not all(found):
                return ""
            text = rule["template"].format_map(row)
        else:
            text = row[rule["column"]].strip()
        text = self._mapping.values.get(rule.get("values", ""), {}).get(text, text)
        return _slug(text) if rule.get("slug") else text

    def _lookup(self, text: str, rule: Mapping[str, Any]) -> str:
        known = self.ids.get(rule["lookup"], {})
        if text in known:
            return known[text]
        if rule.get("strict"):
            raise BadRow(f"{rule['column']}: there is no {text!r} in {rule['lookup']}")
        raise Waiting(f"{rule['column']}: there is no {text!r} in {rule['lookup']}")

    def _typed(self, text: str, rule: Mapping[str, Any]) -> Any:
        kind = rule.get("type", "text")
        if kind == "int":
            return int(text)
        if kind == "date":
            return datetime.strptime(text, rule["format"]).date().isoformat()  # noqa: DTZ007  (a day, no time)
        if kind == "money":
            amount = Decimal(text) * Decimal(str(rule.get("scale", 1)))
            return {"amount": format(amount, "f"), "currency": rule["currency"]}
        if kind == "ref":
            return [{"system": self._mapping.system, "external_id": text}]
        if kind == "list":
            return [text]
        return text


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or text.encode().hex()
    local, at, domain = plain.partition("@")
    return re.sub(r"[^a-z0-9]+", ".", local.lower()).strip(".") + at + domain


class Importer:
    """Sends records to the batch endpoints."""

    def __init__(self, url: str, key: str, mapping: MappingFile, sheets: Mapping[str, Sheet]) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )
        self._mapping = mapping
        self._sheets = sheets
        self._records = Records(mapping)

    def run(self, progress: Any) -> dict[str, Tally]:
        """Load everything in the order of the mapping file."""
        tallies = {}
        with self._client:
            for load in self._mapping.loads:
                tally = Tally()
                self._load(load, tally, progress)
                tallies[load["name"]] = tally
        return tallies

    def _load(self, load: Mapping[str, Any], tally: Tally, progress: Any) -> None:
        """Load one file; rows that wait for others of the same file get another turn."""
        read = list(self._sheets[load["file"]].rows(load.get("distinct")))
        tally.failed.extend((number, str(row)) for number, row in read if isinstance(row, BadRow))
        waiting, total = [(number, row) for number, row in read if isinstance(row, dict)], len(read)
        while waiting:
            ready: list[tuple[int, str, dict[str, Any]]] = []
            later: list[tuple[int, dict[str, str]]] = []
            reasons: dict[int, str] = {}
            for number, row in waiting:
                try:
                    ready.append((number, row[load["key"]], self._records.record(row, load["fields"])))
                except Waiting as reason:
                    later.append((number, row))
                    reasons[number] = str(reason)
                except BadRow as reason:
                    tally.failed.append((number, str(reason)))
            if not ready:
                tally.failed.extend(reasons.items())
                return
            for start in range(0, len(ready), BATCH):
                self._send(load, ready[start : start + BATCH], tally)
                done = tally.created + tally.updated + tally.unchanged + len(tally.failed)
                progress(load["name"], done, total)
            waiting = later

    def _send(self, load: Mapping[str, Any], rows: list[tuple[int, str, dict[str, Any]]], tally: Tally) -> None:
        body = {"items": [record for _, _, record in rows], "mode": "upsert"}
        answer = self._post(load["endpoint"], body)
        ids = self._records.ids.setdefault(load.get("as", load["name"]), {})
        for (number, key, _), result in zip(rows, answer["results"], strict=True):
            if result["status"] == "failed":
                tally.failed.append((number, _explain(result["problem"])))
                continue
            setattr(tally, result["status"], getattr(tally, result["status"]) + 1)
            ids[key] = result["id"]

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a batch; what failed for a passing reason is sent again, which upserting makes harmless."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._client.post(path, json=body)
            except httpx.TransportError as error:
                if attempt == ATTEMPTS:
                    raise SystemExit(f"{path}: no answer ({error})") from error
                _pause(attempt)
                continue
            if answer.status_code in {429, 502, 503, 504} and attempt < ATTEMPTS:
                _pause(float(answer.headers.get("retry-after", attempt)))
                continue
            if answer.status_code != 200:  # noqa: PLR2004
                raise SystemExit(f"{path}: {answer.status_code} {answer.text[:500]}")
            result: dict[str, Any] = answer.json()
            return result
        raise AssertionError


def _pause(seconds: float) -> None:
    threading.Event().wait(min(seconds, 10))


def read_sheets(mapping: MappingFile, folder: Path, encoding: str) -> dict[str, Sheet]:
    """The files that the mapping names.

    Raises:
        Unusable: One of them cannot be loaded.
    """
    sheets = {}
    for name in dict.fromkeys(load["file"] for load in mapping.loads):
        sheets[name] = Sheet(folder / name, encoding)
        sheets[name].expect(mapping.columns(name))
    return sheets


def _explain(problem: Mapping[str, Any]) -> str:
    places = [f"{error['pointer']}: {error['detail']}" for error in problem.get("errors", ())]
    return "; ".join(places) or str(problem["detail"])


def _report(tallies: Mapping[str, Tally], loads: Iterable[Mapping[str, Any]], target: Path | None) -> None:
    files = {load["name"]: load["file"] for load in loads}
    for name, tally in tallies.items():
        print(f"{name}: {tally}")
        for number, reason in sorted(tally.failed)[:20]:
            print(f"  {files[name]} row {number}: {reason}")
    if target is not None:
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["load", "file", "row", "reason"])
            for name, tally in tallies.items():
                writer.writerows([name, files[name], number, reason] for number, reason in sorted(tally.failed))


def main() -> int:
    """Entry point; the exit code is 1 when rows failed, and 2 when nothing could be loaded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mapping", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the CSV files")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="address of the gateway")
    parser.add_argument("--errors", type=Path, help="write the rows that failed to this CSV file")
    parser.add_argument("--encoding", default="utf-8-sig", help="of the CSV files, such as gb18030 (UTF-8 by default)")
    parser.add_argument("--check", action="store_true", help="look at the files, and send nothing")
    parser.add_argument("--quiet", action="store_true", help="no progress lines")
    options = parser.parse_args()
    mapping = MappingFile(options.mapping)
    try:
        sheets = read_sheets(mapping, options.data, options.encoding)
    except (Unusable, LookupError) as error:
        print(f"{error}; nothing was loaded.", file=sys.stderr)
        return 2
    if options.check:
        return 0
    key = os.environ.get("CRM_API_KEY")
    if not key:
        print("Set CRM_API_KEY to an API key of the CRM.", file=sys.stderr)
        return 2

    def progress(name: str, done: int, total: int) -> None:
        if not options.quiet:
            print(f"progress {name} {done}/{total}", flush=True)

    tallies = Importer(options.url, key, mapping, sheets).run(progress)
    _report(tallies, mapping.loads, options.errors)
    return 1 if any(tally.failed for tally in tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
