"""Settings of the console, read from the environment with the prefix CONSOLE_."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo
from pydantic_settings import SettingsConfigDict

from kit.settings import DatabaseUrl, ServerSettings


def safe_address(value: str) -> str:
    """An address to which secrets may go and from which keys may come. Raises: ValueError."""
    parts = urlsplit(value)
    at_home = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not (at_home or (parts.scheme == "https" and parts.hostname)) or parts.fragment:
        raise ValueError("should be an https:// address")
    return value


def _issuer(value: str) -> str:
    return safe_address(value) if value else value


def _with_issuer(value: str, info: ValidationInfo) -> str:
    if bool(value) != bool(info.data.get("oidc_issuer")):
        raise ValueError("CONSOLE_OIDC_ISSUER and CONSOLE_OIDC_CLIENT_ID go together: set both, or neither")
    return value


def _secret_of_client(value: SecretStr, info: ValidationInfo) -> SecretStr:
    if value.get_secret_value() and not info.data.get("oidc_client_id"):
        raise ValueError("is of no use without CONSOLE_OIDC_ISSUER and CONSOLE_OIDC_CLIENT_ID")
    return value


def _with_openid(value: str) -> str:
    if "openid" not in value.split():
        raise ValueError("should have openid among them")
    return value


def _unless_provider(value: bool, info: ValidationInfo) -> bool:
    if not value and not info.data.get("oidc_client_id"):
        raise ValueError("nobody could sign in: without passwords CONSOLE_OIDC_ISSUER is needed")
    return value


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
    oidc_issuer: Annotated[
        str,
        AfterValidator(_issuer),
        Field(
            description="issuer of the identity provider (OpenID Connect) by which people sign in; empty: none"
        ),
    ] = ""
    oidc_client_id: Annotated[
        str,
        AfterValidator(_with_issuer),
        Field(
            description="what the provider knows the console by; required with an issuer",
            validate_default=True,
        ),
    ] = ""
    oidc_client_secret: Annotated[
        SecretStr,
        AfterValidator(_secret_of_client),
        Field(
            description="the console's secret at the provider; empty: it is a public client, by PKCE alone"
        ),
    ] = SecretStr("")
    oidc_name: Annotated[str, Field(description="what people call the provider", min_length=1)] = (
        "统一身份认证"
    )
    oidc_scopes: Annotated[
        str, AfterValidator(_with_openid), Field(description="what is asked of the provider, openid among it")
    ] = "openid"
    oidc_claim: Annotated[
        str,
        Field(
            description="claim of the id_token by which the provider names a person, for ever the same",
            min_length=1,
        ),
    ] = "sub"
    passwords: Annotated[
        bool,
        AfterValidator(_unless_provider),
        Field(description="whether accounts may sign in by a password; false needs a provider"),
    ] = True
