"""Settings of the law study service."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from kit.settings import AsksOffice, FileSettings


class LawstudySettings(FileSettings, AsksOffice):
    """The law study service's settings."""

    model_config = SettingsConfigDict(env_prefix="LAWSTUDY_", extra="ignore")

    text_workdays: Annotated[
        int,
        Field(description="working days before a session by which its reviewed text is due", ge=0, le=30),
    ] = 3
