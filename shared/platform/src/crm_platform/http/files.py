"""What routes that take or give files say of themselves."""

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import StreamingResponse

from crm_platform.files.sniffing import MEDIA_TYPES

_BINARY = {"schema": {"type": "string", "format": "binary"}}
FileName = Annotated[str, Query(min_length=1, max_length=200, description="What the file is called.")]


def takes_file(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a route whose body is a file."""
    options["openapi_extra"]["requestBody"] = {"required": True, "content": {"application/octet-stream": _BINARY}}
    return options | {"responses": {413: {"description": ""}, 415: {"description": ""}}}


def gives_file(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a route that answers a file of one of the types that are taken."""
    content = dict.fromkeys((*MEDIA_TYPES, "application/octet-stream"), _BINARY)
    answers = {200: {"description": "The file.", "content": content}, 410: {"description": "It is no longer kept."}}
    return options | {"responses": answers, "response_class": StreamingResponse}
