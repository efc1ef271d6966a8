"""Settings of a service, read from the environment with one prefix per service."""

import base64
import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from kit.personal.keys import Keys

#: Names a file of variables: they hold where the environment has none. So containers are given their secrets.
SETTINGS_FILE = "SETTINGS_FILE"

Settings = TypeVar("Settings", bound=BaseSettings)


def _size(base64_text: str) -> int:
    """How many bytes a base64 text holds; 0 where it is none."""
    try:
        return len(base64.b64decode(base64_text, validate=True))
    except ValueError:
        return 0


def _webhook_secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().removeprefix("whsec_")
    if not 24 <= _size(text + "=" * (-len(text) % 4)) <= 64:  # the padding may be left out
        raise ValueError("密钥应为 whsec_ 加上 24 到 64 个随机字节的 base64。")
    return value


def _personal_key(value: SecretStr) -> SecretStr:
    Keys.read(value.get_secret_value())
    return value


def _named_database(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("postgresql+psycopg://"):
        raise ValueError("should start with postgresql+psycopg://")
    return value


#: The address of a database, as SQLAlchemy writes it.
DatabaseUrl = Annotated[SecretStr, AfterValidator(_named_database)]
#: A key that signs events, as Standard Webhooks writes it.
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]


class Subscriber(BaseModel):
    """A receiver of this service's events that the deployment names (others subscribe through the API)."""

    model_config = ConfigDict(frozen=True)

    name: str
    url: str
    secret: WebhookSecret
    types: tuple[str, ...] = ("*",)


class OtherService(BaseModel):
    """Another service, and the client whose token it is asked with.

    url: of the service, without a slash at its end; token_url: where tokens are given out (OAuth 2.0 client credentials).
    """

    model_config = ConfigDict(frozen=True)

    url: str
    token_url: str
    client: str
    secret: SecretStr

    @property
    def credentials(self) -> dict[str, str]:
        """The form that a token is asked for with."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.client,
            "client_secret": self.secret.get_secret_value(),
        }


class Feed(OtherService):
    """Another service's change feed, and the client whose token reads it."""


class HouseSettings(BaseSettings):
    """Settings from the environment and, behind it, from the file of variables that `SETTINGS_FILE` names.

    Raises: SettingsError where that file cannot be read.
    """

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as pydantic calls it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where settings come from, the first first."""
        named = os.environ.get(SETTINGS_FILE)
        if named and not os.access(named, os.R_OK):
            raise SettingsError(f"{SETTINGS_FILE}={named} cannot be read")
        return init_settings, env_settings, DotEnvSettingsSource(settings_cls, env_file=named)


class TokenSettings(HouseSettings):
    """How tokens are checked; the same for every process that does."""

    token_jwks: Annotated[Path, Field(description="JWKS file with the public keys that sign tokens")]
    token_issuer: Annotated[str, Field(description="issuer that tokens must name")] = "dongsheng-gateway"  # noqa: S105 - a name, no secret
    token_audience: Annotated[str, Field(description="audience that tokens must name")] = "dongsheng"  # noqa: S105 - a name, no secret
    outside_issuers: Annotated[
        Path | None,
        Field(description="YAML file of other issuers (OIDC) whose tokens hold, and what their claims mean"),
    ] = None


class ServerSettings(HouseSettings):
    """What every process that serves HTTP has."""

    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(description="port to listen on", ge=1, le=65535)] = 8000
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="log level")] = (
        "INFO"
    )
    log_format: Annotated[Literal["json", "text"], Field(description="one JSON object a line, or text")] = (
        "json"
    )
    max_body_bytes: Annotated[int, Field(description="largest request body, in bytes", ge=1024)] = (
        32 * 1024 * 1024
    )
    max_stream_bytes: Annotated[
        int,
        Field(description="largest body that is taken row by row (application/x-ndjson), in bytes", ge=1024),
    ] = 2 * 1024**3
    max_form_bytes: Annotated[
        int, Field(description="largest form with files (multipart/form-data), in bytes", ge=1024)
    ] = 32 * 1024 * 1024
    read_timeout: Annotated[
        float, Field(description="seconds in which neither side moves a byte before giving up", gt=0)
    ] = 60
    drain: Annotated[
        float,
        Field(
            description="seconds that a process which is to end goes on answering, so that others find its successor",
            ge=0,
        ),
    ] = 0

    @property
    def form_bytes(self) -> int:
        """The largest form with files that is taken, in bytes."""
        return self.max_form_bytes


class ServiceSettings(ServerSettings, TokenSettings):
    """What every service has; a service's own class sets the prefix and adds only what is its own."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: Annotated[
        DatabaseUrl,
        Field(description="postgresql+psycopg:// address of the service's own database"),
    ]
    personal_key: Annotated[
        SecretStr,
        AfterValidator(_personal_key),
        Field(
            description="32 bytes in base64; encrypts personal data and subscribers' secrets; while it changes, JSON:"
            ' {"keys": [first, …], "next": …}, of which the first seals and all open'
        ),
    ]
    pool_size: Annotated[int, Field(description="database connections kept open by the API", ge=1)] = 10
    pool_overflow: Annotated[
        int, Field(description="further connections under load, opened and closed again", ge=0)
    ] = 0
    worker_concurrency: Annotated[int, Field(description="jobs that one worker runs at a time", ge=1)] = 4
    gateway: Annotated[
        OtherService | None,
        Field(
            description="the gateway, and the client by which requests of other services' matters are handed on, as JSON"
        ),
    ] = None
    subscribers: Annotated[
        tuple[Subscriber, ...], Field(description="receivers of this service's events, as JSON")
    ] = ()
    subscriber_networks: Annotated[
        tuple[IPv4Network | IPv6Network, ...],
        Field(description="networks that subscribers may lie in besides public addresses, as JSON"),
    ] = ()
    event_secrets: Annotated[
        dict[str, WebhookSecret],
        Field(description="secret per sending service whose signed events are taken in, as JSON"),
    ] = {}
    event_feeds: Annotated[
        dict[str, Feed],
        Field(
            description="feed per sending service from which what a delivery has lost is taken in, as JSON"
        ),
    ] = {}


