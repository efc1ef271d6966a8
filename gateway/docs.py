"""The documentation in a browser, from files of our own: nothing is loaded from anywhere else.

`/docs` finds operations, `/docs/{service}` shows one service's, `/docs/all` and `/redoc` show all.
"""

from collections.abc import Callable
from html import escape
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from gateway.documents import Documents
from gateway.finding import Found, find, listing
from gateway.limits import Limiter, address
from gateway.openapi import TITLE
from gateway.services import down
from kit.web import printing
from kit.web.problems import NotFound, Problem

ASSETS = Path(fastapi_offline.__file__).with_name("static")
SCRIPTS = Path(__file__).with_name("scripts")
#: The page of all services at once.
ALL = "all"

#: Only what comes from here runs or shows; the two viewers need styles in place, and ReDoc a worker for its search.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/assets/favicon.png">
<style>body {{ margin: 0 }}</style>
{style}
</head>
<body>
<noscript>查看这一页需要启用 JavaScript；
也可以<a href="/docs">查找接口</a>，或直接下载<a href="{document}">接口文档</a>。</noscript>
<div id="viewer"></div>
<script src="/docs/assets/{bundle}"></script>
<script src="/docs/{script}" data-document="{document}"></script>
</body>
</html>
"""
_FORM = (
    '<form action="/docs" method="get" role="search"><label>查找接口 <input type="search" name="q" size="40" value="{q}"'
    ' placeholder="名称、说明或地址，几个词以空格分隔"></label> <button>查找</button></form>'
)


def install(app: FastAPI, documents: Callable[[], Documents], limiter: Limiter, first: str) -> None:
    """Answer `/docs` and `/redoc`, with all they need; first: where `/` leads."""
    app.mount("/docs/assets", StaticFiles(directory=ASSETS))
    for routes in (_viewers(first), _index(documents, limiter)):
        app.routes.extend(routes.routes)


def _viewers(first: str) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def read_first() -> Response:
        return RedirectResponse(first, 307)

    @routes.get("/redoc")
    async def redoc() -> HTMLResponse:
        return _viewer(f"{TITLE} · ReDoc", "", "redoc.standalone.js", "redoc.js", "/openapi.json")

    @routes.get("/docs/swagger.js")
    async def swagger_script() -> Response:
        return FileResponse(SCRIPTS / "swagger.js", media_type="text/javascript", headers=_HEADERS)

    @routes.get("/docs/redoc.js")
    async def redoc_script() -> Response:
        return FileResponse(SCRIPTS / "redoc.js", media_type="text/javascript", headers=_HEADERS)

    @routes.get(f"/docs/{ALL}")
    async def read_all() -> HTMLResponse:
        return _swagger(TITLE, "/openapi.json")

    return routes


def _index(documents: Callable[[], Documents], limiter: Limiter) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def read_index(request: Request, q: str = "") -> HTMLResponse:
        _admit(limiter, request)
        each = await documents().each()
        there = {name: made for name, made in each.items() if made is not None}
        silent = [name for name, made in each.items() if made is None]
        words = q.split()
        parts = [
            _FORM.format(q=escape(q)),
            printing.paragraph(f"下列服务目前没有应答：{'、'.join(silent)}。", "missed") if silent else "",
            _results(find(there, words)) if words else listing(there),
            f'<p><a href="/docs/{ALL}">全部接口在一页</a>　<a href="/redoc">ReDoc</a>　'
            '<a href="/openapi.json">接口文档（OpenAPI 3.1）</a>　<a href="/problems">错误类型</a></p>',
        ]
        return HTMLResponse(printing.page(TITLE, *parts), headers=_HEADERS)

    @routes.get("/docs/{service}")
    async def read_service(service: str, request: Request) -> HTMLResponse:
        _admit(limiter, request)
        document = (await documents().each()).get(service)
        if document is None:
            raise await _lacking(documents(), service)
        return _swagger(document["info"]["title"], f"/docs/{service}/openapi.json")

    @routes.get("/docs/{service}/openapi.json")
    async def read_document(service: str, request: Request) -> Response:
        _admit(limiter, request)
        made = await documents().of(service)
        if made is None:
            raise await _lacking(documents(), service)
        return made.answer(request)

    return routes


async def _lacking(documents: Documents, service: str) -> Problem:
    if service in await documents.each():
        return down(service, service=service)
    return NotFound("no-such-path", f"没有这个地址：/docs/{service}，全部服务见 /docs。")


def _admit(limiter: Limiter, request: Request) -> None:
    limiter.admit(address(request))


def _results(found: list[Found]) -> str:
    if not found:
        return printing.paragraph("没有找到。可以换一个说法，或少用几个词。")
    rows = "".join(
        f'<tr><td><a href="{escape(each.link)}">{escape(each.summary)}</a></td>'
        f"<td>{each.method} {escape(each.path)}</td><td>{escape(each.service)}：{escape(each.tag)}</td></tr>"
        for each in found
    )
    return printing.paragraph(f"找到 {len(found)} 个接口。") + f"<table><tbody>{rows}</tbody></table>"


def _swagger(title: str, document: str) -> HTMLResponse:
    style = '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">'
    return _viewer(f"{title} · Swagger UI", style, "swagger-ui-bundle.js", "swagger.js", document)


def _viewer(title: str, style: str, bundle: str, script: str, document: str) -> HTMLResponse:
    page = _PAGE.format(title=escape(title), style=style, bundle=bundle, script=script, document=document)
    return HTMLResponse(page, headers=_HEADERS)
