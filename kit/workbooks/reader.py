"""The child process in which an uploaded workbook is opened; `kit.workbooks.reading.read` runs this file as a script.

A workbook of a few kilobytes can ask its reader for hundreds of gigabytes (two cells in opposite corners, a
zip bomb) and end the process that opens it. So a process that may end opens it, with a ceiling on memory and
time: workbook on standard input, JSON on standard output.
"""

import datetime
import io
import json
import resource
import sys
import tempfile

import python_calamine


def shown(cell: object) -> object:
    """A cell that JSON has no type for: dates are marked, times of day and durations become text."""
    if isinstance(cell, datetime.date):
        return {"date": cell.isoformat()}
    return str(cell)


def sheets(data: bytes, rows: int, columns: int) -> dict[str, object]:
    """The visible worksheets that hold anything, or the word for why they cannot be had."""
    workbook = python_calamine.load_workbook(io.BytesIO(data))
    found = []
    for sheet in workbook.sheets_metadata:
        if (
            sheet.typ != python_calamine.SheetTypeEnum.WorkSheet
            or sheet.visible != python_calamine.SheetVisibleEnum.Visible
        ):
            continue
        content = workbook.get_sheet_by_name(sheet.name)
        if content.end is None:
            continue
        if content.end[0] >= rows:
            return {"refused": "rows", "sheet": sheet.name}
        if content.end[1] >= columns:
            return {"refused": "columns", "sheet": sheet.name}
        found.append(
            {
                "name": sheet.name,
                "rows": content.to_python(skip_empty_area=False),
                "merged": content.merged_cell_ranges or [],
            }
        )
    return {"sheets": found}


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


def opened(data: bytes, rows: int, columns: int) -> dict[str, object]:
    try:
        return sheets(data, rows, columns)
    except python_calamine.CalamineError:
        return {"refused": "encrypted" if is_encrypted(data) else "unreadable"}


def main(megabytes: int, seconds: int, rows: int, columns: int) -> None:
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
    sys.stdout.write(json.dumps(answer, default=shown))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
