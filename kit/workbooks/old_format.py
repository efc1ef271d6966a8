"""What `python_calamine` does not tell of an .xls or .et file: error values, formulas without a result, hidden rows.

A compound document (MS-CFB) holds one stream of records (MS-XLS). Of the records only those of cells and rows are
looked at that the library reads as empty, or not at all.
"""

import struct
from collections.abc import Iterator, Sequence

#: The first bytes of a compound document.
SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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
    """The stream of the workbook's records in a compound document; of two kinds of them the newer."""
    document = _Document(data)
    found = {name.lower(): entry for name, entry in document.entries()}
    entry = found.get("workbook") or found.get("book")
    if entry is None:
        raise ValueError("no workbook in the compound document")
    return document.stream(entry)


class _Document:
    """A compound document: sectors, chained by tables, and a directory of streams; small ones lie in a stream themselves."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(SIGNATURE):
            raise ValueError("no compound document")
        self.data = data
        self.size, self.small_size = (1 << each for each in struct.unpack_from("<HH", data, 30))
        directory, _, self.least, small_first, _, more = struct.unpack_from("<6I", data, 48)
        listed = list(struct.unpack_from("<109I", data, 76))
        while more < _LAST and len(listed) * self.size < len(data) + 110 * self.size:
            *others, more = _numbers(self.sector(more))
            listed += others
        self.table = [each for at in listed if at < _LAST for each in _numbers(self.sector(at))]
        self.small_table = _numbers(self.chained(small_first))
        self.directory = self.chained(directory)

    def sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    def chained(self, first: int) -> bytes:
        """The sectors from one on."""
        return b"".join(map(self.sector, _chain(self.table, first)))

    def entries(self) -> Iterator[tuple[str, bytes]]:
        """The entries of the directory behind its root, by name."""
        for at in range(_ENTRY, len(self.directory) - _ENTRY + 1, _ENTRY):
            entry = self.directory[at : at + _ENTRY]
            length = max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)
            yield entry[:length].decode("utf-16-le", "replace"), entry

    def stream(self, entry: bytes) -> bytes:
        """What an entry of the directory holds."""
        first, length = struct.unpack_from("<II", entry, 116)
        if length >= self.least:
            return self.chained(first)[:length]
        small = self.chained(struct.unpack_from("<I", self.directory, 116)[0])
        places = _chain(self.small_table, first)
        parts = (small[at * self.small_size : (at + 1) * self.small_size] for at in places)
        return b"".join(parts)[:length]


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _chain(table: Sequence[int], first: int) -> Iterator[int]:
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
