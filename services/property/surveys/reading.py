"""Reading the survey form: every cell checked, and all that is wrong collected in one go."""

import re
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from kit.district.names import name_key
from kit.workbooks.reading import Cell, Sheet, column_letter
from services.property.surveys import cells, head
from services.property.surveys.header import LONGEST_HEADING, OFFICIAL, Header, is_header, locate, plain
from services.property.surveys.survey import COLUMNS, FORM, STATUSES, CellError, Status, Survey, SurveyRow

TITLE: Final = "东胜区物业管理基本情况统计表"
SUMMED: Final = ("buildings", "households", "area", "members", "party_members")

_HEADINGS: Final = {known.key: known.heading for known in OFFICIAL}
_TOTALS: Final = frozenset({"合计", "总计", "共计"})
_NOTE: Final = re.compile(r"(备注|填表说明|说明|注)([\d:.、]|$)|\d+[.、]\D")
#: Columns that say which compound a row is of; a row with two of them is one, wherever it stands.
_TELLING: Final = ("street", "community", "compound", "status")
#: Lines of a page's head or foot: a title, a label with what belongs to it.
_LINE: Final = re.compile(rf"附件\d*|{TITLE}|[^:]{{1,20}}:.*")
#: A cell merged over several rows speaks for each of them, unless it would then be counted more than once.
_NOT_SHARED: Final = frozenset({"compound", *SUMMED})
#: Square metres a household, outside of which the unit of the area is in doubt.
_LEAST_AREA, _MOST_AREA = 10, 1_000


def parse(sheets: Sequence[Sheet], *, streets: Collection[str], year: int) -> Survey:
    """Read the sheet that holds the form.

    Args:
        sheets: what `kit.workbooks.reading.read` gave.
        streets: the full names of the district's streets and towns.
        year: the year of the survey; no compound can be built later.
    """
    forms = [(sheet, header) for sheet in sheets if (header := locate(sheet.rows))]
    if not forms:
        reason = f"没有找到表头，请使用附件1《{TITLE}》填报。"
        return Survey(errors=(CellError(1, "A", "", "", reason, COLUMNS),))
    if len(forms) > 1:
        names = "、".join(sheet.name for sheet, _ in forms)
        reason = "工作簿里有几张统计表，请合并成一张后再上传。"
        return Survey(errors=(CellError(1, "A", "", names, reason),))
    return _Reading(*forms[0], streets, year).survey()


def _status(cell: Cell) -> Status:
    found = cells.text(cell)
    if found in tuple(Status):
        return Status(found)
    raise cells.Wrong(f"应为{'、'.join(f'“{status}”' for status in Status)}三项之一")


def is_text(shown: Sequence[str]) -> bool:
    """Whether a row is a line of notes, of a head or of signatures."""
    return bool(_NOTE.match(shown[0])) or all(map(_LINE.fullmatch, shown))


