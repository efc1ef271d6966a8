"""Settings of the credit service."""

from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings


class CreditSettings(ServiceSettings):
    """The credit service's settings."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_", extra="ignore")
