"""XML from strangers, element by element: nothing is expanded, loaded or fetched, and nothing is deep.

A document type declaration is refused altogether, since files of this kind have none and every known attack by
entities needs one. libxml2 itself bounds depth (256) and the size of a text (10 MB) as long as it is not told that
trees may be huge.
"""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from crm_platform.words import Words
from project_svc.exchange.mspdi.values import MspdiError, Problem

_ROOT = "Project"


def elements(source: BinaryIO, names: frozenset[str]) -> Iterator[tuple[str, etree._Element]]:
    """The elements of some names, and the children of the root, in their order; each is emptied after its turn.

    Yields:
        Local name and element, with all of its children if its name is one of ``names``.

    Raises:
        MspdiError: It is no XML, not of this kind, or has a document type declaration.
    """
    context = etree.iterparse(
        source,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from _walk(context, names)
    except etree.XMLSyntaxError as error:
        message = Words(f"is no XML that can be read: {error.msg}", f"不是可读取的 XML：{error.msg}")
        raise MspdiError((Problem(f"line {error.lineno}", message),)) from error


def _walk(
    context: "etree.iterparse[tuple[str, etree._Element]]", names: frozenset[str]
) -> Iterator[tuple[str, etree._Element]]:
    depth, inside = 0, 0
    for event, element in context:
        name = local_name(element)
        if event == "start":
            if not depth:
                _check_root(name, element)
            depth += 1
            inside += name in names
            continue
        depth -= 1
        inside -= name in names
        if inside or not depth:
            continue
        if name in names or depth == 1:
            yield name, element
        element.clear(keep_tail=False)
        _drop_before(element)


def _check_root(name: str, element: etree._Element) -> None:
    if element.getroottree().docinfo.doctype:
        message = Words("a document type declaration is not allowed", "不允许文档类型声明（DTD）")
        raise MspdiError((Problem("DOCTYPE", message),))
    if name != _ROOT:
        message = Words(
            "is no Microsoft Project XML file: its root is not Project",
            "不是 Microsoft Project XML 文件：根元素不是 Project",
        )
        raise MspdiError((Problem(name, message),))


def _drop_before(element: etree._Element) -> None:
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    tag = str(element.tag)
    return tag.rpartition("}")[2]


def texts_of(element: etree._Element) -> dict[str, str]:
    """The texts of the children that have no children themselves, by local name; of several, the first."""
    found: dict[str, str] = {}
    for child in element:
        if not len(child):
            found.setdefault(local_name(child), child.text or "")
    return found


def children(element: etree._Element, *path: str) -> Iterator[etree._Element]:
    """The descendants at a path of local names."""
    if not path:
        yield element
        return
    for child in element:
        if local_name(child) == path[0]:
            yield from children(child, *path[1:])
