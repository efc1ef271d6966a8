"""Settings of the emergency service."""

from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings


class EmergencySettings(ServiceSettings):
    """The emergency service's settings."""

    model_config = SettingsConfigDict(env_prefix="EMERGENCY_", extra="ignore")
