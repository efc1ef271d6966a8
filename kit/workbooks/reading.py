"""Sheets of a workbook that somebody uploaded.

Reading happens in a child process with limits (see `kit.workbooks.reader`), so a hostile or broken file costs
its sender an answer and the service nothing. It blocks for some tens of milliseconds: call it in a thread.
"""

import datetime
import math
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Context, Decimal
from itertools import chain, islice
from pathlib import Path
from threading import Timer
from typing import Any, Final, TypeAlias

from pydantic_core import from_json

from kit.district.clock import SHANGHAI

#: What a cell read from a sheet holds; an empty cell is the empty string, a time is in the district's zone.
Cell: TypeAlias = str | Decimal | bool | datetime.date | datetime.datetime
#: First row, first column, last row, last column; counted from 0, the last ones included.
Merged: TypeAlias = tuple[int, int, int, int]


class NotAWorkbook(Exception):
    """The file cannot be read as a workbook; the message is a Chinese sentence for whoever sent it."""


class WorkbookTooLarge(NotAWorkbook):
    """The file, or what it unpacks to, is beyond the bounds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a workbook is read; beyond it the whole file is refused.

    rows: of a sheet; those that only bear a number, as a form numbered in advance has, do not count.
    """

    file_bytes: int = 10 << 20
    rows: int = 20_000
    columns: int = 100
    memory_megabytes: int = 512
    seconds: int = 10


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet from its first row and column on, so that `rows[6][2]` is the cell C7.

    `broken` are the cells, by row and column from 0, that show as empty in `rows` and are not (an error value,
    a formula that was never calculated), with what to do in Chinese; `hidden` the rows, from 0, that do not show.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    merged: Sequence[Merged] = ()
    broken: Mapping[tuple[int, int], str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()


BOUNDS: Final = Bounds()
_READER: Final = Path(__file__).with_name("reader.py")
#: The first bytes of .xlsx (a zip archive) and of .xls, .et and encrypted files (a compound document).
_SIGNATURES: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_SAVE_AS: Final = "请用 Excel 或 WPS 表格打开后另存为 .xlsx，再重新上传。"


def read(data: bytes, bounds: Bounds = BOUNDS) -> tuple[Sheet, ...]:
    """Read the visible, non-empty worksheets of an .xlsx, .xls or .et file, in the workbook's order.

    Numbers are exact decimals of the 15 significant digits that Excel itself keeps and shows.

    Raises:
        NotAWorkbook: not a workbook, damaged, encrypted, with macros or empty.
        WorkbookTooLarge: more bytes, rows, columns, memory or time than `bounds` allow.
    """
    if not data:
        raise NotAWorkbook("上传的文件是空的，请重新选择文件。")
    if len(data) > bounds.file_bytes:
        raise WorkbookTooLarge(f"文件超过 {bounds.file_bytes >> 20} MB，请删去图片等无关内容后再上传。")
    if not data.startswith(_SIGNATURES):
        raise NotAWorkbook(f"文件不是 Excel 或 WPS 表格（只改扩展名不能转换格式），{_SAVE_AS}")
    answer = _opened(data, bounds)
    if refused := answer.get("refused"):
        raise _refusal(refused, answer.get("sheet", ""), bounds)
    if not answer["sheets"]:
        raise NotAWorkbook("工作簿里没有任何内容，请确认选对了文件。")
    return tuple(
        Sheet(found["name"], found["rows"], _merged(found), _broken(found), frozenset(found["hidden"]))
        for found in answer["sheets"]
    )


def column_letter(index: int) -> str:
    """The letter of the column counted from 0, as the workbook shows it: 0 is A, 26 is AA."""
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(ord("A") + rest) + letters
        index -= 1
    return letters


def _opened(data: bytes, bounds: Bounds) -> dict[str, Any]:
    """What the child process found: rows as cells, made while it still writes the next ones."""
    limits = (bounds.memory_megabytes, bounds.seconds, bounds.rows, bounds.columns)
    command = [sys.executable, "-I", str(_READER), *map(str, limits)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as reader:  # noqa: S603 (our own script)
        ending = Timer(2 * bounds.seconds, reader.kill)
        ending.start()
        try:
            parts, answer = _told(reader, data)
            said = reader.stderr.read() if reader.stderr else b""
        finally:
            ending.cancel()
            reader.kill()  # nothing where it has ended
    if answer is not None:
        for found in answer.get("sheets", ()):
            found["rows"] = list(chain.from_iterable(islice(parts, found["parts"])))
        return answer
    if reader.returncode < 0:  # ended by a signal: out of memory or of processor time
        return {"refused": "memory"}
    raise RuntimeError(f"the workbook reader failed: {said.decode(errors='replace')[-2000:]}")


def _told(
    reader: "subprocess.Popen[bytes]", data: bytes
) -> tuple[Iterator[list[list[Cell]]], dict[str, Any] | None]:
    """The parts of all sheets' rows, one line each, and the answer that comes last; None where it does not come."""
    assert reader.stdin is not None and reader.stdout is not None
    with suppress(BrokenPipeError), reader.stdin:  # one that has ended says so below
        reader.stdin.write(data)
    parts: list[list[list[Cell]]] = []
    for line in reader.stdout:
        told = from_json(line)
        if isinstance(told, dict):
            return iter(parts), told
        parts.append(cells_of(told))
    reader.wait()
    return iter(parts), None


def _refusal(word: str, sheet: str, bounds: Bounds) -> NotAWorkbook:
    stray = "若下方或右侧有误填的单元格，请删除这些行列"
    return {
        "encrypted": NotAWorkbook("工作簿设有密码，请取消密码后再上传。"),
        "macros": NotAWorkbook(
            "文件含有宏（如 .xlsm），请用 Excel 或 WPS 表格打开后另存为不含宏的 .xlsx，再重新上传。"
        ),
        "format": NotAWorkbook(f"不支持这种表格文件（如 .ods、.xlsb），{_SAVE_AS}"),
        "unreadable": NotAWorkbook(f"文件已损坏，或不是 Excel、WPS 表格，{_SAVE_AS}"),
        "rows": WorkbookTooLarge(f"工作表“{sheet}”超过 {bounds.rows} 行，请分成几份上传；{stray}。"),
        "columns": WorkbookTooLarge(f"工作表“{sheet}”超过 {bounds.columns} 列；{stray}。"),
        "memory": WorkbookTooLarge(f"工作簿展开后过大，无法读取；{stray}，或把数据复制到新工作簿后再上传。"),
    }[word]


_FIFTEEN_DIGITS: Final = Context(prec=15)


def cells_of(rows: list[list[Any]]) -> list[list[Cell]]:
    """Rows as the child tells them, as cells; texts and whole numbers, which most are, without a call for each."""
    return [
        [
            cell
            if (kind := cell.__class__) is str
            else Decimal(int(cell))
            if kind is float and -1e15 < cell < 1e15 and cell.is_integer()
            else _cell(cell)
            for cell in row
        ]
        for row in rows
    ]


def _cell(read: Any) -> Cell:
    if isinstance(read, dict):
        return _date(read["date"])
    if isinstance(read, str | bool):
        return read
    if not math.isfinite(read):
        return str(Decimal(read))
    return _FIFTEEN_DIGITS.create_decimal(repr(read).removesuffix(".0"))


def _date(text: str) -> Cell:
    if "T" not in text:
        return datetime.date.fromisoformat(text)
    return datetime.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def _merged(found: dict[str, Any]) -> list[Merged]:
    return [(*first, *last) for first, last in found["merged"]]


def _broken(found: dict[str, Any]) -> dict[tuple[int, int], str]:
    return {(row, column): reason for row, column, reason in found["broken"]}
