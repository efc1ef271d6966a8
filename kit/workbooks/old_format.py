"""What `python_calamine` does not tell of an .xls or .et file: error values, formulas without a result, hidden rows.

A compound document holds one stream of records (MS-XLS). Of the records only those of cells and rows are looked at that
the library reads as empty, or not at all.
"""

import struct
from collections.abc import Iterator
from io import BytesIO

import olefile

#: The first bytes of a compound document.
SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

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
    except (struct.error, OSError):
        raise ValueError("a damaged compound document") from None


def has_macros(data: bytes) -> bool:
    """Whether a project of macros lies in the file; of one that is damaged, no."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as document:
            return bool(document.exists("_VBA_PROJECT_CUR"))
    except (struct.error, OSError, ValueError):
        return False


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
    """The stream of the workbook's records; of two kinds of them the newer."""
    with olefile.OleFileIO(BytesIO(data)) as document:
        for name in ("Workbook", "Book"):
            if document.exists(name):
                with document.openstream(name) as stream:
                    found: bytes = stream.read()
                    return found
    raise ValueError("no workbook in the compound document")
