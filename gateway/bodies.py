"""A request's body on its way through: whole while it is small, as a stream otherwise, never over the limit."""

from collections.abc import AsyncIterator

from starlette.types import Receive, Scope

from gateway.guard import Guard
from kit.web.checks import Bounds
from kit.web.problems import Malformed, TooLarge

#: Bodies up to this size are read before the service is called: they can be sent again if a connection breaks.
_SMALL = 64 * 1024


def limit_of(scope: Scope, bounds: Bounds) -> int:
    """The limit of one request's body, by what it says it is."""
    content_type = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return bounds.of(content_type.decode("latin-1"))


class ClientGone(Exception):
    """The caller closed the connection before the whole body had come."""


class RequestBody:
    """The body of one request.

    length: as its header says; None where there is no body, or one in chunks.
    """

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        fields = dict(scope["headers"])
        coding = fields.get(b"transfer-encoding")
        if coding is not None and coding.lower() != b"chunked":
            raise Malformed("unknown-coding", "Transfer-Encoding 只支持 chunked，请改正后重新提交。")
        self._chunked = coding is not None
        length = None if self._chunked else fields.get(b"content-length")
        self._receive, self._limit = receive, limit
        self._size = 0
        self.length = _number(length) if length is not None else None
        if self.length is not None and self.length > limit:
            raise self._too_large()

    async def read(self, guard: Guard) -> bytes | AsyncIterator[bytes] | None:
        """None without a body, the bytes of a small one, the stream of a large one.

        Raises: TooLarge; ClientGone.
        """
        if self.length is None and not self._chunked:
            return None
        guard.body_done = False
        taken = bytearray()
        while len(taken) <= _SMALL:
            chunk, more = await self._next(guard)
            taken += chunk
            if not more:
                return bytes(taken)
        return self._stream(bytes(taken), guard)

    async def whole(self, guard: Guard) -> bytes:
        """All of the body at once.

        Raises: TooLarge; ClientGone.
        """
        body = await self.read(guard)
        if body is None or isinstance(body, bytes):
            return body or b""
        return b"".join([chunk async for chunk in body])

    async def _stream(self, taken: bytes, guard: Guard) -> AsyncIterator[bytes]:
        yield taken
        more = True
        while more:
            chunk, more = await self._next(guard)
            if chunk:
                yield chunk

    async def _next(self, guard: Guard) -> tuple[bytes, bool]:
        guard.waits_for_caller = True
        guard.moved()
        message = await self._receive()
        guard.moved()
        guard.waits_for_caller = False
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        self._size += len(chunk)
        if self._size > self._limit:
            raise self._too_large()
        more: bool = message.get("more_body", False)
        guard.body_done = not more
        return chunk, more

    def _too_large(self) -> TooLarge:
        megabytes = f"{self._limit / 1024 / 1024:.4g}"
        return TooLarge("body-too-large", f"提交的内容超过 {megabytes} MB，请拆分后再提交。")


def _number(length: bytes) -> int:
    if not length.isdigit():
        raise Malformed("bad-content-length", "Content-Length 不是合法的数字，请检查后重新提交。")
    return int(length)
