"""Settings of the gateway, read from the environment with the prefix GATEWAY_."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, HttpUrl
from pydantic_settings import SettingsConfigDict

from kit.settings import ServerSettings

#: First parts of paths that are the gateway's own, and so no service's name.
OWN = frozenset(("auth", "dispatch", "docs", "health", "metrics", "problems", "redoc"))


def _not_our_own(name: str) -> str:
    if name in OWN:
        raise ValueError(f"{name} is a path of the gateway itself")
    return name


ServiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$"), AfterValidator(_not_our_own)]


class GatewaySettings(ServerSettings):
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
    connect_timeout: Annotated[float, Field(description="seconds to reach a service", gt=0)] = 3
    connections: Annotated[int, Field(description="connections to each service at a time", ge=1)] = 200
    idle_connection: Annotated[
        float,
        Field(description="seconds that an idle connection is used again; below the services' own", gt=0),
    ] = 4
