"""What keeps pages safe: only our own origin changes anything, and nothing from elsewhere runs or shows."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.settings import ConsoleSettings

_READING = ("GET", "HEAD")


def policy(settings: ConsoleSettings) -> str:
    """The Content-Security-Policy of every page."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {settings.frame_ancestors}",
        )
    )


class Safety:
    """Refuses what another origin hands in, and puts the headers on every answer that bind the browser.

    A browser says `Sec-Fetch-Site` of itself, but not to plain HTTP elsewhere than here; there it says `Origin`. What
    says neither is no browser's form, and is refused too.
    """

    def __init__(self, app: ASGIApp, settings: ConsoleSettings) -> None:
        self._app = app
        self._own: Final = urlsplit(settings.public_url).netloc
        self._headers = {
            "content-security-policy": policy(settings),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }
        if settings.public_url.startswith("https://"):
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def binding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        if scope["method"] not in _READING and not self._is_ours(Headers(scope=scope)):
            refusal = PlainTextResponse(
                "这个请求不是从本系统的页面提交的，没有办理。请回到页面重新提交。", 403
            )
            await refusal(scope, receive, binding)
            return
        await self._app(scope, receive, binding)

    def _is_ours(self, headers: Headers) -> bool:
        if (site := headers.get("sec-fetch-site")) is not None:
            return site == "same-origin"
        origin = urlsplit(headers.get("origin", "")).netloc
        return bool(origin) and origin in (headers.get("host"), self._own)