def _folder_unless_bucket(value: Path | None, info: ValidationInfo) -> Path | None:
    if value is None and not info.data.get("files_bucket"):
        raise ValueError("should name a folder, unless files are kept in a bucket")
    return value


class FileSettings(ServiceSettings):
    """What a service has that keeps files: in a folder, or in a bucket of a store that speaks S3."""

    max_file_bytes: Annotated[int, Field(description="largest file, in bytes", ge=1024)] = 50 * 1024 * 1024
    files_bucket: Annotated[
        str, Field(description="bucket that files are kept in, of a store that speaks S3; empty: in a folder")
    ] = ""
    files_endpoint: Annotated[
        str, Field(description="address of that store, with http:// or https://; empty: Amazon's")
    ] = ""
    files_region: Annotated[str, Field(description="region of the bucket")] = "us-east-1"
    files_key_id: Annotated[str, Field(description="id of the key to the bucket")] = ""
    files_secret: Annotated[SecretStr, Field(description="the key to the bucket")] = SecretStr("")
    files_folder: Annotated[
        Path | None,
        Field(description="folder that files are kept in; required without a bucket", validate_default=True),
        AfterValidator(_folder_unless_bucket),
    ] = None

    @property
    def form_bytes(self) -> int:
        """The largest form: one with the largest file, and what is said of it."""
        return max(self.max_form_bytes, self.max_file_bytes + 1024 * 1024)


class AsksOffice(ServiceSettings):
    """What a service has that asks the government office who acts now."""

    office: Annotated[
        OtherService | None,
        Field(
            description="where the office service is asked who acts now, and by which client, as JSON;"
            " without it posts are shown alone"
        ),
    ] = None


def read(settings: type[Settings]) -> Settings:
    """The settings from the environment.

    Raises: SystemExit with a line for each variable that is missing or wrong, none of which shows its value.
    """
    prefix = settings.model_config.get("env_prefix", "")
    try:
        return settings()
    except ValidationError as error:
        wrong = [
            f"{prefix}{item['loc'][0]}".upper() + f": {item['msg']}"
            for item in error.errors(include_input=False, include_context=False)
        ]
        raise SystemExit("\n".join(wrong)) from None
    except SettingsError as error:
        raise SystemExit(str(error)) from None


def describe(settings: type[BaseSettings]) -> list[tuple[str, str, str]]:
    """Rows (environment variable, default, meaning) of a settings class, for the documentation."""
    prefix = settings.model_config.get("env_prefix", "")
    return [
        (f"{prefix}{name}".upper(), _default(field), field.description or "")
        for name, field in settings.model_fields.items()
    ]


def _default(field: Any) -> str:
    if field.is_required():
        return "(required)"
    value = field.get_default(call_default_factory=True)
    return str(value) if value not in ("", (), {}, None) else "(none)"
