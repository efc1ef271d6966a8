"""Settings of the property service."""

from typing import Annotated

from pydantic import Field, FilePath, SecretStr
from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings


class PropertySettings(ServiceSettings):
    """The property service's settings."""

    model_config = SettingsConfigDict(env_prefix="PROPERTY_", extra="ignore")

    credit_url: Annotated[
        str | None,
        Field(description="where the credit service answers; without it grades of companies are not known"),
    ] = None
    outlines: Annotated[
        FilePath | None,
        Field(
            description="the district's reviewed map: GeoJSON of polygons, each with a street's or town's full name as `name`; "
            "without it streets stand in a grid of tiles"
        ),
    ] = None
    credit_token: Annotated[
        SecretStr | None, Field(description="token with credit:read, by which grades are asked for")
    ] = None
