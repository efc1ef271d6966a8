"""Settings of the property service."""

from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings


class PropertySettings(ServiceSettings):
    """The property service's settings."""

    model_config = SettingsConfigDict(env_prefix="PROPERTY_", extra="ignore")
