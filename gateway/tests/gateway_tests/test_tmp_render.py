import asyncio, os
from contextlib import AsyncExitStack
from importlib import import_module
from crm_platform.testing.identity import caller
from fastapi import FastAPI
from gateway.compose.endpoints import router as views
from gateway.portal.endpoints import router as portal
from gateway.proxy.routes import ROUTES
from gateway_tests.serving import *
from crm_platform.app import _Application

async def test_render(make_shared_database, issuer):
    parts = GatewayParts(database_url=make_shared_database("gateway").url, issuer=issuer, key_holder=caller(), routers=(views, portal), kept={"customers": ("360",), "projects": ("360",)}, openapi_url="/openapi/gateway.json")
    async with AsyncExitStack() as stack:
        urls = {}
        for name in ROUTES:
            s = import_module(name.replace("-","_")+".slices").SERVICE
            app = _Application(title=s.title, description=s.description, version="1.0.0", generate_unique_id_function=lambda r: r.name)
            for r in s.routers: app.include_router(r)
            urls[name] = (await stack.enter_async_context(serve(app))).url
        g = await stack.enter_async_context(run_gateway(parts, urls))
        import pathlib; pathlib.Path("/tmp/gwassets/url").write_text(g.url)
        for _ in range(int(os.environ.get("RENDER_SECONDS","60"))):
            await asyncio.sleep(1)
            if os.path.exists("/tmp/gwassets/stop"): break
