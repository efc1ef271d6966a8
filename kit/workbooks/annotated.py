"""A workbook that somebody handed in, given back with what is wrong: coloured cells, the reason as a comment in each."""

import datetime
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from kit.workbooks.reading import Cell, Sheet
from kit.workbooks.writing import writable

_DIGITS: Final = 15
#: Wrong and doubtful cells, as Excel's own styles colour bad and neutral ones.
_COLOURS: Final = {True: {"bg_color": "#FFC7CE", "font_color": "#9C0006"}, False: {"bg_color": "#FFEB9C"}}
_DATES: Final[dict[type, str]] = {datetime.datetime: "yyyy-mm-dd hh:mm", datetime.date: "yyyy-mm-dd"}


@dataclass(frozen=True, slots=True)
class Note:
    """What is said of a cell, by sheet, row and column from 0; wrong, or only doubtful."""

    sheet: str
    row: int
    column: int
    text: str
    wrong: bool = True


def annotated(sheets: Sequence[Sheet], notes: Iterable[Note]) -> bytes:
    """The sheets as they were read, with their merged cells, as an .xlsx file with the notes in their cells.

    Notes on a sheet that is not there stand in the first.
    """
    import xlsxwriter

    said: defaultdict[str, defaultdict[tuple[int, int], list[Note]]] = defaultdict(lambda: defaultdict(list))
    names = {sheet.name for sheet in sheets}
    for note in notes:
        said[note.sheet if note.sheet in names else sheets[0].name][note.row, note.column].append(note)
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as workbook:
        for number, sheet in enumerate(sheets, 1):
            _Page(workbook, _named(workbook, sheet.name, number), said[sheet.name]).write(sheet)
    return output.getvalue()


def _named(workbook: Any, name: str, number: int) -> Any:
    from xlsxwriter.exceptions import XlsxWriterException

    try:
        return workbook.add_worksheet(name)
    except XlsxWriterException:  # a name that Excel itself would not give
        return workbook.add_worksheet(f"表{number}")


class _Page:
    """One sheet that is given back."""

    def __init__(self, workbook: Any, page: Any, said: dict[tuple[int, int], list[Note]]) -> None:
        self.workbook, self.page, self.said = workbook, page, said
        self.styles: dict[tuple[bool | None, str], Any] = {}

    def write(self, sheet: Sheet) -> None:
        for top, left, bottom, right in sheet.merged:
            if (top, left) != (bottom, right):
                self.merge(top, left, bottom, right)
        for row, cells in enumerate(sheet.rows):
            for column, cell in enumerate(cells):
                if cell != "":
                    self.cell(row, column, cell)
        for (row, column), notes in self.said.items():
            if not (
                row < len(sheet.rows) and column < len(sheet.rows[row]) and sheet.rows[row][column] != ""
            ):
                self.page.write_blank(row, column, None, self.style(row, column))
            text = "\n".join(dict.fromkeys(note.text for note in notes))
            self.page.write_comment(row, column, writable(text), {"x_scale": 2, "author": "核对"})

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        from xlsxwriter.exceptions import XlsxWriterException

        try:
            self.page.merge_range(top, left, bottom, right, "", self.style(top, left))
        except XlsxWriterException:  # cells that are merged twice
            return

    def cell(self, row: int, column: int, cell: Cell) -> None:
        style = self.style(row, column, _DATES.get(type(cell), ""))
        if isinstance(cell, bool):
            self.page.write_boolean(row, column, cell, style)
        elif isinstance(cell, Decimal) and len(cell.normalize().as_tuple().digits) <= _DIGITS:
            self.page.write_number(row, column, float(cell), style)
        elif isinstance(cell, datetime.datetime):
            self.page.write_datetime(row, column, cell.replace(tzinfo=None), style)
        elif isinstance(cell, datetime.date):
            self.page.write_datetime(row, column, cell, style)
        else:
            self.page.write_string(row, column, writable(str(cell)), style)

    def style(self, row: int, column: int, date: str = "") -> Any:
        notes = self.said.get((row, column))
        wrong = any(note.wrong for note in notes) if notes else None
        if (wrong, date) not in self.styles:
            asked = {"num_format": date} if date else {}
            asked |= _COLOURS[wrong] if wrong is not None else {}
            self.styles[wrong, date] = self.workbook.add_format(asked) if asked else None
        return self.styles[wrong, date]
