"""Bodies that are taken row by row: never more of one is held than a batch, however it was packed."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.web import streams
from kit.web.problems import Invalid, TooLarge


async def _parts(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def _lines(*parts: bytes) -> list[streams.Line]:
    async def all_lines() -> list[streams.Line]:
        return [line async for batch in streams.batches(_parts(parts)) for line in batch]

    return asyncio.run(all_lines())


def _unpacked(*parts: bytes, limit: int = 10**6) -> bytes:
    async def all_bytes() -> bytes:
        return b"".join([piece async for piece in streams.unpacked(_parts(parts), limit)])

    return asyncio.run(all_bytes())


@given(st.binary(max_size=200), st.integers(1, 20))
def test_lines_are_the_same_however_the_body_is_cut_into_parts(body, size):
    cut = [body[at : at + size] for at in range(0, len(body), size)]
    whole = [(number, line.strip()) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    assert _lines(*cut) == whole


def test_of_a_line_that_is_too_long_only_its_number_is_kept_wherever_it_stands():
    long = [b"x" * 10_000] * 1000
    assert _lines(b"a\n", *long, b"\nb\n", *long) == [(1, b"a"), (2, None), (3, b"b"), (4, None)]


def test_many_lines_come_in_batches_of_rows_and_of_bytes(monkeypatch):
    monkeypatch.setattr(streams, "BATCH_ROWS", 3)

    async def sizes(*parts: bytes) -> list[int]:
        return [len(batch) async for batch in streams.batches(_parts(parts))]

    assert asyncio.run(sizes(b"a\n" * 7)) == [3, 3, 1]
    monkeypatch.setattr(streams, "BATCH_BYTES", 10)
    assert asyncio.run(sizes(b"123456\n" * 4)) == [2, 2]


def test_what_gzip_has_packed_in_one_or_several_members_is_unpacked():
    packed = gzip.compress(b"a\n" * 1000) + gzip.compress(b"b\n")
    assert _unpacked(*(packed[at : at + 7] for at in range(0, len(packed), 7))) == b"a\n" * 1000 + b"b\n"


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b"row\n")[:-3], b"no gzip", zlib.compress(b"row\n"), gzip.compress(b"row\n") + b"more"],
    ids=["cut off", "another thing", "zlib", "something after it"],
)
def test_what_is_no_whole_gzip_is_refused(packed):
    with pytest.raises(Invalid) as refused:
        _unpacked(packed)
    assert refused.value.slug == "broken-gzip"


def test_a_bomb_is_refused_at_the_limit_before_it_is_unpacked():
    taken = 0

    async def until_refused() -> None:
        nonlocal taken
        async for piece in streams.unpacked(_parts([gzip.compress(b"0" * 10**8)]), 10**6):
            taken += len(piece)

    with pytest.raises(TooLarge):
        asyncio.run(until_refused())
    assert taken <= 10**6
