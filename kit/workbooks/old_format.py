"""What `python_calamine` does not tell of an .xls or .et file: error values, formulas without a result, hidden rows.

A compound document (MS-CFB) holds one stream of records (MS-XLS). Of the records only those of cells and rows are
looked at that the library reads as empty, or not at all.
"""

import struct
from collections.abc import Iterator

#: The first bytes of a compound document.
SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = ("workbook", "book")
_LAST = 0xFFFFFFFA
_ENTRY = 128

_FORMULA, _END, _SHEET, _ERROR, _ROW = 0x06, 0x0A, 0x85, 0x205, 0x208
_BEGINS = (0x09, 0x209, 0x409, 0x809)
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_HIDDEN = 0x20


class Seen:
    """What was found in one sheet, rows and columns from 0: errors with their value, empty formulas, hidden rows."""

    def __init__(self) -> None:
        self.errors: dict[tuple[int, int], str] = {}
        self.empty: set[tuple[int, int]] = set()
        self.hidden: list[int] = []


def sheets(data: bytes) -> list[Seen]:
    """What was found in each sheet, in the workbook's order.

    Raises:
        ValueError: not such a file, or one that is damaged.
    """
    try:
        stream = _workbook(data)
        begins = [struct.unpack_from("<I", body)[0] for kind, body in _records(stream, 0) if kind == _SHEET]
        return [_seen(stream, begin) for begin in begins]
    except (struct.error, IndexError):
        raise ValueError("a damaged compound document") from None


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of the part that begins at a place, up to its end; parts that lie in it are left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        depth += (kind in _BEGINS) - (kind == _END)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _seen(stream: bytes, begin: int) -> Seen:
    found = Seen()
    for kind, body in _records(stream, begin):
        if kind == _ROW and struct.unpack_from("<H", body, 12)[0] & _HIDDEN:
            found.hidden.append(struct.unpack_from("<H", body)[0])
        elif kind == _ERROR:
            row, column, _, value, is_error = struct.unpack_from("<HHHBB", body)
            if is_error:
                found.errors[row, column] = _ERRORS.get(value, "#N/A")
        elif kind == _FORMULA:
            row, column, _, what, _, value, _, _, _, mark = struct.unpack_from("<HHHBBBBBBH", body)
            if mark == 0xFFFF and what == 2:
                found.errors[row, column] = _ERRORS.get(value, "#N/A")
            elif mark == 0xFFFF and what == 3:
                found.empty.add((row, column))
    return found


def _workbook(data: bytes) -> bytes:
    """The stream of the workbook's records in a compound document."""
    if not data.startswith(SIGNATURE):
        raise ValueError("no compound document")
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    small_size = 1 << struct.unpack_from("<H", data, 32)[0]
    directory, _, least, small_first, _, more = struct.unpack_from("<6I", data, 48)

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    listed = list(struct.unpack_from("<109I", data, 76))
    while more < _LAST and len(listed) * size < len(data) + 110 * size:
        *others, more = _numbers(sector(more))
        listed += others
    table = [entry for number in listed if number < _LAST for entry in _numbers(sector(number))]
    entries = b"".join(map(sector, _chain(table, directory)))
    root, *streams = [entries[at : at + _ENTRY] for at in range(0, len(entries) - _ENTRY + 1, _ENTRY)]
    for entry in streams:
        name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", "replace")
        if name.lower() not in _STREAMS:
            continue
        first, length = struct.unpack_from("<II", entry, 116)
        if length >= least:
            return b"".join(map(sector, _chain(table, first)))[:length]
        small = b"".join(map(sector, _chain(table, struct.unpack_from("<I", root, 116)[0])))
        small_table = [each for number in _chain(table, small_first) for each in _numbers(sector(number))]
        places = _chain(small_table, first)
        return b"".join(small[at * small_size : (at + 1) * small_size] for at in places)[:length]
    raise ValueError("no workbook in the compound document")


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _chain(table: list[int], first: int) -> Iterator[int]:
    """The sectors of a stream in their order.

    Raises:
        ValueError: they go round in a circle.
    """
    seen = 0
    while first < _LAST:
        if seen > len(table):
            raise ValueError("a stream without end")
        yield first
        first, seen = table[first], seen + 1
