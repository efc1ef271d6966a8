"""An identity provider (OpenID Connect): where people are sent to sign in, and who it says that came back."""

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel

from console.people.identity import Expected, Unfit, identity_of
from console.people.under_way import UnderWay
from console.settings import ConsoleSettings, safe_address
from kit.logs import log
from kit.web.problems import Unavailable
from kit.web.tokens import said
from kit.web.verifying_keys import FetchedKeys

if TYPE_CHECKING:
    import httpx2
    from authlib.integrations.httpx_client import AsyncOAuth2Client

#: Where the provider sends people back to, which it must have been told, and where after they have signed out.
BACK: Final = "/sign-in/provider/back"
AFTERWARDS: Final = "/sign-out"
#: Seconds for which what the provider says of itself holds.
_FRESH: Final = 3600.0

_Address = Annotated[str, AfterValidator(safe_address)]


class Away(Exception):
    """The provider cannot be reached, or says nothing that can be used."""


class Found(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery 1.0, RP-Initiated Logout 1.0)."""

    issuer: str
    authorization_endpoint: _Address
    token_endpoint: _Address
    jwks_uri: _Address
    end_session_endpoint: _Address | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Provider:
    """The provider that the settings name; nothing is fetched before somebody wants to sign in by it.

    transport: what it is reached by, where not the network.
    """

    def __init__(
        self, settings: ConsoleSettings, transport: "httpx2.AsyncBaseTransport | None" = None
    ) -> None:
        self._settings, self._transport = settings, transport
        self._client: AsyncOAuth2Client | None = None
        self._found: tuple[Found, float] | None = None
        self._keys: tuple[str, FetchedKeys] | None = None

    @property
    def issuer(self) -> str:
        """What it is called, to machines."""
        return self._settings.oidc_issuer

    async def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            await self._client.aclose()

    async def address(self, under_way: UnderWay) -> str:
        """Where somebody signs in, and is sent back from. Raises: Away."""
        found = await self._discovered()
        made, _ = self._http().create_authorization_url(
            found.authorization_endpoint,
            state=under_way.state,
            nonce=under_way.nonce,
            code_verifier=under_way.verifier,
        )
        return str(made)

    async def identity(self, code: str, under_way: UnderWay) -> str:
        """Who came back with a code. Raises: Away; Unfit, `code` where the provider does not take it."""
        found = await self._discovered()
        token = await self._id_token(found, code, under_way)
        keys = self._keys_at(found.jwks_uri)
        try:
            await keys.prepare(said(token)[1])
            known = keys.current()
        except Unavailable:
            raise Away from None
        chosen = self._settings
        expected = Expected(chosen.oidc_issuer, chosen.oidc_client_id, under_way.nonce, chosen.oidc_claim)
        # The machine's own time, as for every token: the provider has no other.
        return identity_of(token, known, expected, time.time())

    async def end_address(self) -> str:
        """Where somebody signs out of the provider too; empty where it has no such place, or is away."""
        try:
            found = await self._discovered()
        except Away:
            return ""
        if not found.end_session_endpoint:
            return ""
        given = {
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": self._settings.public_url + AFTERWARDS,
        }
        joint = "&" if "?" in found.end_session_endpoint else "?"
        return f"{found.end_session_endpoint}{joint}{urlencode(given)}"

    # ------------------------------------------------------------------------------ asking it
    def _http(self) -> "AsyncOAuth2Client":
        if self._client is None:
            from authlib.integrations.httpx_client import AsyncOAuth2Client  # when first needed

            chosen = self._settings
            self._client = AsyncOAuth2Client(
                client_id=chosen.oidc_client_id,
                client_secret=chosen.oidc_client_secret.get_secret_value() or None,
                scope=chosen.oidc_scopes,
                redirect_uri=chosen.public_url + BACK,
                code_challenge_method="S256",
                timeout=chosen.patience,
                transport=self._transport,
                follow_redirects=False,
            )
        return self._client

    async def _discovered(self) -> Found:
        """What the provider says of itself. Raises: Away."""
        if self._found is not None and time.monotonic() - self._found[1] < _FRESH:
            return self._found[0]
        import httpx2

        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            async with asyncio.timeout(self._settings.patience):
                answer = await self._http().request("GET", address, withhold_token=True)
            found = Found.model_validate_json(answer.raise_for_status().content)
            if found.issuer != self.issuer:
                raise ValueError("another issuer")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            log.error("provider-unusable", address=address, error=type(error).__name__)
            raise Away from None
        self._found = found, time.monotonic()
        return found

    async def _id_token(self, found: Found, code: str, under_way: UnderWay) -> str:
        """The id_token that the provider gives for a code. Raises: Away, Unfit."""
        import httpx2
        from authlib.integrations.httpx_client import OAuthError

        client = self._http()
        try:
            async with asyncio.timeout(self._settings.patience):
                given = await client.fetch_token(
                    found.token_endpoint,
                    auth=client.client_auth(self._authenticates_by(found)),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=under_way.verifier,
                )
        except OAuthError as refusal:
            # The settings may be wrong (invalid_client), or the code be used (invalid_grant).
            log.warning("provider-refuses", error=str(refusal.error)[:40])
            raise Unfit("code") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            log.error("provider-unusable", address=found.token_endpoint, error=type(error).__name__)
            raise Away from None
        finally:
            client.token = None  # who it is, is all that is wanted
        token = given.get("id_token")
        if not isinstance(token, str):
            raise Unfit("id_token")
        return token

    def _authenticates_by(self, found: Found) -> str:
        if not self._settings.oidc_client_secret.get_secret_value():
            return "none"
        known = found.token_endpoint_auth_methods_supported
        return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"

    def _keys_at(self, address: str) -> FetchedKeys:
        """The provider's keys, fetched now and then, and for one that is not known."""
        if self._keys is None or self._keys[0] != address:
            self._keys = address, FetchedKeys(address)
        return self._keys[1]
