"""Settings of the credit service."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings
from services.credit.signing import UnusableKey, read_keys


def _private_keys(value: SecretStr) -> SecretStr:
    try:
        read_keys(value.get_secret_value())
    except UnusableKey as error:
        raise ValueError(str(error)) from None
    return value


class CreditSettings(ServiceSettings):
    """The credit service's settings."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_", extra="ignore")

    statement_key: Annotated[
        SecretStr | None,
        AfterValidator(lambda value: None if value is None else _private_keys(value)),
        Field(
            description="private JWK (EC, P-256) as JSON that signs credit statements, or a JWK set: the first signs, all"
            " are believed and published; without one no statement is issued"
        ),
    ] = None
    public_url: Annotated[
        str,
        Field(
            description="address of the gateway as the public reaches it, without a slash at its end; of QR codes",
            pattern=r"^https?://[^\s/]+(/[^\s/]+)*$",
        ),
    ] = "http://127.0.0.1:8000"
