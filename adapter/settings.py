"""Settings of the adapter, read from the environment with the prefix ADAPTER_."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import SettingsConfigDict

from kit.settings import HouseSettings

_DAY = 86_400


class AdapterSettings(HouseSettings):
    """Which platform is joined to which gateway, and when."""

    model_config = SettingsConfigDict(env_prefix="ADAPTER_", extra="ignore")

    platform: Annotated[HttpUrl, Field(description="base address of the city's platform")]
    app_id: Annotated[str, Field(description="what the platform knows us by", min_length=1)]
    app_secret: Annotated[SecretStr, Field(description="the secret to it")]
    kind: Annotated[Literal["forms"], Field(description="kind of platform, a folder of adapter/data")] = (
        "forms"
    )
    matters: Annotated[
        Path | None,
        Field(description="YAML file of the platform's matters, in place of that of its kind"),
    ] = None
    gateway: Annotated[HttpUrl, Field(description="base address of the gateway")]
    client: Annotated[str, Field(description="our client at the gateway", min_length=1)] = "city-platform"
    client_secret: Annotated[SecretStr, Field(description="its secret")]
    source: Annotated[
        str, Field(description="source that the platform's requests have here", min_length=1, max_length=30)
    ] = "12345"
    by_words: Annotated[
        bool,
        Field(
            description="whether an order of an unknown code gets the matter that its words clearly propose"
        ),
    ] = True
    folder: Annotated[
        Path, Field(description="where the mark of the last pass and the differences of each day are kept")
    ] = Path("var/adapter")
    interval: Annotated[float, Field(description="seconds between two passes", gt=0)] = 60
    overlap: Annotated[
        float, Field(description="seconds that a pass looks back behind the last whole one", ge=0, le=_DAY)
    ] = 900
    look_back: Annotated[
        float, Field(description="seconds that the first pass of all looks back", gt=0, le=366 * _DAY)
    ] = 3 * _DAY
    timeout: Annotated[float, Field(description="seconds that an answer of either side may take", gt=0)] = 15
    reconcile_at: Annotated[
        time, Field(description="time of day, Shanghai's, from which the day before is reconciled")
    ] = time(6, 30)
    host: Annotated[str, Field(description="address of /metrics")] = "127.0.0.1"
    port: Annotated[int, Field(description="port of /metrics; 0: none", ge=0, le=65535)] = 0
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="log level")] = (
        "INFO"
    )
    log_format: Annotated[Literal["json", "text"], Field(description="one JSON object a line, or text")] = (
        "json"
    )
