import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
import yaml
from fastapi import APIRouter, FastAPI
from joserfc.jwk import RSAKey

from gateway import app
from gateway.app import config
from gateway.clients import hash_secret
from gateway.keys import load_signing_key, make_keys
from gateway.settings import GatewaySettings
from kit.web.caller import Caller
from kit.web.tokens import sign
from tests.gateway.services import DispatchService
from tests.gateway.upstreams import Handler, Upstream

SECRET = "correct horse"
HOTLINE = {"name": "12345 热线", "scopes": ["dispatch:read", "dispatch:write"], "unit": "区政务服务局"}


@dataclass
class Gateway:
    """The gateway under test: a real server on a real socket."""

    settings: GatewaySettings
    port: int
    key: RSAKey
    http: httpx2.Client

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, *scopes: str, client: str = "tester", lifetime: int = 600, **claims: Any) -> str:
        caller = Caller(client=client, name=client, scopes=frozenset(scopes or ("property:read",)), **claims)
        return sign(caller, self.key, self.settings, lifetime)

    def bearer(self, *scopes: str, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*scopes, **claims)}"}

    def get(self, path: str, **kwargs: Any) -> httpx2.Response:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> httpx2.Response:
        return self.request("POST", path, **kwargs)

    def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **kwargs: Any
    ) -> httpx2.Response:
        """A request with a token, unless the headers have an Authorization of their own."""
        return self.http.request(method, path, headers=self.bearer() | (headers or {}), **kwargs)

    def raw(self, *lines: str, body: bytes = b"", token: bool = True) -> socket.socket:
        """A connection on which these lines and this body were sent, byte for byte."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        authorization = [f"Authorization: {self.bearer()['Authorization']}"] if token else []
        head = "\r\n".join([lines[0], "Host: gateway.test", *authorization, *lines[1:], "", ""])
        connection.sendall(head.encode() + body)
        return connection


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the keys and of the clients file, made once."""
    path = tmp_path_factory.mktemp("gateway")
    make_keys(settings_of(path, {"property": "http://127.0.0.1:1"}))
    clients = {"hotline": HOTLINE | {"secret": hash_secret(SECRET)}}
    (path / "clients.yaml").write_text(yaml.safe_dump({"clients": clients}, allow_unicode=True))
    return path


def settings_of(files: Path, upstreams: dict[str, str], **settings: Any) -> GatewaySettings:
    given = {
        "token_jwks": files / "jwks.json",
        "signing_key": files / "signing.pem",
        "clients": files / "clients.yaml",
        "upstreams": upstreams,
    }
    return GatewaySettings(**(given | settings))


@pytest.fixture(scope="session", autouse=True)
def own_documents() -> Iterator[None]:
    """What a gateway says of itself takes a third of a second to make, and is the same for the same services: made once."""
    make = app._document
    made: dict[tuple[str, ...], dict[str, Any]] = {}

    def kept(own: FastAPI, *checked: APIRouter) -> dict[str, Any]:
        services = tuple(own.state.settings.upstreams)
        if services not in made:
            made[services] = make(own, *checked)
        return deepcopy(made[services])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "_document", kept)
        yield


@pytest.fixture
def upstream() -> Iterator[Callable[..., Upstream]]:
    """`upstream(handler)` starts a small service."""
    with ExitStack() as stack:

        def start(handler: Handler | None = None, **options: Any) -> Upstream:
            made = Upstream(handler, **options)
            stack.callback(made.close)
            return made

        yield start


@pytest.fixture(scope="session")
def key(files: Path) -> RSAKey:
    """The signing key, read once: reading one takes a tenth of a second."""
    return load_signing_key(settings_of(files, {"property": "http://127.0.0.1:1"}))


@pytest.fixture(scope="session")
def ending() -> Iterator[list[threading.Thread]]:
    """Servers that have been told to stop, which takes them a while in which the next test may begin."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join(15)
        assert not thread.is_alive()


@pytest.fixture
def gateway(
    files: Path, key: RSAKey, monkeypatch: pytest.MonkeyPatch, ending: list[threading.Thread]
) -> Iterator[Callable[..., Gateway]]:
    """`gateway(property=an_upstream, settings={...})` starts the gateway in front of these services."""
    monkeypatch.setattr("gateway.keys.load_signing_key", lambda _: key)
    with ExitStack() as stack:

        def start(settings: dict[str, Any] | None = None, **services: Upstream | str) -> Gateway:
            addresses = {name: it if isinstance(it, str) else it.address for name, it in services.items()}
            made = settings_of(files, addresses, **(settings or {}))
            listening = socket.create_server(("127.0.0.1", 0))
            server = uvicorn.Server(config(made))
            thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
            thread.start()

            def stop() -> None:
                server.should_exit = True
                ending.append(thread)

            stack.callback(stop)
            port = listening.getsockname()[1]
            http = stack.enter_context(
                httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=False)
            )
            return Gateway(made, port, key, http)

        yield start


@pytest.fixture
def dead_address() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def property_(upstream):
    return DispatchService(upstream, "property", "P", property_service="物业服务", parking="停车")


@pytest.fixture
def emergency(upstream):
    return DispatchService(upstream, "emergency", "E", accident="生产安全事故")


@pytest.fixture
def door(gateway, property_, emergency):
    return gateway(property=property_.there, emergency=emergency.there)
