"""The HTTP server in front: uvicorn's, which answers even what is no HTTP with a problem."""

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.settings import GatewaySettings
from kit.problems import Malformed

_KEEP_ALIVE = 75
_DETAIL = "请求不是合法的 HTTP 报文。地址里的中文须先作百分号编码（curl 可用 -G --data-urlencode），请检查后重新提交。"


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, but for how it refuses."""

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed, and close."""
        body = bytes(Malformed("not-http", _DETAIL, reason=msg).response().body)
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
        self.transport.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        self.transport.close()


def config(app: ASGIApp, settings: GatewaySettings) -> uvicorn.Config:
    """How the gateway is served."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=10,
    )


def run(app: ASGIApp, settings: GatewaySettings) -> None:
    """Serve until stopped."""
    uvicorn.Server(config(app, settings)).run()
