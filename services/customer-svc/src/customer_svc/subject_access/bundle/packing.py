"""What was collected of a person, as one ZIP: a signed manifest, data with their schemas, a summary to read."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson

from crm_platform.audit.certificates import signed
from crm_platform.settings import AuditSettings
from customer_svc.subject_access.bundle.summary import page
from customer_svc.subject_access.service import Collected

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_INDENTED: Final = orjson.OPT_INDENT_2
_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)
"""The time of all files in the ZIP, so that the same content has the same bytes."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the bundle.

    Attributes:
        path: In the ZIP.
        content: Its bytes.
        about: What the manifest says of it.
    """

    path: str
    content: bytes
    about: dict[str, Any]

    @property
    def entry(self) -> dict[str, Any]:
        """Its entry in the manifest."""
        digest = sha256(self.content).hexdigest()
        return {"path": self.path, **self.about, "bytes": len(self.content), "sha256": digest}


def packed(collected: Collected, tenant_id: UUID, settings: AuditSettings, service: str) -> bytes:
    """The bundle; its manifest is signed with the key of the audit checkpoints of ``service``."""
    sections = {name: joined(pieces) for name, pieces in collected.sections.items()}
    files = [*_data(sections), *_summaries(collected, sections)]
    manifest = _manifest(collected, tenant_id, files)
    document = orjson.dumps(signed(manifest, settings, service), option=_INDENTED)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in [("manifest.json", document), *((file.path, file.content) for file in files)]:
            archive.writestr(zipfile.ZipInfo(path, _ALWAYS), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def joined(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sections of which each is whole again."""
    whole: dict[tuple[str, str], dict[str, Any]] = {}
    for piece in pieces:
        key = piece["record"], piece["source"]
        before = whole.get(key)
        whole[key] = piece if before is None else before | {"items": before["items"] + piece["items"]}
    return list(whole.values())


def _data(sections: dict[str, list[dict[str, Any]]]) -> Iterator[File]:
    for service, found in sections.items():
        for one in found:
            if one["withheld"]:
                continue
            name = f"{service}/{one['source']}.json"
            about = {"record": one["record"], "title": one["title"]}
            told = about | {"records": len(one["items"]), "left_out": one["left_out"], "schema": f"schemas/{name}"}
            yield File(f"data/{name}", orjson.dumps(one["items"], option=_INDENTED), told)
            yield File(f"schemas/{name}", orjson.dumps(_schema(one), option=_INDENTED), about)


def _schema(section: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of the file with the section's records."""
    of_one = dict(section["schema"])
    definitions = of_one.pop("$defs", {})
    title = section["title"]
    return {
        "$schema": _DIALECT,
        "title": f"{title['en']} / {title['zh']}",
        "type": "array",
        "items": of_one,
        **({"$defs": definitions} if definitions else {}),
    }


def _summaries(collected: Collected, sections: dict[str, list[dict[str, Any]]]) -> Iterator[File]:
    for language in ("en", "zh"):
        content = page(collected.request, sections, language).encode()
        yield File(f"summary.{language}.html", content, {"language": language})


def _manifest(collected: Collected, tenant_id: UUID, files: list[File]) -> dict[str, Any]:
    request = collected.request.model_dump(
        mode="json",
        include={"subject_kind", "subject_id", "requester", "reference", "created_at", "created_by", "ready_at"},
    )
    parts = [part.model_dump(mode="json") for part in collected.request.parts]
    return {
        "kind": "bundle of personal data",
        "format": 1,
        "tenant_id": str(tenant_id),
        "request_id": str(collected.request.id),
        **request,
        "given_out_at": collected.at.isoformat(),
        "services": parts,
        "files": [file.entry for file in files],
    }
