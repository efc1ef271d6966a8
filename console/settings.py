"""Settings of the console, read from the environment with the prefix CONSOLE_."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from kit.settings import DatabaseUrl, ServerSettings


class ConsoleSettings(ServerSettings):
    """What the console has beside what every process that serves HTTP has."""

    model_config = SettingsConfigDict(env_prefix="CONSOLE_", extra="ignore")

    max_body_bytes: Annotated[int, Field(description="largest form, in bytes", ge=1024)] = 256 * 1024
    database_url: Annotated[
        DatabaseUrl, Field(description="postgresql+psycopg:// address of the console's own database")
    ]
    pool_size: Annotated[int, Field(description="database connections kept open", ge=1)] = 5
    gateway: Annotated[str, Field(description="address of the gateway, without a slash at its end")]
    client: Annotated[str, Field(description="the console's client at the gateway")] = "console"
    audience: Annotated[
        str, Field(description="whom assertions are for: the gateway's GATEWAY_TOKEN_ISSUER")
    ] = "dongsheng-gateway"
    assertion_key: Annotated[
        Path, Field(description="PEM file of the Ed25519 key that signs who somebody is; mode 0600")
    ]
    patience: Annotated[float, Field(description="seconds that a page waits for a service", gt=0)] = 5
    public_url: Annotated[
        str, Field(description="address under which people reach the console, without a slash at its end")
    ] = "http://127.0.0.1:8001"
    documentation: Annotated[
        str, Field(description="address under which people reach the gateway's documentation; empty: no link")
    ] = ""
    frame_ancestors: Annotated[
        str,
        Field(description="whose pages may show ours within theirs, as Content-Security-Policy writes it"),
    ] = "'none'"
    trusted_proxies: Annotated[
        str,
        Field(description="addresses, by comma, of the proxies in front whose X-Forwarded-For is believed"),
    ] = ""
    idle: Annotated[int, Field(description="seconds without an act after which a session ends", ge=60)] = 1800
    longest: Annotated[int, Field(description="seconds after which a session ends anyway", ge=300)] = 43_200
    wall: Annotated[
        int, Field(description="seconds that the session of a wall's screen lasts, idle as it is", ge=300)
    ] = 30 * 86_400
