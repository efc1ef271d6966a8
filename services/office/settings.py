"""Settings of the office service."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from kit.settings import OtherService, ServiceSettings


class OfficeSettings(ServiceSettings):
    """The office service's settings."""

    model_config = SettingsConfigDict(env_prefix="OFFICE_", extra="ignore")

    due_soon_days: Annotated[
        int, Field(description="in how many days a report that is due counts as due soon", ge=0, le=366)
    ] = 7
    property_service: Annotated[
        OtherService | None,
        Field(
            description="where figures of property services are asked for, and by which client, as JSON;"
            " without it they are said to be missing"
        ),
    ] = None
