"""A bulletin as people print it: a workbook with charts, a document in the official form, a picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from kit.dispatch.bulletin import COUNTED, BulletinFigure, Grouping
from kit.dispatch.bulletin_api import BulletinFigureOut, BulletinFiguresOut, BulletinGroupOut
from kit.district.clock import local_day
from kit.documents.official import About, OfficialDocument
from kit.figures.bars import Bar, Group, bars
from kit.figures.canvas import Head
from kit.figures.palette import Tone
from kit.figures.rows import Entry
from kit.figures.scales import SHARES, counting
from kit.workbooks.writing import Chart, Column, Layout, Part, Value, book

#: What the charts show.
_DRAWN: Final = (
    BulletinFigure.ANSWER,
    BulletinFigure.RESPONSE,
    BulletinFigure.SOLVED,
    BulletinFigure.SATISFIED,
)
_PERCENT: Final = "0.00%"
_OFFICE: Final = "12345 热线"


@dataclass(frozen=True)
class Printed:
    """A bulletin that is printed. away: services that did not answer; without: those that cannot be grouped so."""

    bulletin: BulletinFiguresOut
    now: datetime
    away: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is called."""
        month = self.bulletin.month
        return f"{month.year}年{month.month}月诉求办理情况通报"

    @property
    def warnings(self) -> list[str]:
        """What is missing, where something is."""
        found = [f"本通报不完整：{'、'.join(self.away)} 服务没有应答，其诉求没有计入。"] if self.away else []
        if self.without:
            found.append(f"{'、'.join(self.without)} 服务的诉求不能按{self._by}统计，没有计入。")
        return found

    @property
    def _by(self) -> str:
        return Grouping(self.bulletin.by).zh

    def workbook(self) -> bytes:
        """An .xlsx file: the figures in all, by group with a chart, their numbers and ranks, and the formulas."""
        created = self.now
        return book(
            [
                Part(
                    _TOTAL,
                    self._total_rows(),
                    Layout("合计", title=self.title, above=self.warnings, created=created),
                ),
                Part(self._rate_columns(), self._rate_rows(), self._charted()),
                Part(self._detail_columns(), self._detail_rows(), Layout("分子分母和名次", title=self.title)),
                Part(_FORMULAS, self._formula_rows(), Layout("公式和口径", title="指标的公式、口径和出处")),
            ]
        )

    def _total_rows(self) -> Iterator[list[Value]]:
        for each in self.bulletin.total:
            yield [
                each.name,
                each.numerator,
                each.denominator,
                each.rate,
                each.previous.rate,
                each.change,
                each.excluded,
                each.pending,
            ]

    def _rate_columns(self) -> list[Column]:
        return [Column(self._by, width=26), *(Column(each.name, format=_PERCENT) for each in self._rated())]

    def _rate_rows(self) -> Iterator[list[Value]]:
        for group in self.bulletin.groups:
            yield [
                group.name,
                *(each.rate for each in group.figures if each.figure not in COUNTED),
            ]

    def _rated(self) -> list[BulletinFigureOut]:
        return [each for each in self.bulletin.total if each.figure not in COUNTED]

    def _charted(self) -> Layout:
        columns = [at for at, each in enumerate(self._rated(), 1) if each.figure in _DRAWN]
        chart = Chart(f"{self.title}（按{self._by}）", columns, kind="column", percent=True)
        return Layout("各组比率", title=self.title, charts=[chart] if self.bulletin.groups else [])

    def _detail_columns(self) -> list[Column]:
        parts = [
            Column(heading, group=each.name, width=8)
            for each in self.bulletin.total
            for heading in ("分子", "分母", "不计", "名次")
        ]
        return [Column(self._by, width=26), *parts]

    def _detail_rows(self) -> Iterator[list[Value]]:
        for group in self.bulletin.groups:
            row: list[Value] = [group.name]
            for each in group.figures:
                row += [each.numerator, each.denominator, each.excluded, each.rank]
            yield row

    def _formula_rows(self) -> Iterator[list[Value]]:
        for each in self.bulletin.formulas:
            yield [each.name, each.version, each.numerator, each.denominator, each.text, each.source]

    def document(self) -> bytes:
        """A .docx file in the form of official documents."""
        made = OfficialDocument(About(self.title, _OFFICE, self.now))
        made.title(self.title)
        for warning in self.warnings:
            made.text(warning)
        made.heading(1, "一、总体情况")
        for each in self.bulletin.total:
            made.text(_sentence(each))
        made.heading(1, f"二、按{self._by}")
        for group in self.bulletin.groups:
            made.text(f"{group.name}：{_line(group)}")
        if not self.bulletin.groups:
            made.text("本月没有诉求。")
        made.heading(1, "三、统计口径")
        for number, formula in enumerate(self.bulletin.formulas, 1):
            made.text(
                f"{number}．{formula.name}（第 {formula.version} 版）：分子为{formula.numerator}，分母为{formula.denominator}。"
                f"{formula.text}。出处：{formula.source}。"
            )
        made.text(f"分母不足 {self.bulletin.minimum} 件的不排名。出处：{self.bulletin.minimum_source}。")
        made.signed(_OFFICE, local_day(self.now))
        return made.content()

    def rates(self, width: int) -> str:
        """The rates of each group as a figure."""
        rows = [("合计", self.bulletin.total), *((each.name, each.figures) for each in self.bulletin.groups)]
        groups = [Group(name, [_rate_bar(figures, figure) for figure in _DRAWN]) for name, figures in rows]
        return bars(self._head("rates", width), groups, SHARES)

    def answers(self, width: int) -> str:
        """How many parts of requests each group answered in time, late, and still may answer; who is late most often first."""
        groups = sorted(self.bulletin.groups, key=lambda each: _lateness(each.name, each.figures))
        drawn = [_answered(each.name, each.figures) for each in groups]
        scale = counting(max((bar.value or 0 for bar in drawn), default=0), "件")
        return bars(self._head("answers", width), [Group("", drawn)], scale, legend=_STANDINGS)

    def _head(self, name: str, width: int) -> Head:
        """What a figure of this bulletin is called, and what is missing in it."""
        title = self.title + ("（不完整）" if self.away else "")
        note = " · ".join([f"按{self._by}", *self.warnings, "依据 P-2.2.2b"])
        return Head(title, note, f"bulletin-{name}-{self.bulletin.month}", width)


