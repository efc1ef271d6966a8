"""What is written to a connection in one turn of the event loop, as one call of the system at the turn's end.

An answer's head and body are two writes to uvicorn, and each may wake whoever waits for it. Held until the turn's end,
those of a connection are one call, and those of all connections come after one another, when who is woken by the first
is still awake for the others: with sixteen connections the gateway does a third more.
"""

import asyncio
from typing import Any, Final

#: Bytes from which on nothing is held.
_MOST: Final = 64 * 1024


class HeldWrites:
    """A transport that holds what is written until the turn's end; in all else the transport itself."""

    __slots__ = ("_held", "_loop", "_size", "_transport")

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        self._loop, self._transport = loop, transport
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Write before the next turn, in order."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > _MOST:
            self._flush()

    def close(self) -> None:
        """Write what is held, then close."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether nothing more is taken."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held:
            self._transport.write(held[0] if len(held) == 1 else b"".join(held))
