"""The same run against an app with planted faults: the checks are not blind."""

import asyncio
from typing import Annotated, Any

from fastapi import FastAPI, Header, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from tests.fuzz.bridge import Bridge
from tests.fuzz.engine import Effort, run


class Thing(BaseModel):
    id: int


def faulty() -> FastAPI:
    """One fault per route."""
    app = FastAPI(openapi_url="/openapi.json")

    @app.get("/breaks/{number}", response_model=Thing)
    async def breaks(number: Annotated[int, Path(ge=0)]) -> JSONResponse:
        return JSONResponse({"id": number}, 500 if number > 3 else 200)

    @app.get("/forgets-a-member", response_model=Thing)
    async def forgets() -> JSONResponse:
        return JSONResponse({"number": 1})

    @app.get("/answers-otherwise", response_model=Thing)
    async def otherwise() -> JSONResponse:
        return JSONResponse({"id": 1}, 418)

    @app.get("/lets-everybody-in", response_model=Thing, openapi_extra={"security": [{"bearer": []}]})
    async def lets_in() -> Any:
        return {"id": 1}

    @app.get("/needs-no-header", response_model=Thing)
    async def no_header(x_must: Annotated[str | None, Header(json_schema_extra={})] = None) -> Any:
        return {"id": len(x_must or "")}

    document = app.openapi()
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["paths"]["/needs-no-header"]["get"]["parameters"][0]["required"] = True
    app.openapi_schema = document
    return app


async def test_planted_faults_are_found() -> None:
    app = Bridge(faulty(), asyncio.get_running_loop())

    findings = await asyncio.to_thread(run, app, "/openapi.json", "a token", Effort(seed=1, examples=10, chains=1))

    assert {operation for operation, _ in findings.failures} == {
        "GET /breaks/{number}",
        "GET /forgets-a-member",
        "GET /answers-otherwise",
        "GET /lets-everybody-in",
        "GET /needs-no-header",
    }
    assert ("GET /breaks/{number}", "Server error 500") in findings.failures
