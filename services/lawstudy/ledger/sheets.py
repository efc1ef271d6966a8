"""The sheets of a year's ledger: what was planned and what became of it, texts, who was there, adjustments."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from kit.district import units
from kit.district.periods import Month
from kit.workbooks.writing import Column, Layout, Part, Value
from services.lawstudy.attendance.models import Attendance
from services.lawstudy.compliance.work import Year
from services.lawstudy.members import Member
from services.lawstudy.plan.attendance import Attends, Presence
from services.lawstudy.plan.changes import Change
from services.lawstudy.plan.compliance import MonthJudged
from services.lawstudy.plan.lead_times import standing
from services.lawstudy.plan.sessions import SESSION, Chair
from services.lawstudy.plans.models import PlanVersion, TopicEntry
from services.lawstudy.self_study import SelfStudy
from services.lawstudy.sessions.models import Meeting, Session
from services.lawstudy.sessions.shapes import speaker_of
from services.lawstudy.texts.models import StudyText

DONE: Final = (
    Column("序号", width=6),
    Column("学法形式", width=10),
    Column("学习内容", width=40),
    Column("计划时间", width=12),
    Column("责任部门", width=20),
    Column("学法日期", width=12, format="yyyy-mm-dd"),
    Column("常务会议", width=14),
    Column("主讲人", width=26),
    Column("主持人", width=16),
    Column("进展", width=24),
    Column("备注", width=30),
)
TEXTS: Final = (
    Column("学习内容", width=36),
    Column("责任部门", width=18),
    Column("应报送时间", width=17),
    Column("文件名", width=30),
    Column("提交时间", width=17),
    Column("审核结论", width=12),
    Column("审核时间", width=17),
    Column("审核意见", width=30),
    Column("报送情况", width=10),
    Column("SHA-256", width=30),
)
MONTHS: Final = (
    Column("月份", width=12),
    Column("情况", width=14),
    Column("已学次数", width=10),
    Column("待学次数", width=10),
    Column("不安排的理由", width=40),
)
ATTENDED: Final = (
    Column("学法日期", width=12, format="yyyy-mm-dd"),
    Column("学习内容", width=36),
    Column("姓名或单位", width=20),
    Column("职务", width=22),
    Column("身份", width=12),
    Column("出席情况", width=10),
    Column("事由", width=24),
    Column("补学日期", width=12, format="yyyy-mm-dd"),
    Column("补学方式", width=26),
)
ALONE: Final = (
    Column("日期", width=12, format="yyyy-mm-dd"),
    Column("姓名", width=14),
    Column("职务", width=24),
    Column("自学内容", width=44),
    Column("学时", width=8),
    Column("页数", width=8),
    Column("备注", width=28),
)
VERSIONS: Final = (
    Column("版本", width=6),
    Column("原因", width=34),
    Column("审定", width=26),
    Column("审定日期", width=12, format="yyyy-mm-dd"),
    Column("发文字号", width=22),
    Column("印发日期", width=12, format="yyyy-mm-dd"),
    Column("变动", width=60),
)
_OUTCOMES: Final = {"waiting": "待审核", "returned": "退回修改", "passed": "通过", "replaced": "已换新"}


def done(found: Year, cancelled: Collection[str], meetings: Mapping[UUID, Meeting], now: datetime) -> Part:
    """Each topic of the plan and what became of it, then what was held of topics that a later version dropped.

    cancelled: the topics whose session was cancelled, and that have no other.
    """
    plan = found.plan
    by_topic = {topic: row for row in found.sessions for topic in row.topic_ids}
    planned = {entry.topic_id for entry in plan.topics}
    dropped = [found.entries[topic] for topic in by_topic if topic not in planned]
    rows = [
        (
            position,
            *_topic(entry),
            *_session(
                by_topic.get(entry.topic_id),
                meetings,
                "已取消" if entry.topic_id in cancelled else "尚未安排",
                dropped="" if entry.topic_id in planned else "计划调整后不再列入",
            ),
        )
        for position, entry in enumerate([*plan.topics, *dropped], 1)
    ]
    above = [f"发文字号：{plan.number}", f"第 {plan.version} 版", f"截至 {now:%Y-%m-%d}"]
    layout = Layout(sheet="计划与落实", title=f"{plan.year}年度常务会议学法台账", above=above, created=now)
    return Part(DONE, rows, layout)


def _topic(entry: TopicEntry) -> tuple[Value, ...]:
    month = f"{entry.month.year}年{entry.month.month}月" if entry.month else "另定"
    return entry.form_zh, f"《{entry.title}》", month, entry.unit_written or "另定"


def _session(
    row: Session | None, meetings: Mapping[UUID, Meeting], without: str, dropped: str
) -> tuple[Value, ...]:
    if row is None:
        return None, "", "", "", without, ""
    speaker = speaker_of(row)
    speaks = "".join(filter(None, (speaker.organisation, speaker.title, speaker.name))) if speaker else ""
    chaired = f"{Chair(row.chair).zh}{row.chair_name or ''}" if row.chair else ""
    notes = (row.another_month, speaker.reason if speaker else None, row.delegation, dropped)
    return (
        row.day,
        _meeting(meetings.get(row.meeting_id) if row.meeting_id else None),
        speaks,
        chaired,
        SESSION.states[row.state],
        "；".join(filter(None, notes)),
    )


def _meeting(row: Meeting | None) -> str:
    if row is None:
        return ""
    return f"第{row.number}次" if row.number else "次数未登记"


def texts(sessions: Sequence[Session], handed_in: Mapping[UUID, Sequence[StudyText]], now: datetime) -> Part:
    """Every text that was handed in, and the sessions that lack one."""
    rows = [line for row in sessions for line in _texts(row, handed_in.get(row.id, ()), now)]
    return Part(TEXTS, rows, Layout(sheet="学法材料", title="学法材料审核报送情况", created=now))


def _texts(row: Session, handed_in: Sequence[StudyText], now: datetime) -> Iterator[tuple[Value, ...]]:
    about = (
        "、".join(f"《{title}》" for title in row.titles),
        units.unit(row.unit).name if row.unit else "",
        row.text_due_at,
    )
    stands = standing(row.text_due_at, row.passed_at, now).zh if row.text_due_at else ""
    if not handed_in and row.text_due_at:
        yield *about, "", None, "未提交", None, "", stands, ""
    for text in handed_in:
        outcome = _OUTCOMES[text.outcome]
        yield (
            *about,
            text.name,
            text.submitted_at,
            outcome,
            text.reviewed_at,
            text.opinion or "",
            stands,
            text.sha256,
        )


def attended(rows: Iterable[tuple[Session, Attendance]], now: datetime) -> Part:
    """Who is recorded of each session: present, on leave with the reason, and what made up for it."""
    lines = [
        (
            session.day,
            "、".join(f"《{title}》" for title in session.titles),
            row.member.name if row.member else units.unit(str(row.unit)).name,
            row.member.post if row.member else row.post,
            Attends(row.kind).zh,
            Presence(row.status).zh,
            row.reason,
            row.made_up_on,
            row.made_up_how,
        )
        for session, row in rows
    ]
    return Part(ATTENDED, lines, Layout(sheet="出席与补学", title="出席、请假和补学情况", created=now))


def alone(rows: Iterable[tuple[SelfStudy, Member]], now: datetime) -> Part:
    """What members studied alone."""
    lines = [
        (row.day, member.name, member.post, row.subject, row.hours, row.pages, row.note)
        for row, member in rows
    ]
    return Part(ALONE, lines, Layout(sheet="自学", title="自学记录", created=now))


def versions(rows: Iterable[tuple[PlanVersion, Sequence[Change]]], now: datetime) -> Part:
    """Every version of the plan that was issued, why, by whom approved, and what it changed."""
    lines = [
        (
            row.version,
            row.reason or "首次印发",
            row.approved_by,
            row.approved_on,
            row.number,
            row.issued_on,
            "".join(change.sentence for change in changes),
        )
        for row, changes in rows
    ]
    return Part(VERSIONS, lines, Layout(sheet="计划调整", title="学法计划各版", created=now))


def months(judged: Sequence[MonthJudged], lectures: str, now: datetime) -> Part:
    """The twelve months against one pre-meeting study each, and what the lectures come to."""
    rows = [
        (_written(each.facts.month), each.standing.zh, each.facts.held, each.facts.to_come, each.facts.reason)
        for each in judged
    ]
    layout = Layout(sheet="执行情况", title="会前学法逐月情况", notes=(lectures,), created=now)
    return Part(MONTHS, rows, layout)


def _written(month: Month) -> str:
    return f"{month.year}年{month.month}月"
