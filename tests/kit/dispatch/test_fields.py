"""What is handed in with a request, and by what it is found (P-2.2.2b)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql

from kit.dispatch.matters import load_matters
from kit.dispatch.requests import overdue_at
from kit.dispatch.tables import IS_OPEN, DispatchRequest
from services.office.app import service as office_service
from tests.kit.dispatch.conftest import MATTER, NOTE, Desk
from tests.kit.dispatch.sending import slug

pytestmark = pytest.mark.clause("P-2.2.2b")

COMPOUND = "0197c1f2-7d4e-7000-8000-000000000001"
HERE = {"longitude": 109.9963, "latitude": 39.8224}


def handed_in(desk, **changes):
    body = {"matter": MATTER, "summary": "咨询办事流程", "division": "天骄街道"} | changes
    return desk.hotline.post("/dispatch/requests", json=body)


def test_the_same_handed_in_again_is_answered_as_known(desk):
    first = handed_in(desk, external_number="W-1")
    assert (first.status_code, first.headers.get("Already-Received")) == (201, None)
    with ThreadPoolExecutor(4) as threads:
        again = list(threads.map(lambda _: handed_in(desk, external_number="W-1"), range(6)))
    assert {answer.status_code for answer in again} == {200}
    assert {answer.headers["Already-Received"] for answer in again} == {"true"}
    assert {answer.json()["number"] for answer in again} == {first.json()["number"]}


@pytest.mark.parametrize(
    ("datum", "longitude", "latitude"),
    [
        ("WGS-84", "109.9963000", "39.8224000"),
        ("CGCS2000", "109.9963000", "39.8224000"),
        ("GCJ-02", "109.99", "39.82"),
    ],
)
def test_coordinates_are_kept_as_given_and_as_wgs_84(desk, datum, longitude, latitude):
    taken = handed_in(desk, coordinates=HERE | {"datum": datum}).json()
    assert taken["coordinates"] == HERE | {"datum": datum}
    assert taken["longitude"].startswith(longitude)
    assert taken["latitude"].startswith(latitude)
    moved = (taken["longitude"], taken["latitude"]) != ("109.9963000", "39.8224000")
    assert moved == (datum == "GCJ-02")


@pytest.mark.parametrize(
    "wrong",
    [
        {"longitude": 39.8224, "latitude": 89.9, "datum": "WGS-84"},
        {"longitude": 116.4, "latitude": 39.9, "datum": "GCJ-02"},
    ],
)
def test_a_point_far_away_is_refused(desk, wrong):
    assert slug(handed_in(desk, coordinates=wrong)) == (422, "far-from-district")


def test_coordinates_say_their_datum(desk):
    answer = handed_in(desk, coordinates=HERE)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/coordinates/datum"


def test_what_the_source_says_besides_is_kept_as_it_came(desk):
    fields = {"KSDM": "03", "flags": ["a", 1], "nested": {"x": None}}
    number = handed_in(
        desk,
        source_fields=fields,
        attachments=["https://example.com/1.jpg"],
        occurred_at="2024-06-23T20:00:00+08:00",
    ).json()["number"]
    seen = desk.read(number)
    assert (seen["source_fields"], seen["attachments"]) == (fields, ["https://example.com/1.jpg"])
    assert seen["occurred_at"] == "2024-06-23T20:00:00+08:00"


@pytest.mark.parametrize("address", ["ftp://example.com/a", "javascript:alert(1)", "https://a b"])
def test_an_attachment_is_an_address_on_the_web(desk, address):
    assert handed_in(desk, attachments=[address]).status_code == 422


@pytest.mark.parametrize(
    ("text", "urgency", "alarm"),
    [
        ("楼下一直有噪声", "normal", []),
        ("装修噪声很大，后来有人被困在里面", "emergency", ["被困"]),
        ("装修噪声很大，没有人被困", "normal", []),
        ("墙体有倒塌危险", "urgent", []),
    ],
)
@pytest.mark.clause("E-4.1a")
def test_words_of_an_accident_raise_the_urgency_and_are_told(desk, text, urgency, alarm):
    taken = handed_in(desk, description=text).json()
    assert (taken["urgency"], taken["alarm"]) == (urgency, alarm)
    told = desk.running.sql("SELECT data FROM events WHERE type = 'dispatch.request.alarming'")
    assert [data["words"] for (data,) in told] == ([alarm] if alarm else [])


def test_an_urgent_request_has_less_time_to_sign_and_contact(desk):
    leg = handed_in(desk, urgency="urgent").json()["legs"][0]
    assert (leg["sign_due_at"], leg["contact_due_at"]) == (
        "2024-06-24T10:30:00+08:00",
        "2024-06-24T13:30:00+08:00",
    )
    leg = handed_in(desk, urgency="emergency").json()["legs"][0]
    assert (leg["sign_due_at"], leg["contact_due_at"]) == (
        "2024-06-24T09:45:00+08:00",
        "2024-06-24T10:00:00+08:00",
    )


def test_without_a_matter_the_words_propose_some_and_nothing_is_taken(desk):
    answer = handed_in(desk, matter=None, summary="办事大厅工作人员推诿拖延")
    assert slug(answer) == (422, "matter-needed")
    proposals = answer.json()["proposals"]
    assert proposals[0]["matter"] == "supervision-complaint"
    assert proposals[0]["words"]
    assert desk.running.sql("SELECT count(*) FROM dispatch_requests") == [(0,)]


def test_what_is_secret_is_shown_to_the_hotline_and_its_units_alone(desk):
    number = handed_in(
        desk, secret=True, description="举报某科长", attachments=["https://example.com/1.jpg"]
    ).json()["number"]
    for who in (desk.hotline, desk.office):
        assert desk.read(number, who)["description"] == "举报某科长"
    seen = desk.read(number, desk.housing)
    assert "举报" not in str(seen)
    assert "example.com" not in str(seen)
    assert (seen["unit"], seen["steps"], seen["legs"]) == ("government-office", [], [])
    assert desk.listed(q="举报") == [], "nor is it found by its words"


def test_what_is_secret_is_another_platforms_only_where_it_may_see_whom_requests_are_of(desk):
    number = handed_in(desk, secret=True, description="举报某科长", compound=COMPOUND).json()["number"]
    where, rights = {"compound": COMPOUND}, ("dispatch:read", "dispatch:write")
    platform = desk.running.client(*rights, name="platform")
    assert "举报" not in str(desk.read(number, platform))
    assert slug(platform.get(f"/dispatch/requests/{number}/standing")) == (403, "secret-request")
    assert platform.get("/dispatch/requests", params=where).json()["items"] == []
    hotline = desk.running.client(*rights, "personal:read", name="hotline")
    assert desk.read(number, hotline)["description"] == "举报某科长"
    assert len(hotline.get("/dispatch/requests", params=where).json()["items"]) == 1


def test_who_works_on_a_secret_request_and_where_it_is_and_whose_it_is_are_secret_too(desk):
    number = handed_in(desk, secret=True, compound=COMPOUND).json()["number"]
    inspector = desk.running.client(f"{desk.running.service.name}:read", "dispatch:read", "personal:read")
    at = f"/dispatch/requests/{number}"
    for answer in (inspector.get(f"{at}/standing"), inspector.get(at, params={"reveal": True})):
        assert slug(answer) == (403, "secret-request")
    where = {"compound": COMPOUND}
    assert inspector.get("/dispatch/requests", params=where).json()["items"] == []
    assert desk.office.get(f"{at}/standing").json()["unit"] == "government-office"
    for who in (desk.hotline, desk.office):
        (found,) = who.get("/dispatch/requests", params=where).json()["items"]
        assert found["number"] == number


@pytest.mark.parametrize("blank", ["summary", "source", "external_number"])
def test_blanks_say_nothing(desk, blank):
    answer = handed_in(desk, **{blank: "  "})
    assert slug(answer) == (422, "invalid-request")
    assert answer.json()["errors"][0]["pointer"] == f"/{blank}"


def test_what_stands_around_a_number_does_not_make_it_another(desk):
    first = handed_in(desk, external_number="W-2")
    again = handed_in(desk, external_number=" W-2 ", source="12345 ")
    assert (again.status_code, again.json()["number"]) == (200, first.json()["number"])
    assert again.json()["external_number"] == "W-2"


def test_a_year_that_cannot_be_meant_is_said(desk):
    answer = handed_in(desk, received_at="1950-06-24T09:00:00+08:00")
    assert slug(answer) == (422, "too-long-ago")
    assert answer.json()["errors"][0]["pointer"] == "/received_at"
    assert handed_in(desk, received_at="2016-01-01T00:00:00+08:00").status_code == 201


@pytest.mark.parametrize("early", ["1900-06-24T09:00:00+08:00", "1969-12-31T23:59:59+08:00"])
def test_what_happened_before_1970_is_refused_where_it_is_told(desk, early):
    answer = handed_in(desk, occurred_at=early)
    assert slug(answer) == (422, "invalid-request")
    [error] = answer.json()["errors"]
    assert error == {"pointer": "/occurred_at", "reason": "时间不能早于 1970 年，请核对年份。"}
    first = "1970-01-01T00:00:00+08:00"
    number = handed_in(desk, occurred_at=first).json()["number"]
    assert desk.hotline.get(f"/dispatch/requests/{number}").json()["occurred_at"] == first


def test_requests_are_found_by_all_the_words_sought(desk):
    lift = handed_in(desk, summary="电梯坏了", description="3号楼二单元").json()["number"]
    lamp = handed_in(desk, summary="路灯坏了", address="天骄路1号").json()["number"]
    assert desk.listed(q="坏了") == [lamp, lift]
    assert desk.listed(q="电梯 二单元") == [lift]
    assert desk.listed(q="天骄路") == [lamp]
    assert desk.listed(q=lift) == [lift]
    assert desk.listed(q="了电") == [], "across a comma nothing stands side by side"
    assert slug(desk.hotline.get("/dispatch/requests", params={"q": "电 梯"})) == (422, "sought-too-short")


def test_what_changed_shortly_before_is_listed_too_as_it_may_not_have_been_seen_then(desk):
    first, since = desk.sent(), desk.running.clock.advance(minutes=1)
    assert desk.listed(updated_since=since.isoformat()) == [first]


def test_a_call_that_waited_for_another_is_not_dated_before_it(desk):
    number = desk.sent()
    desk.act(desk.office, number, "accept")
    desk.running.clock.advance(seconds=-5)  # when the call began that has waited since
    desk.act(desk.office, number, "contact", note="已联系")
    steps = desk.hotline.get(f"/dispatch/requests/{number}").json()["steps"]
    assert [step["action"] for step in steps] == ["take", "accept", "contact"]
    assert steps[1]["at"] == steps[2]["at"]


def test_what_changed_since_is_listed(desk):
    first, second = desk.sent(), desk.sent()
    desk.running.clock.advance(minutes=2, seconds=1)
    since = desk.running.clock().isoformat()
    assert desk.listed(updated_since=since) == []
    desk.act(desk.office, first, "accept")
    assert desk.listed(updated_since=since) == [first]
    assert desk.listed(division="天骄", source="12345") == [second, first]
    assert desk.listed(unit="区政府办公室") == desk.listed(unit="government-office") == [second, first]
    for nobody in ({"unit": "不存在的局"}, {"division": "火星"}):
        assert slug(desk.hotline.get("/dispatch/requests", params=nobody)) == (422, "invalid-request")
    assert desk.listed(division="公园街道") == []


def test_a_request_that_has_not_changed_is_not_sent_again(desk):
    path = f"/dispatch/requests/{desk.sent()}"
    etag = desk.hotline.get(path).headers["ETag"]
    known = {"If-None-Match": etag}
    assert desk.hotline.get(path, headers=known).status_code == 304
    desk.running.clock.advance(days=4)
    late = desk.hotline.get(path, headers=known)
    assert (late.status_code, late.json()["overdue"]) == (200, True), "time changes what it says"


def counts(who):
    answer = who.get("/dispatch/counts")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_counts_of_a_screen_are_those_of_the_lists(desk):
    first, second = desk.sent(), desk.sent(division="公园街道", urgency="urgent")
    third = desk.sent(matter="supervision-complaint")
    desk.act(desk.office, first, "accept")
    desk.act(desk.hotline, third, "urge", level="supervise", **NOTE)
    desk.running.clock.advance(days=4)
    shown = counts(desk.hotline)
    total = shown["total"]
    assert (total["open"], total["received"], total["accepted"]) == (3, 2, 1)
    assert total["overdue"] == len(desk.listed(overdue=True)) == 2
    assert (total["urgent"], total["raised"], total["received_today"]) == (1, 1, 0)
    assert {row["key"]: row["open"] for row in shown["by_unit"]} == {
        "government-office": 2,
        "supervision-office": 1,
    }
    assert {row["key"]: row["open"] for row in shown["by_division"]} == {"公园街道": 1, "天骄街道": 2}
    street = desk.running.client("dispatch:read", division="公园街道")
    assert counts(street)["total"]["open"] == len(desk.listed(street)) == 1
    desk.act(desk.office, second, "answer", **NOTE)
    desk.act(desk.hotline, second, "close")
    assert counts(desk.hotline)["total"]["closed_today"] == 1


def test_a_list_of_very_many_is_answered_by_an_index(desk):
    number = desk.sent(external_number="W-1")
    desk.running.sql(
        "INSERT INTO dispatch_requests SELECT made.* FROM dispatch_requests r, generate_series(2, 20000) n,"
        " jsonb_populate_record(r, jsonb_build_object("
        "'id', gen_random_uuid(), 'number', 'N' || n, 'external_number', 'W-' || n, 'matter', 'm' || mod(n, 50),"
        "'division', 'd' || mod(n, 15), 'grams', jsonb_build_array('g' || mod(n, 997)),"
        "'received_at', r.received_at - n * interval '1 minute', 'updated_at', r.updated_at - n * interval '1 minute'"
        ")) made WHERE r.number = %s",
        number,
    )
    desk.running.sql("ANALYZE dispatch_requests")
    asked = {
        "matter_received_at_id": "matter = 'government-affairs' ORDER BY received_at DESC, id DESC LIMIT 50",
        "division_received_at_id": "division = '天骄街道' ORDER BY received_at DESC, id DESC LIMIT 50",
        "grams": "grams @> ARRAY['电梯'] LIMIT 50",
        "updated_at_id": "updated_at >= now() - interval '1 hour' ORDER BY received_at DESC LIMIT 50",
        "source_external_number": "source = '12345' AND external_number = 'W-77'",
    }
    for index, where in asked.items():
        rows = desk.running.sql(f"EXPLAIN SELECT * FROM dispatch_requests WHERE {where}")
        plan = "\n".join(row for (row,) in rows)
        assert index in plan, plan


def test_what_is_open_or_late_is_found_without_reading_what_was_closed(desk):
    number = desk.sent(external_number="W-1")
    desk.running.sql(
        "INSERT INTO dispatch_requests SELECT made.* FROM dispatch_requests r, generate_series(2, 20000) n,"
        " jsonb_populate_record(r, jsonb_build_object("
        "'id', gen_random_uuid(), 'number', 'N' || n, 'external_number', 'W-' || n, 'state', 'closed',"
        "'received_at', r.received_at - (n + 24) * interval '1 hour', 'answered_at', r.received_at - (n + 24) * interval '1 hour',"
        "'closed_at', r.received_at - (n + 24) * interval '1 hour'"
        ")) made WHERE r.number = %s",
        number,
    )
    desk.running.sql("ANALYZE dispatch_requests")
    newest = DispatchRequest.received_at.desc(), DispatchRequest.id.desc()
    asked = {
        "late": select(DispatchRequest).where(overdue_at(desk.running.clock.now)).order_by(*newest).limit(50),
        "open": select(DispatchRequest).where(text(IS_OPEN)),
        "closed_at": select(DispatchRequest).where(DispatchRequest.closed_at >= desk.running.clock.now),
    }
    for index, query in asked.items():
        said = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(row for (row,) in desk.running.sql(f"EXPLAIN {said}".replace("%", "%%")))
        assert f"ix_dispatch_requests_{index}" in plan, plan
    counted = desk.hotline.get("/dispatch/counts").json()["total"]
    assert (counted["open"], counted["closed_today"]) == (1, 0)


@pytest.mark.parametrize(
    ("told", "urgency"), [({"trapped": True}, "emergency"), ({"trapped": False}, "urgent")]
)
def test_a_yes_that_a_matter_names_makes_a_request_an_emergency(serve, told, urgency):
    matters = load_matters(Path(__file__).parents[3] / "services/property/plan/data/matters.yaml")
    desk = Desk(serve(replace(office_service, matters=matters)))
    number = desk.sent(matter="lift-maintenance", summary="请来看看", details=told)
    assert desk.read(number)["urgency"] == urgency


def test_a_question_that_is_not_asked_makes_nothing_urgent():
    with pytest.raises(TypeError, match="no such question: trapped"):
        replace(office_service.matters[0], urgent_if=("trapped",))
