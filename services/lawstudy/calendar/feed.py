"""Sessions as an iCalendar (RFC 5545, RFC 7986): what does not change is the same bytes, whoever asks and when (N-2.2).

A session's UID is its key, so that it stays one event from the month of the plan to the day it is held. No METHOD, and so
DTSTAMP is when the session last changed; no UID of the calendar, by which some readers take all events for one. The zone is
always described: readers that do not find it take nine o'clock here for nine o'clock in Greenwich.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneStandard, vDuration

from kit.district.clock import SHANGHAI
from kit.district.periods import Month
from services.lawstudy.sessions.models import Session

#: How often readers should ask again; some do so less often whatever they are told.
REFRESH: Final = timedelta(hours=6)
ALARM: Final = timedelta(days=-1)
_MARKS: Final = {"cancelled": "【已取消】", "postponed": "【已延期】"}
_DAY: Final = timedelta(days=1)


def to_ics(sessions: Iterable[Session], name: str, description: str, *, own: bool = False) -> bytes:
    """The sessions that have a month or a day, as a UTF-8 document in their order.

    own: of a member: with the place, and not for others' eyes. What is public says topic and time alone.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//东胜区人民政府办公室//政府常务会议学法//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for words in ("name", "x-wr-calname"):
        calendar.add(words, name)
    calendar.add("description", description)
    calendar.add("x-wr-timezone", SHANGHAI.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))  # of what it does not know, icalendar writes the text
    calendar.add_component(_zone())
    for session in sessions:
        if dated(session):
            calendar.add_component(_event(session, own=own))
    written: bytes = calendar.to_ical()
    return written


def dated(session: Session) -> bool:
    """Whether anything is known of when a session takes place."""
    return any((session.day, _month(session), session.last_day))


def _month(session: Session) -> Month | None:
    """The month that a session without a day is shown over."""
    return session.postponed_to or session.month


def _zone() -> Timezone:
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", SHANGHAI.key)
    standard.add("dtstart", datetime(1992, 1, 1))  # noqa: DTZ001 - a zone begins at its own local time
    for name in ("tzoffsetfrom", "tzoffsetto"):
        standard.add(name, timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _event(session: Session, *, own: bool) -> Event:
    event = Event()
    laws = "".join(f"《{title}》" for title in session.titles)
    summary = f"{_MARKS.get(session.state, '')}{session.form_zh}：{laws}"
    changed = session.changed_at.astimezone(UTC).replace(microsecond=0)
    event.add("uid", f"{session.id}@lawstudy.dongsheng")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("created", session.entered_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", session.sequence)
    event.add("summary", summary)
    event.add("categories", [session.form_zh])
    event.add("class", "PRIVATE" if own else "PUBLIC")
    busy = _time(event, session)
    cancelled = session.state == "cancelled"
    event.add("transp", "OPAQUE" if busy and not cancelled else "TRANSPARENT")
    event.add("status", _status(session))
    if own and session.place:
        event.add("location", session.place)
    if session.day is not None and not cancelled:
        event.add_component(_alarm(summary))
    return event


def _status(session: Session) -> str:
    if session.state == "cancelled":
        return "CANCELLED"
    return "CONFIRMED" if session.day is not None else "TENTATIVE"


def _time(event: Event, session: Session) -> bool:
    """Write when it takes place, no more exactly than it is known; tells whether it takes up some hour of the day."""
    month = _month(session)
    if session.day is None and month is None:
        assert session.last_day is not None  # or it would not be shown
        _days(event, session.last_day, session.last_day)
        event.add("description", "原定这一天，现日期另定。")
        return False
    if session.day is None:
        assert month is not None  # as was just seen
        _days(event, month.first, month.last)
        event.add("description", f"计划在{month.year}年{month.month}月学习，日期另定。")
        return False
    if session.begins_at is None:
        _days(event, session.day, session.day)
        event.add("description", "日期已定，时间另行通知。")
        return False
    event.add("dtstart", datetime.combine(session.day, session.begins_at, SHANGHAI))
    return True


def _days(event: Event, first: date, last: date) -> None:
    event.add("dtstart", first)
    event.add("dtend", last + _DAY)


def _alarm(summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", ALARM)
    return alarm
