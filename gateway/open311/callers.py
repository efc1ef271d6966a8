"""Who calls by Open311: whoever has an api_key or a token; nobody in particular reads what is open to all."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from fastapi import Request

from gateway.clients import NOBODY, Client, Clients, matches
from gateway.limits import Limiter, address
from kit.logs import log
from kit.web.caller import Caller
from kit.web.problems import Forbidden
from kit.web.tokens import Verifier, bearer

#: What a key is good for: a key stands in forms and addresses, so that it opens nothing else.
_SCOPES = frozenset(("dispatch:read", "dispatch:write"))
#: Seconds that a key which was right need not be checked again.
_REMEMBERED = 300.0
_MOST_REMEMBERED = 256


@dataclass
class Callers:
    """Looks at the keys; at most two at a time, as each takes 16 MB and some 50 ms.

    tries: how often an address may try a key; signed: makes a caller's token for one question; own_token: the gateway's.
    """

    clients: Clients
    verifier: Verifier
    limiter: Limiter
    tries: Limiter
    signed: Callable[[Caller], str]
    own_token: Callable[[], str]
    _checking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    _right: dict[bytes, float] = field(default_factory=dict)

    def admit(self, request: Request) -> None:
        """Let in who asks for what is open to all, as often as an address may.

        Raises: TooMany.
        """
        self._count(request, f"public {address(request)}")

    async def known(self, request: Request, api_key: str | None) -> tuple[str, str] | None:
        """The token by which services are asked, the caller's own or one for its key, and whose it is; None without either.

        Raises: Unauthorized; Unavailable; Forbidden for a wrong key; TooMany.
        """
        if "authorization" in request.headers:
            token = bearer(request.headers["authorization"])
            caller = await self.verifier.admit(token)
            self._count(request, caller.who)
            return token, caller.party
        if not api_key:
            self.admit(request)
            return None
        caller = await self._of_key(request, api_key)
        self._count(request, caller.client)
        return self.signed(caller), caller.client

    def _count(self, request: Request, caller: str) -> None:
        request.scope.setdefault("state", {})["quota"] = self.limiter.admit(caller)

    async def _of_key(self, request: Request, api_key: str) -> Caller:
        id, _, secret = api_key.partition(":")
        client = self.clients.get(id)
        hashed = client.hashed if client else NOBODY
        mark = hashlib.sha256(f"{hashed}\n{api_key}".encode()).digest()
        if self._right.get(mark, 0.0) <= monotonic():
            self.tries.admit(address(request))
            async with self._checking:
                right = await asyncio.to_thread(matches, secret, hashed)
            if client is None or not right:
                log.warning("client-refused", known=client is not None)
                raise Forbidden("bad-api-key", "api_key 不对，应为“客户端编号:密钥”，请核对后重试。")
            self._remember(mark)
        assert client is not None
        return _limited(id, client)

    def _remember(self, mark: bytes) -> None:
        now = monotonic()
        self._right = {each: until for each, until in self._right.items() if until > now}
        if len(self._right) < _MOST_REMEMBERED:
            self._right[mark] = now + _REMEMBERED


def no_key() -> Forbidden:
    """The problem of a call that needs a key and has none."""
    return Forbidden("no-api-key", "缺少 api_key，请填“客户端编号:密钥”，或用 Authorization: Bearer 令牌。")


def _limited(id: str, client: Client) -> Caller:
    return client.caller(id, client.scopes & _SCOPES)
