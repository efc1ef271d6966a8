"""The settings of the console: what is half made is refused at the start."""

from typing import Any

import pytest
from pydantic import ValidationError

from console.settings import ConsoleSettings

ISSUER, CLIENT = "https://sso.example.gov.cn/realms/ordos", "console"


@pytest.mark.parametrize(
    ("half", "why"),
    [
        ({"oidc_issuer": ISSUER}, "go together"),
        ({"oidc_client_id": CLIENT}, "go together"),
        ({"oidc_client_secret": "x"}, "of no use without"),
        ({"oidc_issuer": "http://sso.example.gov.cn", "oidc_client_id": CLIENT}, "https://"),
        ({"oidc_issuer": "sso.example.gov.cn", "oidc_client_id": CLIENT}, "https://"),
        ({"oidc_issuer": ISSUER, "oidc_client_id": CLIENT, "oidc_scopes": "profile"}, "openid"),
        ({"oidc_issuer": ISSUER, "oidc_client_id": CLIENT, "oidc_claim": ""}, "at least 1"),
        ({"passwords": False}, "nobody could sign in"),
    ],
)
def test_settings_that_are_half_made_are_refused(half: dict[str, Any], why: str) -> None:
    whole = {"database_url": "postgresql+psycopg://x", "gateway": "http://x", "assertion_key": "x"}
    with pytest.raises(ValidationError, match=why):
        ConsoleSettings(**whole | half)
