"""Pages of other origins that may use the gateway: none, unless a setting names them (CORS)."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from kit.web.problems import Malformed

#: What a page may read of an answer besides what it may of any.
_EXPOSED = (
    "Already-Received",
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)


class _Preflights(CORSMiddleware):
    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a browser that asks for a page; a refusal is a problem like any other."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        refusal = Malformed("cross-origin", "不接受这个来源的网页这样调用，请联系管理员。").response()
        refusal.headers["Vary"] = response.headers["Vary"]
        return refusal


def open_to(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """The app, usable by pages of these origins; tokens go in a header, so that no cookie is ever asked for."""
    if not origins:
        return app
    return _Preflights(app, origins, allow_methods=("*",), allow_headers=("*",), expose_headers=_EXPOSED)
