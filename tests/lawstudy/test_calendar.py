"""The calendar of law study, read back by readers that others wrote (N-2.2)."""

from datetime import date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import ics
import pytest
import vobject

from kit.district.clock import SHANGHAI
from tests.lawstudy.conftest import done
from tests.lawstudy.drafts import Desk, as_draft


def read(answer) -> list:
    """The events, as vobject finds them in a calendar that it holds to be valid."""
    assert answer.status_code == 200, answer.text
    calendar = vobject.readOne(answer.text)
    assert calendar.validate(raiseException=True)
    return list(calendar.vevent_list)


@pytest.fixture
def public(lawstudy):
    """Whoever subscribes; what was loaded with the template was loaded before today."""
    lawstudy.sql("UPDATE sessions SET entered_at = '2024-05-30 09:00+08', changed_at = '2024-05-30 09:00+08'")
    return lawstudy.stranger()


@pytest.fixture
def event(public, session_of):
    """`event("2024-P2")` is the one event of a topic's session."""
    ids: dict[str, str] = {}

    def find(topic: str):
        if topic not in ids:
            ids[topic] = session_of(topic)["id"]
        events = read(public.get("/calendar.ics"))
        [found] = [each for each in events if each.uid.value.startswith(ids[topic])]
        return found

    return find


@pytest.mark.clause("N-2.2")
def test_a_month_is_an_all_day_span_marked_tentative_and_no_day_is_made_up(event):
    found = event("2024-P3")
    assert (found.dtstart.value, found.dtend.value) == (date(2024, 7, 1), date(2024, 8, 1))
    assert found.status.value == "TENTATIVE"
    assert found.summary.value == "会前学法：《中华人民共和国粮食安全保障法》"
    assert "日期另定" in found.description.value
    assert (found.transp.value, hasattr(found, "valarm")) == ("TRANSPARENT", False)


@pytest.mark.clause("N-2.2")
def test_what_gets_a_day_stays_the_same_event_and_is_announced_a_day_before(
    event, office, session_of, meeting
):
    before = event("2024-P3")
    session = session_of("2024-P3")["id"]
    on = meeting("2024-07-15", begins_at="09:00")
    done(office.post(f"/sessions/{session}/schedule", json={"meeting": on}))
    after = event("2024-P3")
    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) > int(before.sequence.value)
    assert after.status.value == "CONFIRMED"
    assert after.dtstart.value == datetime(2024, 7, 15, 9, tzinfo=SHANGHAI)
    assert after.dtstart.value.utcoffset() == timedelta(hours=8)
    assert after.valarm.trigger.value == timedelta(days=-1)
    assert after.transp.value == "OPAQUE"


@pytest.mark.clause("N-2.2")
def test_a_day_without_a_time_is_the_whole_of_that_day(event, scheduled):
    event("2024-P3")
    scheduled("2024-P3", "2024-07-15")
    found = event("2024-P3")
    assert (found.dtstart.value, found.dtend.value) == (date(2024, 7, 15), date(2024, 7, 16))
    assert (found.status.value, found.transp.value) == ("CONFIRMED", "TRANSPARENT")


@pytest.mark.clause("N-2.2")
def test_what_is_put_off_is_tentative_and_what_is_cancelled_stays_and_says_so(event, office, scheduled):
    first = event("2024-P3")
    session = scheduled("2024-P3", "2024-07-15")
    sequences = [int(first.sequence.value), int(event("2024-P3").sequence.value)]

    done(office.post(f"/sessions/{session}/postpone", json={"reason": "会议改期", "month": "2024-08"}))
    off = event("2024-P3")
    assert off.summary.value.startswith("【已延期】")
    assert (off.status.value, off.dtstart.value) == ("TENTATIVE", date(2024, 8, 1))
    sequences.append(int(off.sequence.value))

    done(office.post(f"/sessions/{session}/cancel", json={"reason": "不再安排"}))
    gone = event("2024-P3")
    assert (gone.uid.value, gone.status.value) == (first.uid.value, "CANCELLED")
    assert gone.summary.value.startswith("【已取消】会前学法")
    assert (gone.transp.value, hasattr(gone, "valarm")) == ("TRANSPARENT", False)
    sequences.append(int(gone.sequence.value))
    assert sequences == sorted(set(sequences))  # raised each time


