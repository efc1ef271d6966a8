"""The closing evaluation as a workbook with charts, as a page that prints, and its course as a drawing."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from fastapi.responses import HTMLResponse

from kit.district.citations import Citation
from kit.web import printing
from kit.workbooks.writing import Column, Layout, Part, book
from services.property.closing.report import ClosingOut
from services.property.coverage.figures import MEASURES, course, in_words
from services.property.coverage.shapes import DivisionCoverage, cells, columns, rates_chart
from services.property.plan.coverage import COURSE

_TITLE = "东胜区物业服务全覆盖三年行动总结评价"


def title_of(report: ClosingOut) -> str:
    """The report's title with its day."""
    return f"{_TITLE}（{report.on:%Y年%m月%d日}）"


def workbook(report: ClosingOut) -> bytes:
    """Four worksheets: targets, months with their lines, streets with their columns, duties."""
    targets = [
        Column("目标", width=26),
        Column("要求", width=30),
        Column("期限", width=12),
        Column("现状", width=12),
        Column("是否达到", width=10),
        Column("还差（个）", width=10),
        Column("还差（百分点）", width=14),
        Column("依据", width=12),
    ]
    duties = [
        Column("条款", width=12),
        Column("事项", width=50),
        Column("应履行", width=10),
        Column("本期已完成", width=12),
        Column("逾期", width=10),
    ]
    return book(
        [
            Part(targets, list(_targets(report)), Layout(sheet="目标", title=title_of(report))),
            Part(
                [Column("月份", width=10), Column("区划", width=16), *columns()],
                [[str(each.month), item.name, *cells(item)] for each in report.months for item in each.items],
                Layout(
                    sheet="逐月进展",
                    title="逐月进展",
                    charts=[rates_chart("逐月进展", 2, "line")],
                ),
            ),
            Part(
                [Column("街道（镇）", width=18), *columns()],
                [[item.name, *cells(item)] for item in report.streets],
                Layout(
                    sheet="各街道（镇）",
                    title="各街道（镇）情况",
                    charts=[rates_chart("各街道（镇）比例", 1, "column")],
                ),
            ),
            Part(
                duties,
                [
                    [each.clause, duty.title, duty.owing, duty.done, duty.overdue]
                    for each in report.duties
                    for duty in each.duties
                ],
                Layout(sheet="履职事项", title="履职事项和逾期情况"),
            ),
        ]
    )


def _targets(report: ClosingOut) -> Iterator[list[str | int | Decimal | None]]:
    for one in report.district.standings:
        yield [
            MEASURES[one.measure],
            one.wording,
            one.by.isoformat(),
            in_words(one),
            "达到" if one.met else "未达到",
            one.missing,
            one.gap,
            one.clause,
        ]


def page(report: ClosingOut, basis: Sequence[Citation]) -> HTMLResponse:
    """The report as a page that prints."""
    said = f"到 {report.on} 为止，{report.reached} 项目标达到，{report.missed} 项没有达到。"
    parts = [
        printing.paragraph("评价日期还没有到，以下按目前已知的情况预估。") if report.ahead else "",
        printing.paragraph(said, "met" if not report.missed else "missed"),
        printing.heading("一、目标完成情况"),
        printing.table(
            ("目标", "要求", "期限", "现状", "是否达到", "还差（个）", "还差（百分点）", "依据"),
            _targets(report),
        ),
        printing.heading("二、逐月进展"),
        course(report.months, COURSE[1], 960)
        if report.months
        else printing.paragraph("实施方案期间还没有进展。"),
        printing.heading("三、各街道（镇）情况"),
        printing.table(
            ("街道（镇）", "小区数", "已覆盖", "覆盖率", "组建率", "红色物业", "合同备案率"),
            map(_street, report.streets),
        ),
        printing.heading("四、履职事项"),
        printing.table(
            ("条款", "事项", "应履行", "本期已完成", "逾期"),
            (
                (each.clause, duty.title, duty.owing, duty.done, duty.overdue)
                for each in report.duties
                for duty in each.duties
            ),
        ),
        printing.heading("五、依据"),
        *(printing.paragraph(f"{one.clause} 《{one.title}》（{one.document}）{one.at}") for one in basis),
    ]
    return printing.answer(title_of(report), *parts)


def _street(item: DivisionCoverage) -> tuple[object, ...]:
    shown = {one.measure: in_words(one) for one in item.standings}
    rates = (shown[measure] for measure in ("coverage_rate", "committee_rate"))
    return (item.name, item.compounds, item.covered, *rates, item.red, shown["filed_rate"])