#: How parts of requests stand with the term of their answer.
_STANDINGS: Final = ((Tone.GOOD, "按期答复"), (Tone.BAD, "逾期，含逾期未答复"), (Tone.OPEN, "未到期"))
_TOTAL: Final = (
    Column("指标", width=16),
    Column("分子"),
    Column("分母"),
    Column("比率", format=_PERCENT),
    Column("上月比率", format=_PERCENT),
    Column("较上月", format=_PERCENT),
    Column("申诉不计"),
    Column("未到期不计"),
)
_FORMULAS: Final = (
    Column("指标", width=14),
    Column("版本", width=8),
    Column("分子", width=34),
    Column("分母", width=34),
    Column("口径", width=50),
    Column("出处", width=34),
)


def _of(figures: list[BulletinFigureOut], figure: BulletinFigure) -> BulletinFigureOut:
    return next(each for each in figures if each.figure == figure)


def _rate_bar(figures: list[BulletinFigureOut], figure: BulletinFigure) -> Bar:
    """A rate with the number it is of."""
    each = _of(figures, figure)
    if each.rate is None:
        return Bar(Entry(each.name, "没有数据"), None)
    return Bar(
        Entry(each.name, _percent(each.rate), f"{each.numerator}/{each.denominator}"), float(each.rate)
    )


def _answered(name: str, figures: list[BulletinFigureOut]) -> Bar:
    """The parts of requests that should be answered: in time, late or over term, and not due yet."""
    each = _of(figures, BulletinFigure.ANSWER)
    late = each.denominator - each.numerator
    parts = [(Tone.GOOD, each.numerator), (Tone.BAD, late), (Tone.OPEN, each.pending)]
    rate = "没有到期" if each.rate is None else _percent(each.rate)
    before = "" if each.previous.rate is None else f"上月 {_percent(each.previous.rate)}"
    counts = f"按期 {each.numerator}，逾期 {late}，未到期 {each.pending}"
    return Bar(
        Entry(name, rate, before, counts),
        float(each.denominator + each.pending),
        [(tone, float(count)) for tone, count in parts],
    )


def _lateness(name: str, figures: list[BulletinFigureOut]) -> tuple[bool, Decimal, int, str]:
    each = _of(figures, BulletinFigure.ANSWER)
    return each.rate is None, each.rate or Decimal(0), each.numerator - each.denominator, name


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.2f}%"


def _sentence(each: BulletinFigureOut) -> str:
    if each.figure in COUNTED:
        change = each.change_count
        than = "与上月持平" if change == 0 else f"比上月{'增加' if change > 0 else '减少'} {abs(change)} 件"
        return f"{each.name} {each.numerator} 件，{than}。"
    if each.rate is None:
        return f"{each.name}：本月没有可计的件。"
    said = f"{each.name} {_percent(each.rate)}（{each.numerator}/{each.denominator}）"
    if each.change is not None:
        points = abs(each.change) * 100
        said += (
            "，与上月持平"
            if not each.change
            else f"，比上月{'上升' if each.change > 0 else '下降'} {points:.2f} 个百分点"
        )
    return said + (f"；因申诉得到支持不计 {each.excluded} 件。" if each.excluded else "。")


def _line(group: BulletinGroupOut) -> str:
    parts = []
    for each in group.figures:
        if each.figure in COUNTED:
            if each.numerator or each.figure == BulletinFigure.RECEIVED:
                parts.append(f"{each.name} {each.numerator} 件")
        elif each.rate is not None:
            place = f"，第 {each.rank} 名" if each.rank else ""
            parts.append(f"{each.name} {_percent(each.rate)}（{each.numerator}/{each.denominator}{place}）")
    return "；".join(parts) + "。"
