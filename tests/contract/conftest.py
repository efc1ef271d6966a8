"""Services on sockets, as their processes serve them, and the gateway in front of them."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest
import uvicorn

import gateway.app
from gateway.settings import GatewaySettings
from kit.testing import Running
from kit.web import server


class Door:
    """The gateway before running services, which are listened for on sockets of their own too."""

    def __init__(self, port: int, ports: dict[str, int], open: ExitStack) -> None:
        self.port, self.ports, self._open = port, ports, open

    def through(self, name: str = "gateway") -> httpx2.Client:
        """A connection to the gateway, or past it to a service itself."""
        port = self.port if name == "gateway" else self.ports[name]
        http = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=False)
        return self._open.enter_context(http)


@pytest.fixture
def door(
    _key: Any, _jwks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Door]]:
    """`door(running, …)` puts the gateway before these services."""
    monkeypatch.setattr("gateway.keys.load_signing_key", lambda _: _key)
    clients = tmp_path / "clients.yaml"
    clients.write_text("clients: {}")
    with _Serving() as serving, ExitStack() as open:

        def put(*services: Running, **settings: Any) -> Door:
            ports = {}
            for running in services:
                made = server.config(running.app, running.app.state.settings, lifespan="off")
                ports[running.service.name] = serving.port_of(made, running.loop)
            made = gateway.app.config(
                GatewaySettings(
                    token_jwks=_jwks,
                    signing_key=tmp_path / "signing.pem",
                    clients=clients,
                    upstreams={name: f"http://127.0.0.1:{port}" for name, port in ports.items()},
                    **({"rate": 1e6, "burst": 10**6} | settings),
                )
            )
            return Door(serving.port_of(made, services[0].loop), ports, open)

        yield put


class _Serving:
    """Servers in loops that run already, until all are told to stop."""

    def __init__(self) -> None:
        self._servers: list[tuple[uvicorn.Server, Future[None]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for started, _ in self._servers:
            started.should_exit = True
        for _, done in self._servers:
            done.result(20)

    def port_of(self, made: server.Config, loop: asyncio.AbstractEventLoop) -> int:
        """Serve on a free port."""
        # Named as TCP, or asyncio does not turn Nagle's algorithm off, and each answer takes 40 ms.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        serving = uvicorn.Server(made)
        self._servers.append((serving, asyncio.run_coroutine_threadsafe(serving.serve([listening]), loop)))
        return int(listening.getsockname()[1])