def test_the_calendar_says_what_it_is_and_nothing_that_confuses_readers(public):
    text = public.get("/calendar.ics").text
    head = text[: text.index("BEGIN:VEVENT")]
    for line in (
        "VERSION:2.0",
        "NAME:东胜区政府常务会议学法",
        "X-WR-CALNAME:东胜区政府常务会议学法",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
        "TZID:Asia/Shanghai",
        "TZOFFSETTO:+0800",
    ):
        assert f"{line}\r\n" in head, line
    assert "METHOD:" not in text
    assert "\r\nUID:" not in head
    assert head.count("BEGIN:STANDARD") == 1
    assert "BEGIN:DAYLIGHT" not in head


def test_lines_are_folded_at_75_octets_without_cutting_a_character(public, office):
    topics = ["2024-L1", "2024-L2", "2024-L3"]
    done(office.post("/sessions", json={"year": 2024, "topics": topics, "month": "2024-11"}), 201)
    body = public.get("/calendar.ics").content
    lines = body.split(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert any(line.startswith(b" ") for line in lines)  # some are folded
    assert [line.decode("utf-8") for line in lines]  # each line is whole characters


def test_another_reader_finds_the_same(public, scheduled):
    scheduled("2024-P3", "2024-07-15", begins_at="09:30")
    calendar = ics.Calendar(public.get("/calendar.ics").text)
    found = {each.name: each for each in calendar.events}
    assert len(found) == 8
    dated = found["会前学法：《中华人民共和国粮食安全保障法》"]
    assert dated.begin.datetime == datetime(2024, 7, 15, 9, 30, tzinfo=SHANGHAI)
    assert [each.all_day for each in found.values()].count(True) == 7


@pytest.mark.clause("N-2.2")
def test_the_calendar_follows_the_plan(lawstudy, public, event):
    event("2024-P5")
    desk = Desk(lawstudy)
    place, version = desk.adjusted(2024)
    body = as_draft(version)
    body["topics"][4]["month"], body["topics"][5]["month"] = "2024-10", "2024-09"
    desk.rewritten(place, body)
    before = event("2024-P5")
    desk.issued(place, "东政办发〔2024〕41号")
    after = event("2024-P5")
    assert (before.dtstart.value, after.dtstart.value) == (date(2024, 9, 1), date(2024, 10, 1))
    assert (after.uid.value, int(after.sequence.value)) == (before.uid.value, int(before.sequence.value) + 1)


# ------------------------------------------------------------------------------------------------------------- HTTP
def test_the_bytes_stay_until_something_changes(lawstudy, public, scheduled):
    first = public.get("/calendar.ics")
    lawstudy.clock.advance(minutes=30)
    assert public.get("/calendar.ics").content == first.content
    scheduled("2024-P3", "2024-07-15")
    changed = public.get("/calendar.ics")
    assert changed.headers["ETag"] != first.headers["ETag"]
    modified = [parsedate_to_datetime(each.headers["Last-Modified"]) for each in (first, changed)]
    assert modified[1] == lawstudy.clock.now.replace(microsecond=0) > modified[0]
    stamps = {each.dtstamp.value for each in read(changed)}
    assert stamps == {each.last_modified.value for each in read(changed)}
    assert max(stamps) == lawstudy.clock.now.replace(microsecond=0)


def test_whoever_has_it_is_told_so_by_tag_before_date(public):
    first = public.get("/calendar.ics")
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, no-cache"
    old = format_datetime(datetime(2020, 1, 1, tzinfo=SHANGHAI))
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f'"other", W/{tag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"', "If-Modified-Since": modified}, 200),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": old}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ):
        answer = public.get("/calendar.ics", headers=headers)
        assert answer.status_code == status, headers
        assert answer.headers["ETag"] == tag
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert bool(answer.content) == (status == 200)


def test_asking_for_the_head_alone_gives_the_head_alone(public):
    whole, head = public.get("/calendar.ics"), public.request("HEAD", "/calendar.ics")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Type", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]


def test_the_public_reads_topic_and_time_and_no_place_and_no_person(public, office, session_of, meeting):
    session = session_of("2024-P3")["id"]
    on = meeting("2024-07-15", begins_at="09:00", place="区政府三楼会议室")
    done(office.post(f"/sessions/{session}/schedule", json={"meeting": on}))
    text = public.get("/calendar.ics").text.replace("\r\n ", "")
    assert "三楼" not in text
    assert not [name for name in ("LOCATION", "ATTENDEE", "ORGANIZER", "CONTACT") if name in text]
