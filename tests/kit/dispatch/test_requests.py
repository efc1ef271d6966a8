"""The dispatch contract: a citizen's request gets a unit and a due time, and goes its way (P-2.2.2b)."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import yaml

from kit.dispatch.limits import Limit
from kit.dispatch.matters import load_matters
from tests.kit.conftest import eventually, queueing
from tests.kit.dispatch.sending import (
    NAME,
    PHONE,
    act,
    listed,
    read,
    send,
    service,
    slug,
)

# What may be sent


@pytest.mark.clause("P-2.2.2b")
def test_the_matters_say_who_handles_them_and_by_when(hotline):
    matters = {matter["code"]: matter for matter in hotline.get("/dispatch/matters").json()}
    consulting = matters["government-affairs"]
    assert (consulting["service"], consulting["prefix"]) == ("office", "DS-OQ-")
    assert (consulting["unit"], consulting["handling"], consulting["workdays"]) == (
        "government-office",
        "dispatched",
        3,
    )
    assert consulting["basis"][0]["clause"] == "P-2.2.2b"
    assert consulting["source"]
    lamp = matters["street-lamp"]
    assert (lamp["unit"], lamp["handling"], lamp["same_day"]) == (None, "on_the_spot", True)


@pytest.mark.clause("P-2.2.2b")
def test_a_request_gets_a_number_a_unit_a_due_time_and_its_basis(hotline, unit):
    answer = send(hotline, citizen={"name": NAME, "phone": PHONE}, external_number="W-1")
    taken = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/office/v1/dispatch/requests/DS-OQ-20240624-0001"
    assert taken["number"] == "DS-OQ-20240624-0001"
    assert (taken["unit"], taken["unit_name"]) == ("government-office", "区人民政府办公室")
    deciding = ["decline", "join", "merge", "place", "remark", "transfer", "urge"]
    assert (taken["state"], taken["allowed"]) == ("received", deciding), "the hotline waits for the unit"
    working = ["accept", "answer", "ask-return", "find-unreasonable"]
    assert read(unit, taken["number"])["allowed"] == working
    assert taken["due_at"] == "2024-06-27T23:59:59+08:00"
    assert (taken["overdue"], taken["due_provisional"]) == (False, False)
    assert taken["basis"][0]["clause"] == "P-2.2.2b"
    assert (taken["citizen_name"], taken["citizen_phone"]) == ("张**", "138****5678")


@pytest.mark.parametrize(
    ("received_at", "due_at"),
    [
        ("2024-06-07T23:59:59+08:00", "2024-06-13T23:59:59+08:00"),  # over 端午, a Monday
        ("2024-05-10T08:00:00+08:00", "2024-05-14T23:59:59+08:00"),  # the Saturday after was worked
        ("2024-06-07T16:30:00+00:00", "2024-06-13T23:59:59+08:00"),  # the 8th here, a Saturday
        ("2024-06-22T12:00:00+08:00", "2024-06-26T23:59:59+08:00"),  # taken on a Saturday
    ],
)
def test_three_working_days_are_counted_from_the_day_after(hotline, received_at, due_at):
    assert send(hotline, received_at=received_at).json()["due_at"] == due_at


def test_the_same_day_and_natural_hours_are_limits_too(hotline):
    assert send(hotline, matter="street-lamp").json()["due_at"] == "2024-06-24T23:59:59+08:00"
    assert send(hotline, matter="case").json()["due_at"] == "2024-06-24T11:30:00+08:00"


def test_a_street_s_matter_goes_to_the_street_by_any_of_its_names(hotline):
    for name in ("天骄街道", "天骄", "东胜区天骄街道"):
        taken = send(hotline, matter="street-lamp", division=name).json()
        assert (taken["unit"], taken["handling"]) == ("tianjiao-street", "on_the_spot")
        assert taken["division"] == "天骄街道"


def test_a_hook_says_what_a_request_became_or_refuses_it(office, hotline):
    assert send(hotline, matter="case", summary="灯").json()["reference"] == "CASE-灯"
    assert slug(send(hotline, matter="case", summary="refuse")) == (409, "refused")
    assert office.sql("SELECT count(*) FROM dispatch_requests") == [(1,)]


@pytest.mark.parametrize(
    ("changes", "problem", "pointer"),
    [
        ({"matter": "magic"}, "unknown-matter", "/matter"),
        ({"division": "魔法街道"}, "unknown-street", "/division"),
        ({"division": "区政府办公室"}, "unknown-street", "/division"),
        ({"matter": "street-lamp", "division": None}, "unknown-street", "/division"),
        ({"received_at": "2024-06-24T09:36:00+08:00"}, "in-the-future", "/received_at"),
        ({"received_at": "2024-06-24T09:30:00"}, "invalid-request", "/received_at"),
        ({"citizen": {"phone": "call me"}}, "invalid-request", "/citizen/phone"),
        ({"summary": ""}, "invalid-request", "/summary"),
        ({"colour": "red"}, "invalid-request", "/colour"),
        ({"details": {"a": "\x00"}}, "invalid-request", "/details/a"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_field(office, hotline, changes, problem, pointer):
    answer = send(hotline, **changes)
    assert slug(answer) == (422, problem)
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert office.sql("SELECT count(*) FROM dispatch_requests") == [(0,)]


def test_the_same_external_number_is_the_same_request(office, hotline):
    first = send(hotline, external_number="W-1").json()
    again = send(hotline, external_number="W-1", summary="又打来一次").json()
    assert again == first
    other = send(hotline, external_number="W-1", source="市长信箱").json()
    without = {send(hotline).json()["number"] for _ in range(2)}
    assert len({first["number"], other["number"], *without}) == 4
    assert office.sql("SELECT count(*) FROM events WHERE type = 'dispatch.request.taken'") == [(4,)]


def test_the_same_external_number_many_times_at_once_is_one_request(office, hotline):
    with ThreadPoolExecutor(6) as threads:
        numbers = set(threads.map(lambda _: send(hotline, external_number="W-1").json()["number"], range(12)))
    assert numbers == {"DS-OQ-20240624-0001"}
    assert office.sql("SELECT count(*) FROM dispatch_requests") == [(1,)]


# How it goes on


def test_a_request_is_accepted_answered_redone_and_closed(office, hotline, unit):
    number = send(hotline).json()["number"]
    assert act(unit, number, "accept").json()["state"] == "accepted"
    answered = act(unit, number, "answer", "已告知所需材料。").json()
    assert (answered["state"], answered["answer"]) == ("answered", "已告知所需材料。")
    assert answered["answered_at"] == "2024-06-24T09:30:00+08:00"
    redone = act(hotline, number, "redo", "市民不满意。").json()
    assert (redone["state"], redone["answered_at"]) == ("accepted", None)
    act(unit, number, "answer", "已上门办理。")
    closed = act(hotline, number, "close").json()
    assert (closed["state"], closed["allowed"]) == ("closed", ["call-back", "remark"])
    assert closed["closed_at"] == "2024-06-24T09:30:00+08:00"
    steps = [(step["action"], step["note"]) for step in read(hotline, number)["steps"]]
    assert steps == [
        ("take", None),
        ("accept", None),
        ("answer", "已告知所需材料。"),
        ("redo", "市民不满意。"),
        ("answer", "已上门办理。"),
        ("close", None),
    ]
    told = office.sql(
        "SELECT data->>'action', data->>'state' FROM events WHERE type = 'dispatch.request.moved'"
    )
    assert told[-1] == ("close", "closed")


@pytest.mark.parametrize(
    ("steps", "action", "mine", "possible"),
    [
        ([], "close", ["decline", "urge"], ["accept", "answer", "decline"]),
        ([], "redo", ["decline", "urge"], ["accept", "answer", "decline"]),
        (["accept"], "accept", ["answer", "contact"], ["answer", "contact", "pause"]),
        (["answer"], "answer", ["find-unreasonable"], ["audit", "close", "redo", "send-back"]),
        (["answer", "close"], "redo", ["call-back", "remark"], ["appeal", "call-back", "remark"]),
    ],
)
def test_what_the_state_does_not_allow_is_409_and_says_what_it_does(
    hotline, unit, steps, action, mine, possible
):
    number = send(hotline).json()["number"]
    by = {"accept": unit, "answer": unit, "redo": hotline, "close": hotline}
    for step in steps:
        assert act(by[step], number, step, "说明").status_code == 200
    refused = act(by[action], number, action, "说明")
    assert slug(refused) == (409, "not-in-this-state")
    assert set(mine) <= set(refused.json()["allowed"]), "what this caller may do"
    assert set(possible) <= set(refused.json()["who"]), "what can be done"
    assert not {"resume", "confirm-unreasonable"} & set(refused.json()["who"]), "what nobody asked for"


def test_the_hotline_closes_and_the_unit_answers_not_the_other_way_round(hotline, unit):
    number = send(hotline).json()["number"]
    for action in ("accept", "answer"):
        assert slug(act(hotline, number, action, "说明")) == (403, "not-your-role")
    act(unit, number, "answer", "说明")
    for action in ("redo", "close"):
        assert slug(act(unit, number, action, "说明")) == (403, "not-your-role")


@pytest.mark.parametrize("note", [None, "", "  "])
def test_an_answer_and_a_redo_need_words(hotline, unit, note):
    number = send(hotline).json()["number"]
    refused = act(unit, number, "answer", note)
    assert slug(refused) == (422, "no-note")
    assert refused.json()["errors"][0]["pointer"] == "/note"


def test_of_answers_at_once_one_stands_and_the_others_are_told_the_state(office, hotline, unit):
    number = send(hotline).json()["number"]
    with ThreadPoolExecutor(3) as threads, psycopg.connect(office.url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM dispatch_requests FOR UPDATE")
        answers = [threads.submit(act, unit, number, "answer", f"{n}") for n in range(3)]
        eventually(lambda: queueing(office, 3))
        other.commit()
        assert sorted(answer.result().status_code for answer in answers) == [200, 409, 409]
    assert len(read(hotline, number)["steps"]) == 2


def test_overdue_is_a_matter_of_when_one_looks(office, hotline):
    street = office.client("dispatch:read", "office:write", unit="tianjiao-street", name="street")
    late, on_time = (
        send(hotline, matter="street-lamp", summary=text).json()["number"] for text in ("late", "on time")
    )
    act(street, on_time, "answer", "已修。")
    assert not read(hotline, late)["overdue"]
    office.clock.advance(days=1)
    assert read(hotline, late)["overdue"]
    assert not read(hotline, on_time)["overdue"]
    assert listed(hotline, overdue=True) == [late]
    assert listed(hotline, overdue=False) == [on_time]
    act(street, late, "answer", "已修。")
    assert read(hotline, late)["overdue"], "a late answer stays late"


@pytest.mark.clause("P-2.2.2b")
@pytest.mark.parametrize("action", ["accept", "answer"])
def test_nobody_answers_for_the_unit_that_a_request_was_sent_to(office, hotline, action):
    bureaus, streets = send(hotline).json()["number"], send(hotline, matter="street-lamp").json()["number"]
    may = ("dispatch:read", "office:write")
    street = office.client(*may, unit="tianjiao-street", division="天骄街道")
    bureau = office.client(*may, unit="government-office")
    for caller, number in ((street, bureaus), (bureau, streets)):
        assert slug(act(caller, number, action, "已办。")) == (403, "another-units-request")
    administrator = office.client(*may, "dispatch:any-unit")
    assert act(administrator, streets, action, "已办。").status_code == 200


# Who sees what


def test_requests_are_listed_the_newest_first_and_by_what_they_are(office, hotline, unit):
    old = send(hotline, received_at="2024-06-01T08:00:00+08:00").json()["number"]
    lamp = send(hotline, matter="street-lamp").json()["number"]
    office.clock.advance(seconds=1)
    new = send(hotline).json()["number"]
    act(unit, new, "accept")
    assert listed(hotline) == [new, lamp, old]
    assert listed(hotline, matter="street-lamp") == [lamp]
    assert listed(hotline, unit="tianjiao-street") == [lamp]
    assert listed(hotline, state="accepted") == [new]


def test_the_list_is_paged(hotline):
    sent = [
        send(hotline, received_at=f"2024-06-{day:02}T08:00:00+08:00").json()["number"] for day in range(1, 8)
    ]
    seen, cursor = [], {}
    while True:
        page = hotline.get("/dispatch/requests", params={"limit": 3} | cursor).json()
        seen += [request["number"] for request in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == sent[::-1]


def test_a_street_s_token_sees_and_sends_only_its_own(office, hotline):
    own = send(hotline).json()["number"]
    others = [send(hotline, division=division).json()["number"] for division in ("公园街道", None)]
    street = office.client("dispatch:read", "dispatch:write", "office:write", division="天骄街道")
    assert listed(street) == [own]
    assert read(street, own)["number"] == own
    for number in others:
        assert slug(street.get(f"/dispatch/requests/{number}")) == (404, "not-found")
        assert slug(act(street, number, "answer", "说明")) == (404, "not-found")
    assert slug(send(street, division="公园街道")) == (403, "another-division")
    assert send(street, division=None).json()["division"] == "天骄街道"


def test_another_street_s_request_is_not_shown_by_its_external_number(office, hotline):
    send(hotline, division="公园街道", external_number="W-1")
    street = office.client("dispatch:write", division="天骄街道")
    assert slug(send(street, external_number="W-1")) == (403, "another-division")


@pytest.mark.parametrize(
    ("scopes", "method", "path"),
    [
        (("dispatch:write",), "GET", "/dispatch/matters"),
        (("dispatch:write",), "GET", "/dispatch/requests"),
        (("dispatch:read",), "POST", "/dispatch/requests"),
        (("dispatch:read",), "POST", "/dispatch/requests/x/accept"),
    ],
)
def test_each_operation_asks_for_its_scope(office, scopes, method, path):
    body = {"json": {"matter": "government-affairs", "summary": "a"}} if method == "POST" else {}
    if path.endswith("accept"):
        body = {}
    lacks = "not-your-role" if path.endswith("accept") else "missing-scope"
    assert slug(office.client(*scopes).request(method, path, **body)) == (403, lacks)


def test_an_unknown_number_is_404(hotline, unit):
    assert slug(hotline.get("/dispatch/requests/DS-OQ-20240624-9999")) == (404, "not-found")
    assert slug(act(unit, "DS-OQ-20240624-9999", "accept")) == (404, "not-found")


# What changes with the years


def test_a_request_of_a_matter_and_a_unit_that_are_no_more_is_still_readable(serve):
    before = serve(service)
    hotline = before.client("dispatch:write", "dispatch:read")
    number = send(hotline, matter="street-lamp").json()["number"]
    before.sql("UPDATE dispatch_requests SET matter = 'gas-lamp', unit = 'lamp-office'")
    seen = read(hotline, number)
    assert (seen["matter_name"], seen["unit_name"]) == ("gas-lamp", "lamp-office")
    assert seen["basis"][0]["clause"] == "P-2.2.2b"
    assert listed(hotline) == [number]


@pytest.mark.parametrize(
    "limit", [{}, {"hours": 1, "workdays": 1}, {"hours": 1, "same_day": True}, {"weeks": 1}]
)
def test_a_matter_has_exactly_one_limit(limit):
    with pytest.raises(TypeError):
        Limit(**limit)


@pytest.mark.parametrize("fault", [{"unit": "区魔法局"}, {"clauses": ["X-9"]}])
def test_a_matter_of_an_unknown_unit_or_clause_does_not_load(tmp_path, fault):
    row = {
        "code": "a",
        "name": "a",
        "unit": "government-office",
        "limit": {"hours": 1},
        "source": "a",
        "clauses": ["P-2.2.2b"],
    }
    (tmp_path / "matters.yaml").write_text(yaml.safe_dump([row | fault]))
    with pytest.raises(KeyError):
        load_matters(tmp_path / "matters.yaml")
