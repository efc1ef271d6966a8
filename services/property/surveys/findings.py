"""A sheet with its header: its cells by row and official column, and what is found wrong or doubtful in them."""

from collections.abc import Collection, Sequence
from typing import Final

from kit.workbooks.reading import Cell, Sheet, column_letter
from services.property.surveys import cells
from services.property.surveys.header import OFFICIAL, Header, plain
from services.property.surveys.lines import Line
from services.property.surveys.survey import FORM, STATUSES, SUMMED, CellError

HEADINGS: Final = {known.key: known.heading for known in OFFICIAL}
#: A cell merged over several rows speaks for each of them, unless it would then be counted more than once.
_NOT_SHARED: Final = frozenset({"compound", *SUMMED})
#: So many rows are listed by number.
_FEW: Final = 5


class Findings:
    """One reading of one sheet. Rows and columns are counted from 0 in here, as in the sheet."""

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self.sheet, self.header = sheet, header
        self.errors: list[CellError] = []
        self.warnings: list[CellError] = []
        self.headings = {column: heading for heading, column in header.added.items()} | {
            column: HEADINGS[key] for key, column in header.columns.items()
        }
        #: The top row of each cell that lies in a cell merged over several rows.
        self.tops = {
            (row, left): top
            for top, left, bottom, _ in sheet.merged
            if bottom > top > header.last
            for row in range(top, bottom + 1)
        }

    @property
    def below(self) -> range:
        """The rows below the header."""
        return range(self.header.last + 1, len(self.sheet.rows))

    def cells_of(self, row: int) -> Sequence[Cell]:
        """The cells of a row; none below the last that the sheet has."""
        return self.sheet.rows[row] if row < len(self.sheet.rows) else ()

    def raw(self, row: int, column: int) -> Cell:
        """What stands in a cell, whatever it is merged with."""
        cells_of_row = self.cells_of(row)
        return cells_of_row[column] if column < len(cells_of_row) else ""

    def own(self, row: int, key: str) -> Cell:
        """What stands in the row's own cell of an official column."""
        return self.raw(row, self.header.columns[key])

    def shared(self, row: int, column: int) -> Cell:
        """What a cell says for the row, also where it is merged over several."""
        return self.raw(self.tops.get((row, column), row), column)

    def cell(self, row: int, key: str) -> Cell:
        """What an official column says for the row.

        Raises:
            cells.Wrong: merged over several rows where it would count more than once.
        """
        column = self.header.columns[key]
        if key in _NOT_SHARED and (row, column) in self.tops:
            raise cells.Wrong("不能跨行合并单元格，请取消合并后逐行填写")
        return self.shared(row, column)

    def line(self, row: int) -> Line:
        """The row made plain."""
        found = [*map(plain, self.cells_of(row))]
        at = {key: found[column] for key, column in self.header.columns.items() if column < len(found)}
        added = any(found[column] for column in self.header.added.values() if column < len(found))
        return Line(tuple(filter(None, found)), at, added=added)

    def note(self, row: int, column: int, reason: str, clause: str = FORM) -> CellError:
        """A sentence about a cell, with what stands in it."""
        return CellError(
            row + 1,
            column_letter(column),
            self.headings.get(column, ""),
            cells.text(self.raw(row, column)),
            f"{reason}。",
            clause,
        )

    def wrong(self, row: int, key: str, reason: str) -> None:
        """Refuse what stands in an official column."""
        clause = STATUSES if key == "status" else FORM
        self.errors.append(self.note(row, self.header.columns[key], reason, clause))

    def doubt(self, row: int, key: str, reason: str) -> None:
        """Doubt what stands in an official column."""
        self.warnings.append(self.note(row, self.header.columns[key], reason))


def listed(rows: Collection[int]) -> str:
    """Rows as the workbook numbers them, the first few of many."""
    numbers = "、".join(str(row + 1) for row in sorted(rows)[:_FEW])
    return f"第 {numbers} 行" if len(rows) <= _FEW else f"第 {numbers} 等 {len(rows)} 行"


def in_order(found: Collection[CellError]) -> tuple[CellError, ...]:
    """By row, then by column."""
    return tuple(sorted(found, key=lambda each: (each.row, len(each.column), each.column)))
