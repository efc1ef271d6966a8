"""Pages of an accident's file that a person reads in a browser, without anything from elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from kit.district import units
from kit.district.clock import in_words
from kit.web.printing import page, paragraph, table
from services.emergency.case.authors import author_of
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import TimelineEntry
from services.emergency.incidents.facts import CHANNELS_ZH, FACTS
from services.emergency.incidents.shapes import ReportOut


def timeline_page(incident: Incident, entries: Sequence[TimelineEntry], broken_at: int | None) -> str:
    """The timeline: when it happened, when it was written down, by whom, under which clause, its hash."""
    written = [
        (
            entry.occurred_at,
            in_words(entry.recorded_at),
            entry.text,
            author_of(entry.client, entry.client_unit),
            entry.clause,
            f"{entry.seq} · {entry.hash[:16]}",
        )
        for entry in entries
    ]
    rows = [
        (in_words(at), *rest) for at, *rest in sorted([*_began(incident), *written], key=lambda row: row[0])
    ]
    state = "时间线完整，未被改动。" if broken_at is None else f"时间线自第 {broken_at} 条起被改动过！"
    listed = table(("发生时间", "记录时间", "内容", "记录者", "条款", "链"), rows)
    title = f"{incident.mark}{incident.number} 事故时间线"
    return page(title, paragraph(_heading(incident)), paragraph(state), listed)


def report_page(incident: Incident, report: ReportOut) -> str:
    """A report as it came."""
    facts = [(FACTS.get(name, name), _plain(name, value)) for name, value in report.facts.items()]
    about = [
        ("报告种类", report.kind.zh),
        ("报告方式", CHANNELS_ZH[report.channel]),
        ("报告人", " ".join(filter(None, (report.reporter_name, report.reporter_phone))) or "未登记"),
        ("所报情况的时间", in_words(report.occurred_at)),
        ("录入时间", in_words(report.recorded_at)),
    ]
    lacking = "、".join(each.name for each in report.missing_fields) or "无"
    title = f"{incident.mark}{incident.number} 第 {report.seq} 份报告（{report.kind.zh}）"
    return page(title, table(("项目", "内容"), [*about, *facts, ("未写明的内容", lacking)]))


def _began(incident: Incident) -> Iterator[tuple[datetime, str, str, str, str, str]]:
    """What went before anybody wrote: the accident itself, and its unit's manager being told."""
    recorded = in_words(incident.recorded_at)
    for at, text in ((incident.occurred_at, "事故发生"), (incident.unit_informed_at, "单位负责人接到报告")):
        if at is not None:
            yield at, recorded, f"{incident.mark}{text}", "据报告", "E-4.1a", "—"


def _heading(incident: Incident) -> str:
    where = "，".join(filter(None, (incident.division, incident.unit, incident.place)))
    closed = f"，{incident.closed_at:%Y-%m-%d} 结案" if incident.closed_at else "，尚未结案"
    return f"{where}{closed}"


def _plain(name: str, value: Any) -> str:
    if name == "supervisor":
        return units.unit(value).name
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)
