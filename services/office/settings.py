"""Settings of the office service."""

from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings


class OfficeSettings(ServiceSettings):
    """The office service's settings."""

    model_config = SettingsConfigDict(env_prefix="OFFICE_", extra="ignore")
