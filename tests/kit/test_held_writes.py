"""What is written to a connection in one turn of the loop leaves as one call, in order, and is never lost by a close."""

import asyncio
from collections.abc import Awaitable, Callable

from kit.web.held_writes import HeldWrites


class Spy(asyncio.Transport):
    """A transport that remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.said.append(bytes(data))

    def close(self) -> None:
        self.said.append("closed")

    def abort(self) -> None:
        self.said.append("aborted")


Said = list[bytes | str]


def spied(act: Callable[[HeldWrites, Said], Awaitable[None]]) -> None:
    """Let something be done with a transport, while what the one below it was told can be looked at."""

    async def run() -> None:
        spy = Spy()
        await act(HeldWrites(asyncio.get_running_loop(), spy), spy.said)

    asyncio.run(run())


def test_head_and_body_of_one_turn_are_one_call() -> None:
    async def act(transport: HeldWrites, said: Said) -> None:
        transport.write(b"head ")
        transport.write(b"body")
        assert said == []
        await asyncio.sleep(0)
        assert said == [b"head body"]

    spied(act)


def test_what_is_written_in_the_next_turn_leaves_with_it() -> None:
    async def act(transport: HeldWrites, said: Said) -> None:
        for piece in (b"one", b"two"):
            transport.write(piece)
            await asyncio.sleep(0)
        assert said == [b"one", b"two"]

    spied(act)


def test_what_is_held_leaves_before_the_connection_closes() -> None:
    async def act(transport: HeldWrites, said: Said) -> None:
        transport.write(b"the last words")
        transport.close()
        await asyncio.sleep(0)
        assert said == [b"the last words", "closed"]

    spied(act)


def test_large_pieces_are_not_held() -> None:
    async def act(transport: HeldWrites, said: Said) -> None:
        transport.write(b"head ")
        transport.write(b"x" * 65_536)
        assert said == [b"head " + b"x" * 65_536]
        transport.write(b"end")
        await asyncio.sleep(0)
        assert said[1:] == [b"end"]

    spied(act)


def test_in_all_else_it_is_the_transport() -> None:
    async def act(transport: HeldWrites, said: Said) -> None:
        transport.abort()
        assert said == ["aborted"]

    spied(act)
