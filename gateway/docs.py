"""The documentation in a browser, from files of our own: nothing is loaded from anywhere else."""

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from gateway.openapi import TITLE

ASSETS = Path(fastapi_offline.__file__).with_name("static")

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
<noscript>查看接口文档需要启用 JavaScript；也可以直接下载 <a href="/openapi.json">/openapi.json</a>。</noscript>
<div id="viewer"></div>
<script src="/docs/assets/{bundle}"></script>
<script src="/docs/{script}"></script>
</body>
</html>
"""
_SWAGGER = """// The filter looks for a phrase in what people read, not in the tags alone.
const searching = () => ({fn: {opsFilter: (tags, phrase) => {
  const sought = phrase.trim().toLowerCase();
  const says = (words) => words.some((word) => String(word || "").toLowerCase().includes(sought));
  return tags
    .map((tag, name) => says([name]) ? tag : tag.update("operations", (operations) =>
      operations.filter((each) => says([
        each.get("path"), each.getIn(["operation", "summary"]), each.getIn(["operation", "description"])
      ]))))
    .filter((tag) => tag.get("operations").size > 0);
}}});
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#viewer",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  displayRequestDuration: true,
  validatorUrl: null,
  plugins: [searching]
});
"""
_REDOC = """Redoc.init("/openapi.json", {
  hideDownloadButton: false,
  disableSearch: false,
  sortTagsAlphabetically: false,
  labels: {
    search: "搜索", download: "下载", downloadSpecification: "下载接口文档", responses: "应答",
    callbackResponses: "回调应答", requestSamples: "请求示例", responseSamples: "应答示例", noResultsFound: "没有找到",
    deprecated: "已停用", example: "示例", examples: "示例", default: "默认值", enum: "可选值", enumSingleValue: "固定值",
    enumArray: "各项可选值", nullable: "可为空", recursive: "递归", arrayOf: "列表：", webhook: "事件"
  }
}, document.getElementById("viewer"));
"""


def install(app: FastAPI) -> None:
    """Answer `/docs` and `/redoc`, with all they need."""
    app.mount("/docs/assets", StaticFiles(directory=ASSETS))
    app.routes.extend(_pages().routes)


def _pages() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def swagger() -> HTMLResponse:
        style = '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">'
        return _page(f"{TITLE} · Swagger UI", style, "swagger-ui-bundle.js", "swagger.js")

    @routes.get("/redoc")
    async def redoc() -> HTMLResponse:
        return _page(f"{TITLE} · ReDoc", "", "redoc.standalone.js", "redoc.js")

    @routes.get("/docs/swagger.js")
    async def swagger_script() -> Response:
        return Response(_SWAGGER, media_type="text/javascript", headers=_HEADERS)

    @routes.get("/docs/redoc.js")
    async def redoc_script() -> Response:
        return Response(_REDOC, media_type="text/javascript", headers=_HEADERS)

    return routes


def _page(title: str, style: str, bundle: str, script: str) -> HTMLResponse:
    return HTMLResponse(
        _PAGE.format(title=title, style=style, bundle=bundle, script=script), headers=_HEADERS
    )
