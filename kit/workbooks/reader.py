"""The child process in which an uploaded workbook is opened; `kit.workbooks.reading.read` runs this file as a script.

A workbook of a few kilobytes can ask its reader for hundreds of gigabytes (two cells in opposite corners, a
zip bomb) and end the process that opens it. So a process that may end opens it, with a ceiling on memory and
time: workbook on standard input, JSON on standard output.
"""

import datetime
import gc
import io
import json
import lzma
import os
import re
import resource
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import python_calamine

from kit.workbooks import old_format

#: The content type of the main part of .xlsx and .xlsm, which .ods and .xlsb, zip archives too, do not have.
SPREADSHEET = re.compile(rb"(sheet|template)\.(macroEnabled\.)?main\+xml")
#: What the content types of an archive with macros name: its own kind, a project of them, or a sheet of the former kind.
MACROS = re.compile(rb"\.macroEnabled\.main\+xml|vbaProject|macrosheet")
#: What the XML of a sheet holds that has an error, a formula or hidden rows; most have none and are not parsed again.
SUSPECT = re.compile(rb"""\bt\s*=\s*["']e["']|<(\w+:)?f[\s>/]|\bhidden\s*=""")
#: One of these stands wherever `SUSPECT` finds something; looking for them takes a tenth of the time.
TRACES = (b'"e"', b"'e'", b"<f", b":f", b"hidden")
#: The first bytes of XML that is not in a kind of ASCII.
WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")
#: What the library of archives and that of XML raise of a file that is damaged, or packed as no workbook is.
UNREADABLE = (
    *(zipfile.BadZipFile, ElementTree.ParseError, zlib.error, lzma.LZMAError, struct.error),
    *(LookupError, ValueError, EOFError, OSError, NotImplementedError),
)
#: How many rows go out together.
PART = 5000
NO_RESULT = "公式没有结果，请用 Excel 或 WPS 打开并保存后再上传"
#: Of .xls files, where a formula with an empty text looks like one that was never calculated.
EMPTY_RESULT = "公式没有结果，请直接填写内容；没有内容的请清空"


def shown(cell: object) -> object:
    """A cell that JSON has no type for: dates are marked, times of day and durations become text."""
    if isinstance(cell, datetime.date):
        return {"date": cell.isoformat()}
    return str(cell)


def sheets(data: bytes, rows: int, columns: int) -> dict[str, Any]:
    """The visible worksheets that hold anything, or the word for why they cannot be had."""
    archive = zipfile.ZipFile(io.BytesIO(data)) if data.startswith(b"PK") else None
    if refused := unfit(data, archive):
        return {"refused": refused}
    workbook = python_calamine.load_workbook(io.BytesIO(data))
    parts = sheet_parts(archive) if archive is not None else {}
    seen = old_format.sheets(data) if archive is None else []
    found = []
    for index, sheet in enumerate(workbook.sheets_metadata):
        if (
            sheet.typ != python_calamine.SheetTypeEnum.WorkSheet
            or sheet.visible != python_calamine.SheetVisibleEnum.Visible
        ):
            continue
        # The library lets others work while it reads, so the archive is looked through beside it.
        with ThreadPoolExecutor(1) as beside:
            looking = beside.submit(marked, archive, parts[sheet.name]) if archive else None
            content = workbook.get_sheet_by_name(sheet.name)
        if content.end is None:
            continue
        if content.end[1] >= columns:
            return {"refused": "columns", "sheet": sheet.name}
        taken = rows_of(content, rows)
        if taken is None:
            return {"refused": "rows", "sheet": sheet.name}
        broken, hidden = looking.result() if looking else marked_before(seen[index], taken)
        found.append(
            {
                "name": sheet.name,
                "rows": taken,
                "merged": content.merged_cell_ranges or [],
                "broken": broken,
                "hidden": hidden,
            }
        )
    return {"sheets": found}


def unfit(data: bytes, archive: zipfile.ZipFile | None) -> str | None:
    """The word for why a file is not opened at all, though it may well be whole."""
    if archive is None:
        return "macros" if old_format.has_macros(data) else None
    if any(part.flag_bits & 1 for part in archive.infolist()):
        return "encrypted"
    types = archive.read("[Content_Types].xml")
    if not SPREADSHEET.search(types):
        return "format"
    return "macros" if MACROS.search(types) else None


def rows_of(content: python_calamine.CalamineSheet, bound: int) -> Sequence[Sequence[object]] | None:
    """The rows of a sheet, None where they are more than the bound.

    In a sheet beyond it rows numbered in advance, which hold one number and nothing else, do not count and are empty.
    """
    if content.end is not None and content.end[0] < bound:
        return content.to_python(skip_empty_area=False)
    found: list[Sequence[object]] = []
    counted = 0
    for row in content.iter_rows():
        filled = [cell for cell in row if cell != ""]
        numbered = len(filled) == 1 and str(filled[0]).removesuffix(".0").isdecimal()
        found.append([] if numbered else row)
        counted += not numbered
        if counted > bound:
            return None
    while found and not found[-1]:
        found.pop()
    return found


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of the archive that holds each worksheet, by the sheet's name."""
    targets = {
        link.get("Id"): link.get("Target", "")
        for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 # nosec B314 # in a child with bounds
    }
    found = {}
    for node in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314 # nosec B314 # in a child with bounds
        if bare(node.tag) == "sheet":
            link = next((value for key, value in node.items() if bare(key) == "id"), "")
            target = targets.get(link, "")
            target = target.removeprefix("/")
            found[node.get("name", "")] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def bare(tag: str) -> str:
    """A name of XML without its namespace."""
    return tag.rpartition("}")[2]


