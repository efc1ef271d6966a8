"""What .xls files hold besides what the library tells: a compound document of records."""

import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.workbooks.old_format import sheets

WRITTEN = (Path(__file__).parent / "workbooks" / "broken.xls").read_bytes()
#: The records of that file: it is the first stream, of 4,096 bytes, in sectors of 512.
STREAM = WRITTEN[512 : 512 + 4096]
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def entry(name: str, kind: int, first: int, length: int, beside: int = FREE) -> bytes:
    letters = name.encode("utf-16-le")
    below = 1 if kind == 5 else FREE
    head = letters.ljust(64, b"\0") + struct.pack("<HBB3I", len(letters) + 2, kind, 1, FREE, beside, below)
    return (head + bytes(36) + struct.pack("<II", first, length)).ljust(128, b"\0")


def in_small_sectors(**streams: bytes) -> bytes:
    """A compound document whose streams lie in the stream of small ones: sectors of a table, directory, small table."""
    small, chain, entries = b"", [], b""
    for number, (name, content) in enumerate(streams.items(), 1):
        begin, count = len(small) // 64, -(-len(content) // 64)
        chain += [*range(begin + 1, begin + count), END]
        entries += entry(name, 2, begin, len(content), number + 1 if number < len(streams) else FREE)
        small += content.ljust(count * 64, b"\0")
    last = 3 + -(-len(small) // 512)
    table = [TABLE, END, END, *range(4, last), END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack(
        "<16x5H6x10I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 2, 1, END, 0, 0
    )
    sectors = (
        header.ljust(512, b"\xff"),
        struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff"),
        (entry("Root Entry", 5, 3, len(small)) + entries).ljust(512, b"\0"),
        struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff"),
        small,
    )
    return b"".join(sectors)


def test_errors_empty_formulas_and_hidden_rows_are_found_in_each_sheet():
    hidden, shown = sheets(WRITTEN)

    assert (hidden.errors, hidden.empty, hidden.hidden) == ({}, set(), [])
    assert (shown.errors, shown.empty, shown.hidden) == (
        {(1, 1): "#REF!", (4, 28): "#N/A"},
        {(2, 1)},
        [3],
    )


@pytest.mark.parametrize("name", ["Workbook", "WORKBOOK", "Book"])
def test_a_workbook_so_small_that_it_lies_among_the_small_streams_is_read_alike(name):
    small = STREAM[: STREAM.rindex(b"\x0a\x00\x00\x00") + 4]

    assert sheets(in_small_sectors(**{name: small}))[1].errors == sheets(WRITTEN)[1].errors


def test_of_a_file_for_two_versions_the_newer_is_read():
    small = STREAM[: STREAM.rindex(b"\x0a\x00\x00\x00") + 4]

    assert len(sheets(in_small_sectors(Book=b"\x09\x08\x00\x00", Workbook=small))) == 2


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", WRITTEN[:8], in_small_sectors(Other=b"x")])
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(ValueError):
        sheets(data)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(8, len(WRITTEN) - 1), st.integers(0, 255)), min_size=1, max_size=9))
def test_damage_ends_in_an_answer_or_a_refusal(changes):
    damaged = bytearray(WRITTEN)
    for at, value in changes:
        damaged[at] = value
    with suppress(ValueError):
        assert isinstance(sheets(bytes(damaged)), list)
