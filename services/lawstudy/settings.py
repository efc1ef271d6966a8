"""Settings of the law study service."""

from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings


class LawstudySettings(ServiceSettings):
    """The law study service's settings."""

    model_config = SettingsConfigDict(env_prefix="LAWSTUDY_", extra="ignore")