def marked(archive: zipfile.ZipFile, part: str) -> tuple[list[tuple[int, int, str]], list[int]]:
    """What the library does not tell of a sheet: cells that it reads as empty and that are not, and hidden rows.

    Cells by row, column (from 0) and Chinese reason; rows from 0.
    """
    content = archive.read(part)
    broken: list[tuple[int, int, str]] = []
    hidden: list[int] = []
    if not content.startswith(WIDE) and not is_suspect(content):
        return broken, hidden
    row, column = -1, -1
    with io.BytesIO(content) as source:
        for event, node in ElementTree.iterparse(source, events=("start", "end")):  # noqa: S314 # nosec B314 # in a child with bounds
            tag = bare(node.tag)
            if event == "start" and tag == "row":
                row, column = int(node.get("r") or row + 2) - 1, -1
                if node.get("hidden") in ("1", "true"):
                    hidden.append(row)
            elif event == "start" and tag == "c":
                column = column_of(node.get("r")) if node.get("r") else column + 1
            elif event == "end" and tag == "c":
                if reason := why_broken(node):
                    broken.append((row, column, reason))
            elif event == "end" and tag == "row":
                node.clear()
    return broken, hidden


def is_suspect(content: bytes) -> bool:
    """Whether the XML of a sheet, in a kind of ASCII, has to be parsed for what the library does not tell."""
    return any(trace in content for trace in TRACES) and SUSPECT.search(content) is not None


def marked_before(
    seen: old_format.Seen, taken: Sequence[Sequence[object]]
) -> tuple[list[tuple[int, int, str]], list[int]]:
    """The same of a sheet in an .xls file; a formula that is alone in its row may well be empty."""
    broken = [(*place, error_value(value)) for place, value in sorted(seen.errors.items())]
    filled = {row for row, cells in enumerate(taken) if any(cell != "" for cell in cells)}
    broken += [(row, column, EMPTY_RESULT) for row, column in sorted(seen.empty) if row in filled]
    return broken, seen.hidden


def error_value(value: str) -> str:
    """What is said of a cell that holds an error value."""
    return f"单元格是错误值 {value}，请改正公式或直接填写内容"


def column_of(reference: str) -> int:
    """The column of a reference such as AB12, counted from 0."""
    index = 0
    for letter in reference:
        if letter.isalpha():
            index = index * 26 + ord(letter.upper()) - ord("A") + 1
    return index - 1


def why_broken(cell: ElementTree.Element) -> str:
    """Why a cell has no value though something stands in it; empty where all is well."""
    parts = {bare(child.tag): child for child in cell}
    value = parts["v"].text or "" if "v" in parts else ""
    if cell.get("t") == "e":
        return error_value(value)
    if "f" in parts and not value and cell.get("t") != "str":
        return NO_RESULT
    return NO_RESULT if "f" in parts and "v" not in parts else ""


def is_encrypted(data: bytes) -> bool:
    """Whether a password keeps the file shut; the library says so only of a file with the right ending."""
    for ending in (".xls", ".xlsx"):
        with tempfile.NamedTemporaryFile(suffix=ending) as file:
            file.write(data)
            file.flush()
            try:
                python_calamine.load_workbook(file.name).close()
            except python_calamine.PasswordError:
                return True
            except python_calamine.CalamineError:
                continue
    return False


def opened(data: bytes, rows: int, columns: int) -> dict[str, Any]:
    try:
        return sheets(data, rows, columns)
    except python_calamine.CalamineError:
        return {"refused": "encrypted" if is_encrypted(data) else "unreadable"}
    except UNREADABLE:
        return {"refused": "unreadable"}


def main(megabytes: int, seconds: int, rows: int, columns: int) -> None:
    gc.disable()  # what the one answer takes is given back with the process, below too
    data = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = opened(data, rows, columns)
    except MemoryError:
        answer = {"refused": "memory"}
    except BaseException as error:
        # A panic of the Rust reader is no Exception and its class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        answer = {"refused": "unreadable"}
    tell(answer)
    os._exit(0)


def tell(answer: dict[str, Any]) -> None:
    """Write the rows of all sheets in parts, a line of JSON each, and then the answer with how many parts each sheet has.

    Whoever reads makes cells of one part while the next is written.
    """
    out = sys.stdout.buffer
    for found in answer.get("sheets", ()):
        rows = found.pop("rows")
        found["parts"] = -(-len(rows) // PART)
        for start in range(0, len(rows), PART):
            out.write(line_of(rows[start : start + PART]))
            out.flush()
    out.write(line_of(answer))
    out.flush()


def line_of(told: object) -> bytes:
    """A line of JSON."""
    return json.dumps(told, default=shown, ensure_ascii=False).encode() + b"\n"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