class _Reading:
    """One reading of one sheet. Rows and columns are counted from 0 in here, as in the sheet."""

    def __init__(self, sheet: Sheet, header: Header, streets: Collection[str], year: int) -> None:
        self.sheet, self.header = sheet, header
        self.errors: list[CellError] = []
        self.warnings: list[CellError] = []
        self.headings = {column: heading for heading, column in header.added.items()} | {
            column: _HEADINGS[key] for key, column in header.columns.items()
        }
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
        #: The top row of each cell that lies in a cell merged over several rows.
        self.tops = {
            (row, left): top
            for top, left, bottom, _ in sheet.merged
            if bottom > top > header.last
            for row in range(top, bottom + 1)
        }

    def survey(self) -> Survey:
        unit, contact, phone = self.above()
        self.check_header()
        self.check_broken()
        filled, total = self.filled()
        values = {row: self.read_row(row) for row in filled}
        self.check_doubles(values)
        self.check_bare_rates(filled)
        if total is not None:
            self.check_total(total, values)
        if not filled and not self.header.lacking:
            self.wrong(self.header.last, "compound", "表中没有小区，请至少填写一行")
        wrong = {error.row for error in self.errors}
        sound = [] if self.header.lacking else [row for row in filled if row + 1 not in wrong]
        return Survey(
            unit,
            contact,
            phone,
            rows=tuple(SurveyRow(**values[row], row=row + 1) for row in sound),
            added=tuple(self.header.added),
            errors=tuple(sorted(self.errors, key=lambda error: (error.row, len(error.column), error.column))),
            warnings=tuple(
                sorted(self.warnings, key=lambda warning: (warning.row, len(warning.column), warning.column))
            ),
        )

    # ---------------------------------------------------------------------------------- noting what is found
    def raw(self, row: int, column: int) -> Cell:
        cells_of_row = self.sheet.rows[row]
        return cells_of_row[column] if column < len(cells_of_row) else ""

    def note(self, row: int, column: int, reason: str, clause: str = FORM) -> CellError:
        return CellError(
            row + 1,
            column_letter(column),
            self.headings.get(column, ""),
            cells.text(self.raw(row, column)),
            f"{reason}。",
            clause,
        )

    def wrong(self, row: int, key: str, reason: str) -> None:
        clause = STATUSES if key == "status" else FORM
        self.errors.append(self.note(row, self.header.columns[key], reason, clause))

    def doubt(self, row: int, key: str, reason: str) -> None:
        self.warnings.append(self.note(row, self.header.columns[key], reason))

    # ------------------------------------------------------------------------------- above and in the header
    def above(self) -> tuple[str, str, str]:
        """填报单位, 联系人, 电话 from the lines above the header, each in its own cell or several in one."""
        found = {"填报单位": "", "联系人": "", "电话": ""}
        for index in range(self.header.first):
            line = "  ".join(filter(None, map(cells.text, self.sheet.rows[index])))
            for label, value in head.entries(line):
                self.take(index, label, value, found)
        for label, value in found.items():
            if not value:
                self.warnings.append(
                    CellError(max(self.header.first, 1), "A", label, "", f"没有填写{label}。")
                )
        return found["填报单位"], found["联系人"], found["电话"]

    def take(self, index: int, label: str, value: str, found: dict[str, str]) -> None:
        """Keep an entry of the head; one that is not the form's is named without its value, maybe personal."""
        if label not in found:
            if value:
                reason = "表头上方的这一项不属于附件1，没有收录。"
                self.warnings.append(CellError(index + 1, "A", label, "", reason))
            return
        if not value or found[label] == value:
            return
        try:
            taken = cells.name(value)
            if found[label]:
                raise cells.Wrong(f"{label}填写了两次，请只留一处")
            if label != "电话" and head.holds_phone(value):
                raise cells.Wrong(f"{label}里有号码，请把号码填在“电话：”后面")
            found[label] = taken
        except cells.Wrong as wrong:
            self.errors.append(CellError(index + 1, "A", label, "", f"{wrong}。"))

    def check_header(self) -> None:
        last = self.header.last
        for known in self.header.lacking:
            reason = f"缺少“{known.heading}”一列，请按附件1补上（可以增加列，不能减少列）。"
            self.errors.append(CellError(last + 1, "", known.heading, "", reason, COLUMNS))
        for column, heading in self.header.doubled.items():
            self.errors.append(self.note(last, column, f"“{heading}”一列重复，请删去或改名", COLUMNS))
        for heading, column in self.header.added.items():
            if len(heading) > LONGEST_HEADING:
                reason = f"增加的列，列名不能超过 {LONGEST_HEADING} 个字"
                self.errors.append(self.note(last, column, reason, COLUMNS))

    # ------------------------------------------------------------------------------------------------- rows
    def filled(self) -> tuple[list[int], int | None]:
        """The rows that hold a compound, and the total row; complains of rows that would go unread."""
        rows: list[int] = []
        total = None
        columns = [column for key, column in self.header.columns.items() if key != "number"]
        columns += self.header.added.values()
        labels = sorted({0, *(self.header.columns.get(key, 0) for key in ("number", "street", "compound"))})
        for row in range(self.header.last + 1, len(self.sheet.rows)):
            shown = [cell for cell in map(plain, self.sheet.rows[row]) if cell]
            if is_header(shown) or (shown and not self.telling(row) and is_text(shown)):
                continue
            if total is None and any(plain(self.raw(row, label)) in _TOTALS for label in labels):
                total = row
            elif not any(plain(self.raw(row, column)) for column in columns):
                self.pass_over(row, [cell for cell in shown if not cell.isdecimal()])
            elif total is None:
                rows.append(row)
            elif self.telling(row):
                self.errors.append(self.note(row, 0, "合计行以下还有小区，请移到合计行以上"))
            else:
                self.pass_over(row, shown)
        self.check_unnamed(rows)
        return rows, total

    def pass_over(self, row: int, shown: Sequence[str]) -> None:
        """Name a row that is not read as a compound, where it holds more than its number."""
        if shown:
            self.warnings.append(self.note(row, 0, "这一行没有作为小区收录；如是小区，请补全各列"))

    def telling(self, row: int) -> bool:
        """Whether the row speaks of a compound, whatever else stands in it."""
        named = [key for key in _TELLING if key in self.header.columns]
        return sum(bool(plain(self.raw(row, self.header.columns[key]))) for key in named) > 1

    def check_broken(self) -> None:
        """Refuse each cell that reads as empty and is not, in the header and below it."""
        for (row, column), reason in self.sheet.broken.items():
            if row >= self.header.first:
                self.errors.append(self.note(row, column, reason))

    def check_unnamed(self, rows: list[int]) -> None:
        for column in self.header.unnamed:
            if any(plain(self.raw(row, column)) for row in rows):
                self.errors.append(
                    self.note(self.header.last, column, "这一列填了内容却没有列名，请补上", COLUMNS)
                )

    def read_row(self, row: int) -> dict[str, Any]:
        """What the row says, without the cells that are wrong."""
        found: dict[str, Any] = {"added": self.added(row)}
        for key, reader in self.readers.items():
            if key not in self.header.columns:
                continue
            try:
                found[key] = reader(self.cell(row, key))
            except cells.Wrong as wrong:
                self.wrong(row, key, str(wrong))
        self.check_company(row, found)
        self.check_committee(row, found)
        self.check_gaps(row, found)
        return found

    def cell(self, row: int, key: str) -> Cell:
        column = self.header.columns[key]
        top = self.tops.get((row, column))
        if top is None:
            return self.raw(row, column)
        if key in _NOT_SHARED:
            raise cells.Wrong("不能跨行合并单元格，请取消合并后逐行填写")
        return self.raw(top, column)

    def added(self, row: int) -> dict[str, str]:
        found = {}
        for heading, column in self.header.added.items():
            shown = cells.text(self.raw(self.tops.get((row, column), row), column))
            if len(shown) > cells.LONGEST_TEXT:
                reason = f"内容超过 {cells.LONGEST_TEXT} 个字，请缩短"
                self.errors.append(self.note(row, column, reason, COLUMNS))
            elif shown:
                found[heading] = shown
        return found

    # ----------------------------------------------------------------------------------- cells taken together
    def check_company(self, row: int, found: dict[str, Any]) -> None:
        if "company" not in found or "status" not in found:
            return
        status, company = found["status"], found["company"]
        written = cells.text(self.cell(row, "company"))
        if not company and written not in cells.NOTHING and status is not Status.PROFESSIONAL:
            self.doubt(row, "company", f"“{written}”不是企业名称，已按没有企业读取")
        if status is Status.PROFESSIONAL and not company:
            self.wrong(row, "company", f"现状为“{status}”的小区，请填写物业服务企业名称")
        if status is Status.NONE and company:
            self.wrong(row, "company", f"现状为“{status}”的小区没有企业，请清空，或改正物业管理现状")

    def check_committee(self, row: int, found: dict[str, Any]) -> None:
        members, party_members = found.get("members"), found.get("party_members")
        if "members" not in found or not party_members:
            return
        if members is None:
            self.wrong(row, "members", "填了党员人数，请一并填写委员人数")
        elif party_members > members:
            self.wrong(row, "party_members", f"党员 {party_members} 人多于委员 {members} 人，请核对")

    def check_gaps(self, row: int, found: dict[str, Any]) -> None:
        """Doubts only: the plan wants full and accurate figures (P-3.1), but old compounds may lack some."""
        wanted = ["buildings", "households", "area", "built"]
        if found.get("status") is Status.PROFESSIONAL:
            wanted += ["fee", "collection_rate"]
        if found.get("members"):
            wanted.append("party_members")
        for key in wanted:
            if key in found and found[key] is None:
                self.doubt(row, key, "没有填写，请尽量补全")
        area, households = found.get("area"), found.get("households")
        if area and households and not _LEAST_AREA <= area / households <= _MOST_AREA:
            self.doubt(row, "area", f"户均 {area / households:.1f} 平方米，请核对面积的单位是否为平方米")

    def check_doubles(self, values: dict[int, dict[str, Any]]) -> None:
        seen: dict[tuple[str, ...], int] = {}
        for row, found in values.items():
            if not found.keys() >= {"street", "community", "compound"}:
                continue
            key = tuple(name_key(found[part]) for part in ("street", "community", "compound"))
            first = seen.setdefault(key, row)
            if first != row:
                self.wrong(
                    row,
                    "compound",
                    f"与第 {first + 1} 行是同一小区，两行（第 {first + 1}、{row + 1} 行）只留一行",
                )

    def check_bare_rates(self, rows: list[int]) -> None:
        """A bare 1 reads as 100%; where the column is otherwise in per cent, 1% may have been meant."""
        if "collection_rate" not in self.header.columns:
            return
        bare = {
            row: rate for row in rows if (rate := cells.bare(self.cell(row, "collection_rate"))) is not None
        }
        if any(rate > 1 for rate in bare.values()):
            for row, rate in bare.items():
                if rate == 1:
                    self.doubt(row, "collection_rate", "已按 100% 读取；如为 1%，请写成“1%”")

    def check_total(self, total: int, values: dict[int, dict[str, Any]]) -> None:
        for key in SUMMED:
            if key not in self.header.columns or any(key not in found for found in values.values()):
                continue
            try:
                stated = cells.number(self.raw(total, self.header.columns[key]))
            except cells.Wrong:
                stated = None
            summed = sum((Decimal(found[key] or 0) for found in values.values()), Decimal())
            # Areas were rounded row by row, the sum in the workbook was not.
            leeway = Decimal("0.005") * (len(values) + 1) if key == "area" else 0
            if stated is not None and abs(stated - summed) > leeway:
                self.doubt(total, key, f"合计为 {stated:f}，各行相加为 {summed:f}，请核对")
