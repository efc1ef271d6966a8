"""Where events may be sent: public addresses, and the networks that the deployment allows.

A name is resolved, each of its addresses checked, and the checked address connected to, all in one step: nobody
resolves it again in between. What the deployment itself names as a subscriber is not checked.
"""

import asyncio
import ipaddress
from collections.abc import Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from socket import IPPROTO_TCP, gaierror
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

Networks = tuple[IPv4Network | IPv6Network, ...]

#: IPv4 within IPv6 as a translator takes it (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_allowed(address: str, networks: Networks) -> bool:
    """Whether an IP address is public, in whatever it is wrapped, or lies in an allowed network."""
    for each in _meant(ipaddress.ip_address(address.partition("%")[0])):
        if any(each in network for network in networks):
            continue
        if not each.is_global or each.is_multicast or each.is_reserved or each.is_unspecified:
            return False
        if isinstance(each, IPv6Address) and each.is_site_local:
            return False
    return True


def _meant(address: IPv4Address | IPv6Address) -> Iterable[IPv4Address | IPv6Address]:
    """The address, or the IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return [address]
    if address in _TRANSLATED:
        return [IPv4Address(address.packed[-4:])]
    wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    found = [each for each in wrapped if each is not None]
    if not found and address.packed[:12] == bytes(12) and int(address) > 1:  # ::a.b.c.d, of old
        return [IPv4Address(address.packed[-4:])]
    return found or [address]


def is_refused_as_written(host: str, networks: Networks) -> bool:
    """Whether a URL's host need not be looked up to know that it is not allowed."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return not is_allowed(name, networks)
    except ValueError:
        here = name == "localhost" or name.endswith(".localhost")
        return here and not is_allowed("127.0.0.1", networks)


def no_cookies() -> CookieJar:
    """What keeps no cookie: a client that lives as long as its service would keep everybody's, and send them along."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


def outside_client(networks: Networks) -> "httpx2.AsyncClient":
    """A client that connects to what is allowed, follows no redirect, and uses no proxy of the environment."""
    import httpcore2
    import httpx2

    class Checked(httpcore2.AnyIOBackend):
        """Connects to addresses that have been checked."""

        async def connect_tcp(self, host: str, port: int, *given: Any, **options: Any) -> Any:
            """Connect to the first address that answers.

            Raises: ConnectError, also where one of the addresses is not allowed; ConnectTimeout.
            """
            try:
                async with asyncio.timeout(options.get("timeout")):
                    found = await _resolve(host, port)
            except TimeoutError:
                raise httpcore2.ConnectTimeout from None
            if not found or not all(is_allowed(address, networks) for address in found):
                raise httpcore2.ConnectError("not an address that is allowed")
            for address in found[:-1]:
                try:
                    return await super().connect_tcp(address, port, *given, **options)
                except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                    continue
            return await super().connect_tcp(found[-1], port, *given, **options)

    transport = httpx2.AsyncHTTPTransport()
    transport._pool = httpcore2.AsyncConnectionPool(
        ssl_context=httpx2.create_ssl_context(),
        # One for each receiver that is being served: fewer would let slow ones keep others waiting.
        max_connections=None,
        max_keepalive_connections=20,
        network_backend=Checked(),
    )
    return httpx2.AsyncClient(
        transport=transport, timeout=10, follow_redirects=False, trust_env=False, cookies=no_cookies()
    )


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=IPPROTO_TCP)
    except (gaierror, UnicodeError):
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
