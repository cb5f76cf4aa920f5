"""The ZIP package of a workbook, read without trust in what it says about itself."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers import expat

from crm_platform.files.problems import Place, UnreadableFile
from crm_platform.files.rows import Limits

BLOCK = 1 << 16
_SMALL_PART = 16 << 20
"""Bytes of a part that is read as a whole (workbook, styles, relations)."""
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How a compound file begins: Excel 97–2003, or a workbook that is encrypted with a password."""
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """The parts of a workbook.

    Args:
        source: The file, open for reading bytes, seekable.
        limits: How much it may hold when unpacked; counted as it is read, whatever its directory says.

    Raises:
        UnreadableFile: It is no ZIP file, or has too many parts.
    """

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        source.seek(0)
        if source.read(len(_OLE)) == _OLE:
            raise UnreadableFile("legacy_workbook")
        try:
            self._zip = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise UnreadableFile("damaged", part="ZIP") from None
        if len(self._zip.namelist()) > limits.parts:
            raise UnreadableFile("too_many_parts", limit=limits.parts)
        self._limit = limits.unpacked_bytes
        # Names are compared without case (ECMA-376 part 2, 6.2.2.3).
        self._names = {name.lower().lstrip("/"): name for name in self._zip.namelist()}

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._names

    def blocks(self, part: str) -> Iterator[bytes]:
        """The content of a part, unpacked block by block.

        Raises:
            UnreadableFile: It is missing, damaged, encrypted, or larger than the file may be.
        """
        read = 0
        try:
            with self._zip.open(self._names[part.lower()]) as opened:
                while block := opened.read(BLOCK):
                    read += len(block)
                    if read > self._limit:
                        raise UnreadableFile("bomb", limit=self._limit)
                    yield block
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError):
            raise UnreadableFile("damaged", part=part) from None

    def tree(self, part: str) -> Element:
        """A small part as a tree of elements.

        Raises:
            UnreadableFile: It is not well-formed, larger than such a part can be, or has a document type.
        """
        parser = XMLParser(target=TreeBuilder())  # noqa: S314 - behind a Guard
        guard, read = Guard(part), 0
        try:
            for block in self.blocks(part):
                guard.feed(block)
                parser.feed(block)
                read += len(block)
                if read > _SMALL_PART:
                    raise UnreadableFile("bomb", limit=_SMALL_PART)
            root: Element = parser.close()
        except (ParseError, expat.ExpatError):
            raise UnreadableFile("damaged", part=part) from None
        return root

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part (``""``: the package) refers to: the last word of the relation's type and the part, by id."""
        folder, name = posixpath.split(part)
        place = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(place):
            return {}
        return {
            one.get("Id", ""): (one.get("Type", "").rpartition("/")[2], _resolved(folder, one.get("Target", "")))
            for one in self.tree(place).iter(_RELATIONS)
            if one.get("TargetMode") != "External"
        }

    def related(self, part: str, kind: str) -> str | None:
        """The part of that kind that ``part`` refers to."""
        return next((target for found, target in self.relations(part).values() if found == kind), None)


class Guard:
    """Refuses a document type definition, and with it all entities, before any of them is expanded.

    It looks at the prolog only: after the root element has begun, there can be no definition any more.
    """

    def __init__(self, part: str) -> None:
        self._part = part
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._begun
        self._has_begun = False

    def feed(self, block: bytes) -> None:
        """Look at the next block.

        Raises:
            UnreadableFile: There is a definition.
        """
        if self._has_begun:
            return
        self._parser.Parse(block)

    def _refuse(self, *_: object) -> None:
        raise UnreadableFile("dtd", Place(), part=self._part)

    def _begun(self, *_: object) -> None:
        self._has_begun = True


def local(element: Element) -> str:
    """The name of an element without its namespace: strict and transitional workbooks differ in nothing else."""
    return element.tag.rpartition("}")[2]


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(folder, target))
