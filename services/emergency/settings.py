"""Settings of the emergency service."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from kit.settings import AsksOffice


class EmergencySettings(AsksOffice):
    """The emergency service's settings."""

    model_config = SettingsConfigDict(env_prefix="EMERGENCY_", extra="ignore")

    cap_sender: Annotated[
        str, Field(description="sender of CAP messages, unique in the world", pattern=r"^[^\s,<&]+$")
    ] = "cn-150602-emergency"
    cap_agency: Annotated[
        str, Field(description="the issuing agency's code (GB/T 4657) in CAP identifiers", pattern=r"^\d{3}$")
    ] = "000"
    cap_web: Annotated[
        str | None,
        Field(
            description="public page that CAP messages point to; without one, the message itself",
            pattern=r"^https?://\S+$",
        ),
    ] = None
    public_url: Annotated[
        str,
        Field(
            description="address of the gateway as the public reaches it, without a slash at its end",
            pattern=r"^https?://[^\s/]+(/[^\s/]+)*$",
        ),
    ] = "http://127.0.0.1:8000"
