"""Tables that people open, print and fill in, written as workbooks."""

import datetime
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby, pairwise
from math import ceil
from typing import Any, Final, Literal, TypeAlias

from kit.district.clock import SHANGHAI
from kit.workbooks.reading import WorkbookTooLarge, column_letter

#: What a cell can be given.
Value: TypeAlias = str | Decimal | int | float | bool | datetime.date | datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table that is written.

    Neighbours with the same `group` stand under one merged heading. `width` counts half-width characters;
    `format` is an Excel number format; `align` is left, center or right, without it text stands left and
    numbers right; `total` sums the column in the total row; `choices` are offered as a list in its cells.
    """

    heading: str
    group: str = ""
    width: float = 12
    format: str = ""
    align: str = ""
    total: bool = False
    choices: Sequence[str] = ()


#: Rows of a table; a worksheet holds 1,048,576, the rest is for header, total and notes.
_ROWS: Final = 1_048_000
_TEXT: Final = 32_767
_CUT: Final = "…（内容过长，已截断）"
_NOT_XML: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_DIGITS: Final = 15
_A4: Final = 9
#: The height of a line of text in points; Excel's rows end at 409.
_LINE: Final = 15
_MOST_LINES: Final = 26

_PLAIN: Final = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
_BOXED: Final = _PLAIN | {"border": 1, "text_wrap": True}
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "label": _PLAIN | {"font_name": "黑体", "font_size": 14},
    "title": _PLAIN | {"bold": True, "font_size": 20, "align": "center"},
    "plain": _PLAIN,
    "header": _BOXED | {"font_name": "黑体", "align": "center"},
    "text": _BOXED,
    "number": _BOXED | {"align": "right"},
    "date": _BOXED | {"align": "center", "num_format": "yyyy-mm-dd"},
    "time": _BOXED | {"align": "center", "num_format": "yyyy-mm-dd hh:mm"},
    "total": _BOXED | {"bold": True, "align": "center"},
    "sum": _BOXED | {"bold": True, "align": "right"},
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the file's own beside a table, over all of its rows.

    kind: line or column; categories, values: which columns, by number from 0; percent: the axis is a share.
    """

    title: str
    values: Sequence[int]
    kind: Literal["line", "column"] = "line"
    categories: int = 0
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands around a table.

    Args:
        sheet: the worksheet's name.
        label: a small line above the title (附件1).
        title: the title across the table.
        above: words between title and header, spread over the width of the table.
        total: the first cell of a total row; empty for none.
        notes: lines below the table.
        charts: below the notes.
        created: the time of creation in the file's properties; equal input then gives equal bytes.
    """

    sheet: str = "数据"
    label: str = ""
    title: str = ""
    above: Sequence[str] = ()
    total: str = ""
    notes: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    created: datetime.datetime | None = None


BARE: Final = Layout()


def table(columns: Sequence[Column], rows: Iterable[Sequence[Value]], layout: Layout = BARE) -> bytes:
    """Write one table as an .xlsx file that prints on landscape A4, its header repeated on every page.

    Args:
        columns: the header; two rows with merged cells as soon as one column has a group.
        rows: cells in the order of `columns`. Text stays text, whatever it begins with. Times are
            written as the district's local time; numbers of more than 15 digits as text, since Excel would round them.
        layout: title, total, notes and what else stands around it.

    Raises:
        WorkbookTooLarge: more rows than a worksheet can hold.

    A table with a plain header is written row by row in constant memory.
    """
    return book([Part(columns, rows, layout)])


@dataclass(frozen=True, slots=True)
class Part:
    """A worksheet of a workbook: a table with what stands around it."""

    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    layout: Layout = BARE


def book(parts: Sequence[Part]) -> bytes:
    """Write several tables as one .xlsx file, each on a worksheet of its own, as `table` does one.

    Raises:
        WorkbookTooLarge: more rows than a worksheet can hold.
    """
    import xlsxwriter  # here, as in other places, since a process that starts has no use for it

    output = io.BytesIO()
    # Cells merged over two rows cannot be written in constant memory; forms that have them are small.
    grouped = any(column.group for part in parts for column in part.columns)
    options = {"in_memory": True} if grouped else {"constant_memory": True}
    with xlsxwriter.Workbook(output, options) as workbook:
        if created := parts[0].layout.created:
            workbook.set_properties({"created": created.astimezone(datetime.UTC)})
        for part in parts:
            _write(workbook, part)
    return output.getvalue()


def _write(workbook: Any, part: Part) -> None:
    layout = part.layout
    writer = _Writer(workbook, workbook.add_worksheet(layout.sheet), part.columns)
    writer.page()
    writer.head(layout.label, layout.title, layout.above)
    writer.header(any(column.group for column in part.columns))
    writer.body(part.rows)
    body_end = writer.at
    if layout.total:
        writer.total(layout.total)
    writer.notes(layout.notes)
    for chart in layout.charts:
        writer.chart(chart, body_end)


@dataclass
class _Writer:
    """Writes a table from top to bottom; `at` is the row that comes next."""

    workbook: Any
    worksheet: Any
    columns: Sequence[Column]
    at: int = 0
    body_at: int = 0
    sums: dict[int, Decimal] = field(default_factory=dict)
    styles: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def style(self, name: str, column: Column | None = None) -> Any:
        """A cell format of the workbook, made on first use."""
        key = (name, column.format, column.align) if column else (name, "", "")
        if key not in self.styles:
            own = {"num_format": key[1], "align": key[2]}
            asked = {what: value for what, value in own.items() if value}
            self.styles[key] = self.workbook.add_format(_STYLES[name] | asked)
        return self.styles[key]

    def page(self) -> None:
        for index, column in enumerate(self.columns):
            self.worksheet.set_column(index, index, column.width)
        self.worksheet.set_landscape()
        self.worksheet.set_paper(_A4)
        self.worksheet.fit_to_pages(1, 0)
        self.worksheet.center_horizontally()
        self.worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        self.worksheet.set_footer("&C第 &P 页，共 &N 页")

    def block(self, text: str, style: str, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Text in the cells from `first` to `last` (row, column), merged where there are more than one."""
        if first != last:
            self.worksheet.merge_range(*first, *last, "", self.style(style))
        self.worksheet.write_string(*first, writable(text), self.style(style))

    def line(self, text: str, style: str, height: float | None = None) -> None:
        """One line of text over the whole width."""
        if height:
            self.worksheet.set_row(self.at, height)
        self.block(text, style, (self.at, 0), (self.at, len(self.columns) - 1))
        self.at += 1

    def head(self, label: str, title: str, above: Sequence[str]) -> None:
        if label:
            self.line(label, "label", 24)
        if title:
            self.line(title, "title", 40)
        if above:
            self.worksheet.set_row(self.at, 24)
            edges = [len(self.columns) * part // len(above) for part in range(len(above) + 1)]
            for text, (first, end) in zip(above, pairwise(edges), strict=True):
                self.block(text, "plain", (self.at, first), (self.at, end - 1))
            self.at += 1

    def header(self, grouped: bool) -> None:
        top = self.at
        bottom = top + grouped
        self.worksheet.set_row(top, 30)
        if grouped:
            self.worksheet.set_row(bottom, 54)
        at = 0
        for group, members in groupby(self.columns, key=lambda column: column.group):
            several = list(members)
            if group:
                self.block(group, "header", (top, at), (top, at + len(several) - 1))
            for column in several:
                self.block(column.heading, "header", (bottom if group else top, at), (bottom, at))
                at += 1
        self.at = self.body_at = bottom + 1
        self.worksheet.freeze_panes(self.at, 0)
        self.worksheet.repeat_rows(top, bottom)

    def body(self, rows: Iterable[Sequence[Value]]) -> None:
        self.sums = {index: Decimal() for index, column in enumerate(self.columns) if column.total}
        for row in rows:
            if self.at - self.body_at >= _ROWS:
                raise WorkbookTooLarge(f"结果超过 {_ROWS} 行，一张工作表放不下，请缩小查询范围。")
            lines = max(map(_lines, self.columns, row), default=1)
            self.worksheet.set_row(self.at, _LINE * lines + _LINE / 2)
            for index, (column, value) in enumerate(zip(self.columns, row, strict=True)):
                self.cell(index, column, value)
            self.at += 1
        if self.at == self.body_at:
            return
        for index, column in enumerate(self.columns):
            if column.choices:
                self.worksheet.data_validation(
                    self.body_at, index, self.at - 1, index, _list_of(column.choices)
                )

    def cell(self, index: int, column: Column, value: Value) -> None:
        sheet, at = self.worksheet, self.at
        if value is None or value == "":
            sheet.write_blank(at, index, None, self.style("text", column))
        elif isinstance(value, bool):
            sheet.write_string(at, index, "是" if value else "否", self.style("text", column))
        elif isinstance(value, str):
            sheet.write_string(at, index, writable(value), self.style("text", column))
        elif isinstance(value, datetime.datetime):
            if value.tzinfo is None:
                raise ValueError("a time without its zone cannot be written")
            local = value.astimezone(SHANGHAI).replace(tzinfo=None)
            sheet.write_datetime(at, index, local, self.style("time", column))
        elif isinstance(value, datetime.date):
            sheet.write_datetime(at, index, value, self.style("date", column))
        else:
            self.number(index, column, value)

    def number(self, index: int, column: Column, value: Decimal | int | float) -> None:
        exact = Decimal(str(value))
        if not exact.is_finite() or (
            not isinstance(value, float) and len(exact.normalize().as_tuple().digits) > _DIGITS
        ):
            self.worksheet.write_string(self.at, index, f"{exact:f}", self.style("text", column))
            return
        if index in self.sums:
            self.sums[index] += exact
        self.worksheet.write_number(self.at, index, float(value), self.style("number", column))

    def total(self, label: str) -> None:
        """The total row: live sums for whoever edits the file, with their values for whoever reads it."""
        self.worksheet.set_row(self.at, 1.5 * _LINE)
        first_sum = min(self.sums, default=len(self.columns))
        for index, column in enumerate(self.columns):
            if index in self.sums and self.at > self.body_at:
                letter = column_letter(index)
                formula = f"=SUM({letter}{self.body_at + 1}:{letter}{self.at})"
                style = self.style("sum", column)
                self.worksheet.write_formula(self.at, index, formula, style, float(self.sums[index]))
            else:
                self.worksheet.write_blank(self.at, index, None, self.style("total"))
        if first_sum:
            self.block(label, "total", (self.at, 0), (self.at, first_sum - 1))
        self.at += 1

    def chart(self, chart: Chart, body_end: int) -> None:
        """A chart over the rows of the body, below all that was written."""
        made, sheet = self.workbook.add_chart({"type": chart.kind}), self.worksheet.get_name()
        rows = (self.body_at, body_end - 1)

        def cells(column: int) -> list[Any]:
            return [sheet, rows[0], column, rows[1], column]

        for column in chart.values:
            series = {
                "name": self.columns[column].heading,
                "categories": cells(chart.categories),
                "values": cells(column),
            }
            made.add_series(series | ({"marker": {"type": "circle"}} if chart.kind == "line" else {}))
        made.set_title({"name": chart.title, "name_font": {"size": 14}})
        made.set_legend({"position": "bottom"})
        if chart.percent:
            made.set_y_axis({"num_format": "0%", "min": 0, "max": 1})
        made.set_size({"width": 900, "height": 360})
        said = "、".join(self.columns[column].heading for column in chart.values)
        self.worksheet.insert_chart(self.at + 1, 0, made, {"description": f"{chart.title}：{said}"})
        self.at += 20

    def notes(self, notes: Sequence[str]) -> None:
        for note in notes:
            self.line(note, "plain")


def writable(text: str) -> str:
    """The text without what XML cannot hold, cut to what a cell can hold."""
    text = _NOT_XML.sub("", text)
    return text if len(text) <= _TEXT else text[: _TEXT - len(_CUT)] + _CUT


def _lines(column: Column, value: Value) -> int:
    """How many lines a text takes in its column: nothing makes room for it when the file is opened."""
    if not isinstance(value, str) or (2 * len(value) <= column.width - 1 and "\n" not in value):
        return 1
    room = max(column.width - 1, 2)
    widths = (sum(1 + (letter >= "\u1100") for letter in line) for line in value[:_TEXT].split("\n"))
    return min(sum(max(1, ceil(width / room)) for width in widths), _MOST_LINES)


def _list_of(choices: Sequence[str]) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": list(choices),
        "error_title": "填写有误",
        "error_message": "请从下拉列表中选择",
    }
