"""The summary of a bundle: one page of HTML to read and to print, in one language; needs nothing but itself."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

import orjson

from crm_platform.words import Words
from customer_svc.subject_access.domain import SubjectAccess

_TEXTS: Final[Mapping[str, Words]] = {
    "title": Words("What we know of you", "我们持有的您的个人信息"),
    "about": Words(
        "All records about you that our services hold, as of the moments below. The files beside this page say the same"
        " for programs, with the meaning of each member.",
        "以下为各服务在所示时间持有的全部与您有关的记录；同目录的数据文件供程序读取，并附各字段含义。",
    ),
    "request": Words("Request", "请求编号"),
    "person": Words("Record of the person", "个人记录编号"),
    "told_at": Words("told at", "提供时间"),
    "records": Words("records", "条记录"),
    "left_out": Words("older ones are left out", "条较早记录未列出"),
    "withheld": Words("Not told", "未提供"),
}
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}"
    "td{border:1px solid #ccc;padding:.2rem .5rem;vertical-align:top;overflow-wrap:anywhere}td:first-child{width:30%}"
    "small{color:#666;display:block}"
)


def page(request: SubjectAccess, sections: Mapping[str, list[dict[str, Any]]], language: str) -> str:
    """The page; every value is escaped."""

    def say(name: str) -> str:
        return escape(_TEXTS[name].into(language))

    done = {part.service: part.done_at for part in request.parts}
    body = [
        f"<h1>{say('title')}</h1><p>{say('about')}</p>",
        f"<p>{say('request')}: {request.id}<br>{say('person')}: {request.subject_id}</p>",
    ]
    for service, found in sections.items():
        at = done.get(service)
        body.append(f"<h2>{escape(service)}</h2><p>{say('told_at')}: {at.isoformat() if at else '-'}</p>")
        body += [_section(one, language) for one in found]
    head = f'<meta charset="utf-8"><title>{say("title")}</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="{language}"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"
    )


def _section(section: dict[str, Any], language: str) -> str:
    title = escape(section["title"]["zh" if language == "zh" else "en"])
    if section["withheld"]:
        return f"<h3>{title}</h3><p>{_TEXTS['withheld'].into(language)}: {escape(section['withheld'])}</p>"
    number = f"{len(section['items'])} {_TEXTS['records'].into(language)}"
    if section["left_out"]:
        number += f"; {section['left_out']} {_TEXTS['left_out'].into(language)}"
    tables = "\n".join(_table(item, section["schema"]) for item in section["items"])
    return f"<h3>{title}</h3><p>{escape(number)}</p>\n{tables}"


def _table(item: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    return f"<table>{''.join(_rows(item, schema.get('properties', {})))}</table>"


def _rows(item: Mapping[str, Any], members: Mapping[str, Any]) -> Iterator[str]:
    """The members that say something, with what they mean."""
    for name, value in item.items():
        if value in (None, "", [], {}):
            continue
        meaning = members.get(name, {}).get("description", "")
        label = f"{escape(name)}<small>{escape(meaning)}</small>" if meaning else escape(name)
        yield f"<tr><td>{label}</td><td>{escape(_text(value))}</td></tr>"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
