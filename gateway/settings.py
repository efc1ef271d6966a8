"""Settings of the gateway, read from the environment with the prefix GATEWAY_."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, HttpUrl, ValidationInfo
from pydantic_settings import SettingsConfigDict

from gateway.timeouts import Row
from kit.settings import ServerSettings, TokenSettings

#: First parts of paths that are the gateway's own, and names below `/docs`: no service is called so.
OWN = frozenset(
    (
        "all",
        "assets",
        "auth",
        "dispatch",
        "docs",
        "gateway",
        "health",
        "metrics",
        "open311",
        "problems",
        "redoc",
    )
)


def _not_our_own(name: str) -> str:
    if name in OWN:
        raise ValueError(f"{name} is a path of the gateway itself")
    return name


def _origin(address: str) -> str:
    parts = urlsplit(address)
    if (
        parts.scheme not in ("http", "https")
        or address != f"{parts.scheme}://{parts.netloc}"
        or not parts.netloc
    ):
        raise ValueError("should be scheme, host and port as a browser sends them, without a path")
    return address


def _above_one_service(requests: int, info: ValidationInfo) -> int:
    if requests <= info.data.get("connections", 0) + info.data.get("waiting", 0):
        raise ValueError("should be above GATEWAY_CONNECTIONS and GATEWAY_WAITING together")
    return requests


ServiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$"), AfterValidator(_not_our_own)]


class GatewaySettings(ServerSettings, TokenSettings):
    """What the gateway has beside what every process that serves HTTP has."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore")

    max_form_bytes: Annotated[
        int, Field(description="largest form with files (multipart/form-data), in bytes", ge=1024)
    ] = 64 * 1024 * 1024
    upstreams: Annotated[
        dict[ServiceName, HttpUrl],
        Field(description="base address of each service by its name, as JSON", min_length=1),
    ]
    signing_key: Annotated[Path, Field(description="PEM file of the RSA key that signs tokens; mode 0600")]
    clients: Annotated[Path, Field(description="YAML file of the clients that may have tokens")]
    console: Annotated[
        str, Field(description="address of the console, to which / leads people; empty: it leads to /docs")
    ] = ""
    token_lifetime: Annotated[
        int, Field(description="seconds that a token lasts, where its client has no own", ge=60, le=86400)
    ] = 3600
    trusted_proxies: Annotated[
        str,
        Field(description="addresses, by comma, of the proxies in front whose X-Forwarded-For is believed"),
    ] = ""
    rate: Annotated[float, Field(description="requests per second that a client may keep up", gt=0)] = 200
    burst: Annotated[int, Field(description="requests that a client may send at once", ge=1)] = 400
    token_rate: Annotated[
        float, Field(description="requests for a token per second that one address may keep up", gt=0)
    ] = 2
    token_burst: Annotated[
        int, Field(description="requests for a token that one address may send at once", ge=1)
    ] = 30
    open311_jurisdiction: Annotated[str, Field(description="jurisdiction_id of Open311")] = "dongsheng.ordos"
    open311_public: Annotated[
        bool,
        Field(description="whether Open311 shows requests, without what was told, to who has no api_key"),
    ] = False
    connect_timeout: Annotated[float, Field(description="seconds to reach a service", gt=0)] = 3
    connections: Annotated[int, Field(description="connections to each service at a time", ge=1)] = 200
    waiting: Annotated[
        int, Field(description="requests that may wait for a connection to a service; more get 503", ge=0)
    ] = 100
    connection_wait: Annotated[
        float, Field(description="seconds that a request waits for a connection before it gets 503", gt=0)
    ] = 5
    requests: Annotated[
        int,
        Field(
            description="requests being worked on at a time in all; more get 503. Above what one service can hold,"
            " which is connections and waiting together, so that a slow one leaves room for the others",
            validate_default=True,
        ),
        AfterValidator(_above_one_service),
    ] = 1000
    circuit_failures: Annotated[
        int, Field(description="requests in a row without an answer after which a service is not asked", ge=1)
    ] = 5
    circuit_pause: Annotated[
        float, Field(description="seconds after which one request finds out whether it answers again", gt=0)
    ] = 2
    timeouts: Annotated[
        tuple[Row, ...],
        Field(description="rows that come before those of gateway/timeouts.yaml, as JSON of the same form"),
    ] = ()
    origins: Annotated[
        tuple[Annotated[str, AfterValidator(_origin)], ...],
        Field(description="origins whose pages may call the gateway (CORS), as JSON; none: nobody's"),
    ] = ()
    idle_connection: Annotated[
        float,
        Field(description="seconds that an idle connection is used again; below the services' own", gt=0),
    ] = 4
