"""The 24-hour duty roster: one officer at every moment, or a gap that is named."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.clock import SHANGHAI
from services.emergency.app import service
from services.emergency.headquarters.watches import Half, Watch, watch_at


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def office(running):
    return running.client()


def at(hour, minute=0, day=24):
    return datetime(2024, 6, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "watch"),
    [
        (at(7, 59), Watch(date(2024, 6, 23), Half.NIGHT)),
        (at(8), Watch(date(2024, 6, 24), Half.DAY)),
        (at(19, 59), Watch(date(2024, 6, 24), Half.DAY)),
        (at(20), Watch(date(2024, 6, 24), Half.NIGHT)),
        (at(0, day=25), Watch(date(2024, 6, 24), Half.NIGHT)),
    ],
)
def test_a_night_belongs_to_the_day_it_begins_on(moment, watch):
    assert watch_at(moment) == watch


@given(st.integers(-(10**9), 10**9))
def test_every_moment_belongs_to_exactly_one_watch(seconds):
    moment = at(0) + timedelta(seconds=seconds)
    watch = watch_at(moment)
    assert watch.begins_at <= moment < watch.ends_at == watch.next.begins_at
    assert watch.ends_at - watch.begins_at == timedelta(hours=12)


def shift(day="2024-06-24", half="day", officer="甲"):
    return {"day": day, "half": half, "officer": officer, "phone": "13800000000"}


@pytest.mark.clause("E-2.1d")
def test_now_on_duty_has_one_answer_round_the_clock(running, office):
    for half, officer in (("day", "甲"), ("night", "乙")):
        office.post("/duty-shifts", json=shift(half=half, officer=officer))

    seen = []
    for _ in range(4):
        answer = office.get("/duty/now").json()
        seen.append((answer["shift"] or {}).get("officer"))
        running.clock.advance(hours=6)

    assert seen == ["甲", "甲", "乙", "乙"]


@pytest.mark.clause("E-2.1d")
def test_a_gap_is_said_and_listed(office):
    office.post("/duty-shifts", json=shift())

    gaps = office.get("/duty-shifts/lacking", params={"since": "2024-06-24", "days": 2}).json()["items"]
    assert [(gap["day"], gap["half"]) for gap in gaps] == [
        ("2024-06-24", "night"),
        ("2024-06-25", "day"),
        ("2024-06-25", "night"),
    ]
    office.delete(
        f"/duty-shifts/{office.get('/duty-shifts').json()['items'][0]['id']}", headers={"If-Match": "*"}
    )
    now = office.get("/duty/now").json()
    assert (now["gap"], now["shift"], now["duty_phone"]) == (True, None, "0477-8575464")


@pytest.mark.clause("E-2.1d")
def test_a_watch_has_one_officer_even_when_two_enter_it_at_once(running, office):
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(
            lambda name: office.post("/duty-shifts", json=shift(officer=name)).status_code, "甲乙丙丁"
        )

    assert sorted(answers) == [201, 409, 409, 409]
    with pytest.raises(psycopg.errors.UniqueViolation):
        running.sql(
            "INSERT INTO duty_shifts (id, version, entered_at, changed_at, day, half, officer)"
            " SELECT gen_random_uuid(), 1, entered_at, changed_at, day, half, officer FROM duty_shifts"
        )


@pytest.mark.clause("E-2.1d")
def test_a_watch_is_handed_over_with_a_note_that_the_next_one_reads_and_nobody_changes(running, office):
    ids = {half: office.post("/duty-shifts", json=shift(half=half)).json()["id"] for half in ("day", "night")}
    assert office.post(f"/duty-shifts/{ids['night']}/take-over").status_code == 409

    running.clock.advance(hours=10)
    handed = office.post(f"/duty-shifts/{ids['day']}/hand-over", json={"note": "一处险情待续报"})
    taken = office.post(f"/duty-shifts/{ids['night']}/take-over")

    assert (handed.json()["handed_over_at"], taken.json()["taken_over_at"]) == (
        "2024-06-24T19:30:00+08:00",
    ) * 2
    assert office.get("/duty/now").json()["last_note"] == "一处险情待续报"
    again = office.post(f"/duty-shifts/{ids['day']}/hand-over", json={"note": "改一下"})
    assert (again.status_code, again.json()["basis"][0]["clause"]) == (409, "E-2.1d")
    changed = office.put(f"/duty-shifts/{ids['day']}", json=shift(), headers={"If-Match": "*"})
    assert changed.status_code == 409
    assert office.delete(f"/duty-shifts/{ids['night']}", headers={"If-Match": "*"}).status_code == 409


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_beyond_any_calendar_is_refused(office, day):
    refused = office.post("/duty-shifts", json=shift(day=day))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/day")
    assert office.get("/duty-shifts/lacking", params={"since": day}).status_code == 422
