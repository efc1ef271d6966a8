"""Reading the survey form: every cell checked, and all that is wrong collected in one go."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any, Final

from kit.workbooks.reading import Cell, Sheet, column_letter
from services.property.surveys import advice, cells, head, lines, together
from services.property.surveys.findings import Findings, in_order
from services.property.surveys.header import (
    LONGEST_HEADING,
    Heading,
    is_other_unit,
    locate,
    plain,
    resembling,
    unit_of,
)
from services.property.surveys.lines import Kind
from services.property.surveys.survey import COLUMNS, CellError, Status, Survey, SurveyRow
from services.property.surveys.totals import Total

#: Columns that are often filled in the first row alone.
_PLACE: Final = ("street", "community")
#: A sheet that shows how to fill in another.
_EXAMPLE: Final = re.compile("示例|样例|范例|举例|样表|样板|范本|填(表|写|报)说明")


def parse(sheets: Sequence[Sheet], *, streets: Collection[str], year: int) -> Survey:
    """Read the sheet that holds the form; others are named.

    Args:
        sheets: what `kit.workbooks.reading.read` gave.
        streets: the full names of the district's streets and towns.
        year: the year of the survey; no compound can be built later.
    """
    forms = [Findings(sheet, header) for sheet in sheets if (header := locate(sheet.rows))]
    forms = forms or [
        Findings(sheet, header) for sheet in sheets if (header := locate(sheet.rows, like=True))
    ]
    if not forms:
        reason = f"没有找到表头，请使用附件1《{lines.TITLE}》填报。"
        return Survey(errors=(CellError(1, "A", "", "", reason, COLUMNS),))
    used = _chosen(forms)
    if len(used) > 1:
        names = "、".join(each.sheet.name for each in used)
        reason = f"工作簿里有几张统计表（{names}），请合并成一张后再上传。"
        return Survey(errors=(CellError(1, "A", "", names, reason),))
    (found,) = used
    found.warnings += _passed_over(sheets, forms, found)
    return _Reading(found, streets, year).survey()


def _chosen(forms: list[Findings]) -> list[Findings]:
    """The forms without examples and empty ones, unless there is nothing else."""
    used = [each for each in forms if not _EXAMPLE.search(each.sheet.name)] or forms
    return [each for each in used if _has_compounds(each)] or used[:1]


def _passed_over(sheets: Sequence[Sheet], forms: Sequence[Findings], found: Findings) -> Iterator[CellError]:
    """Each sheet that is not read, with why."""
    for sheet in sheets:
        if sheet is not found.sheet:
            why = "没有填写小区" if any(sheet is each.sheet for each in forms) else "不是统计表"
            why = "是填写示例" if _EXAMPLE.search(sheet.name) else why
            yield CellError(1, "A", "", sheet.name, f"工作表“{sheet.name}”{why}，没有收录。")


def _has_compounds(found: Findings) -> bool:
    filled = (row for row in found.below if found.sheet.rows[row])
    return any(lines.kind_of(found.line(row)) is Kind.COMPOUND for row in filled)


def _status(cell: Cell) -> Status:
    found = cells.text(cell)
    if found in tuple(Status):
        return Status(found)
    raise cells.Wrong(f"应为{'、'.join(f'“{status}”' for status in Status)}三项之一")


class _Reading:
    """The reading of the sheet that holds the form."""

    def __init__(self, found: Findings, streets: Collection[str], year: int) -> None:
        self.found, self.header, self.streets = found, found.header, streets
        #: The rows in which the street or community is left out, with their keys.
        self.unfilled: dict[int, list[str]] = {}
        self.readers: dict[str, Callable[[Cell], Any]] = {
            "street": partial(cells.division, divisions=streets),
            "community": cells.needed,
            "compound": cells.needed,
            "buildings": partial(cells.whole, most=9_999),
            "households": partial(cells.whole, most=99_999),
            "area": partial(cells.decimal, places=2, most=99_999_999),
            "built": partial(cells.year, last=year),
            "status": _status,
            "company": cells.company,
            "members": partial(cells.whole, most=999),
            "party_members": partial(cells.whole, most=999),
            "fee": partial(cells.decimal, places=4, most=999),
            "collection_rate": cells.rate,
        }

    def survey(self) -> Survey:
        found = self.found
        stated = head.read(found)
        self.check_header()
        self.check_broken()
        filled, totals = self.filled()
        said = {row: self.read_row(row) for row in filled}
        together.check_unfilled(found, self.unfilled)
        together.check_doubles(found, said)
        together.check_bare_rates(found, filled)
        together.check_totals(found, totals, said)
        together.check_hidden(found, filled)
        if not filled and not self.header.lacking:
            found.wrong(self.header.last, "compound", "表中没有小区，请至少填写一行")
        unsound = {error.row for error in found.errors} | {row + 1 for row in self.unfilled}
        sound = [] if self.header.lacking else [row for row in filled if row + 1 not in unsound]
        rows = tuple(SurveyRow(**said[row], row=row + 1) for row in sound)
        together.check_unit(found, stated["填报单位"], rows, self.streets)
        return Survey(
            unit=stated["填报单位"],
            contact=stated["联系人"],
            phone=stated["电话"],
            rows=rows,
            added=tuple(self.header.added),
            errors=in_order(found.errors),
            warnings=in_order(found.warnings),
            sheet=found.sheet.name,
            header=self.header.last + 1,
        )

    def check_header(self) -> None:
        last = self.header.last
        for known in self.header.lacking:
            self.found.errors.append(self.lacking(known))
        for column, heading in self.header.doubled.items():
            self.found.errors.append(
                self.found.note(last, column, f"“{heading}”一列重复，请删去或改名", COLUMNS)
            )
        for heading, column in self.header.added.items():
            if len(heading) > LONGEST_HEADING:
                reason = f"增加的列，列名不能超过 {LONGEST_HEADING} 个字"
                self.found.errors.append(self.found.note(last, column, reason, COLUMNS))

    def lacking(self, known: Heading) -> CellError:
        """The refusal of a header without a column, with the one that was most likely meant."""
        row = self.header.last + 1
        reason = f"缺少“{known.heading}”一列，"
        like, instead = resembling(known, self.header.added)
        if not like:
            reason += "请按附件1补上（可以增加列，不能减少列）。"
            return CellError(row, "", known.heading, "", reason, COLUMNS)
        column = self.header.added[like]
        reason += f"第 {column + 1} 列“{like}”像是“{known.heading}”，{instead}。"
        return CellError(row, column_letter(column), known.heading, like, reason, COLUMNS)

    # ------------------------------------------------------------------------------------------------- rows
    def filled(self) -> tuple[list[int], list[Total]]:
        """The rows that hold a compound, and those of totals; complains of rows that would go unread."""
        rows: list[int] = []
        totals: list[Total] = []
        closed = False
        for row in self.found.below:
            if not self.found.sheet.rows[row]:
                continue
            kind = lines.kind_of(self.found.line(row))
            if kind in (Kind.TOTAL, Kind.SUBTOTAL):
                totals.append(Total(row, is_whole=kind is Kind.TOTAL))
                closed = closed or kind is Kind.TOTAL
            elif kind is Kind.COMPOUND and not closed:
                rows.append(row)
            elif kind is Kind.COMPOUND and self.found.line(row).telling > 1:
                self.found.errors.append(self.found.note(row, 0, "合计行以下还有小区，请移到合计行以上"))
            else:
                self.pass_over(row, Kind.OTHER if kind is Kind.COMPOUND else kind)
        self.check_unnamed(rows)
        return rows, totals

    def pass_over(self, row: int, kind: Kind) -> None:
        """Name a row that is not read as a compound; what signatures say is nobody's to repeat."""
        if kind is Kind.UNITS:
            self.check_units(row)
        if kind is Kind.SIGNED:
            self.found.warnings.append(CellError(row + 1, "A", "", "", f"{lines.UNUSED[kind]}。"))
        elif kind in lines.UNUSED:
            column = self.header.columns.get("compound", 0) if kind is Kind.SAMPLE else 0
            self.found.warnings.append(self.found.note(row, column, lines.UNUSED[kind]))

    def check_units(self, row: int) -> None:
        """Refuse a row of units with one in which the form does not have the column."""
        for key in self.header.columns:
            unit = unit_of(plain(self.found.raw(row, self.header.columns[key])))
            if unit and is_other_unit(key, unit):
                self.found.wrong(
                    row, key, f"单位是“{unit.replace('m2', '㎡')}”，请按附件1的单位填写各行，并删去这一行"
                )

    def check_broken(self) -> None:
        """Refuse each cell that reads as empty and is not, in the header and below it."""
        broken = self.found.sheet.broken
        number = self.header.columns.get("number")
        in_row = Counter(row for row, _ in broken)
        for (row, column), reason in broken.items():
            # A row numbered in advance by a formula, in which nothing else stands.
            alone = column == number and in_row[row] == 1 and not self.found.line(row).shown
            if row >= self.header.first and not alone:
                self.found.errors.append(self.found.note(row, column, reason))

    def check_unnamed(self, rows: list[int]) -> None:
        for column in self.header.unnamed:
            if any(plain(self.found.raw(row, column)) for row in rows):
                self.found.errors.append(
                    self.found.note(self.header.last, column, "这一列填了内容却没有列名，请补上", COLUMNS)
                )

    def read_row(self, row: int) -> dict[str, Any]:
        """What the row says, without the cells that are wrong."""
        said: dict[str, Any] = {"added": self.added(row)}
        for key, reader in self.readers.items():
            if key not in self.header.columns:
                continue
            try:
                said[key] = reader(self.found.cell(row, key))
            except cells.Missing as missing:
                if key in _PLACE:
                    self.unfilled.setdefault(row, []).append(key)
                else:
                    self.found.wrong(row, key, str(missing))
            except cells.NotAFigure as wrong:
                self.found.wrong(row, key, advice.instead(key, str(wrong)))
            except cells.Wrong as wrong:
                self.found.wrong(row, key, str(wrong))
        together.check_row(self.found, row, said)
        return said

    def added(self, row: int) -> dict[str, str]:
        found = {}
        for heading, column in self.header.added.items():
            shown = cells.text(self.found.shared(row, column))
            if len(shown) > cells.LONGEST_TEXT:
                reason = f"内容超过 {cells.LONGEST_TEXT} 个字，请缩短"
                self.found.errors.append(self.found.note(row, column, reason, COLUMNS))
            elif shown:
                found[heading] = shown
        return found
