"""What clients find out by themselves: where tokens are given out and checked (RFC 8414)."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter

from gateway.assertions import GRANT
from gateway.clients import Clients
from gateway.settings import GatewaySettings


def router(settings: GatewaySettings, clients: Clients) -> APIRouter:
    """`/.well-known/oauth-authorization-server`, where the issuer that tokens name is an address and not a mere name."""
    routes = APIRouter(include_in_schema=False)
    issuer = settings.token_issuer
    address = urlsplit(issuer)
    if address.scheme in ("http", "https"):
        base = f"{address.scheme}://{address.netloc}"

        @routes.get("/.well-known/oauth-authorization-server" + address.path.rstrip("/"))
        async def read_metadata() -> dict[str, Any]:
            return {
                "issuer": issuer,
                "token_endpoint": f"{base}/auth/v1/token",
                "jwks_uri": f"{base}/auth/v1/jwks.json",
                "service_documentation": f"{base}/docs",
                "grant_types_supported": ["client_credentials", GRANT],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic",
                    "client_secret_post",
                    "none",
                ],
                "response_types_supported": [],
                "scopes_supported": sorted(clients.scopes()),
            }

    return routes
