"""Clients that we did not write work unchanged: two libraries, and FixMyStreet's calls as it documents and makes them."""

import itertools
from xml.etree import ElementTree

import pytest
from civicbot.http import HttpError, HttpTransport, RateLimiter
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint
from georeport import GeoReport

from gateway.open311 import api as open311
from gateway.open311 import searching
from tests.gateway.open311_services import DAYS, KEY, V2, Property, errors, read


@pytest.fixture
def property_(upstream):
    return Property(upstream)


@pytest.fixture
def door(gateway, property_):
    return gateway(property=property_.there, settings={"open311_public": True})


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_services_and_requests(door, property_, form):
    one, other = property_.has("2024-06-20T09:00:00+08:00", matter="lift-maintenance"), property_.has()
    client = GeoReport(door.address + V2, jurisdiction="dongsheng.ordos", output_format=form)
    assert [each["service_code"] for each in client.get_service_list()][:2] == [
        "property-service",
        "lift-maintenance",
    ]
    assert client.get_service_definition("lift-maintenance")["service_code"] == "lift-maintenance"
    listed = client.get_service_requests(
        start_date=DAYS["start_date"], end_date=DAYS["end_date"], status="open"
    )
    assert [each["service_request_id"] for each in listed] == [other, one]
    both = client.get_service_requests(service_request_id=f"{one},{other}")
    assert [each["service_request_id"] for each in both] == [one, other]
    assert client.get_service_request(one)["status"] == "open"


def civicbot(door):
    endpoint = Endpoint("ds", "东胜区", door.address + V2, write=True)
    transport = HttpTransport(rate_limiter=RateLimiter(0.0))
    return Open311Client(endpoint, transport, jurisdiction_id="dongsheng.ordos")


def test_civicbot_checks_a_request_by_its_definition_and_hands_it_in(door, property_):
    client = civicbot(door)
    made = client.create_request(
        "lift-maintenance",
        dry_run=False,
        confirm="SEND",
        api_key=KEY,
        validate_remote=True,
        lat=39.82,
        lng=109.99,
        description="电梯停运",
        attributes={"lift": "L-7", "signs": ["异响", "急停"], "trapped": "false"},
        phone="13800000000",
    )
    number = made.response[0]["service_request_id"]
    assert client.get_request(number)["service_code"] == "lift-maintenance"
    assert client.get_token(number)[0]["token"] == number
    listed = client.list_requests(service_code="lift-maintenance", page_size=5, start_date=DAYS["start_date"])
    assert [each["service_request_id"] for each in listed] == [number]
    assert property_.posted()[1]["details"] == {"lift": "L-7", "signs": ["异响", "急停"], "trapped": False}


def test_civicbot_is_told_what_is_wrong(door):
    with pytest.raises(HttpError) as refused:
        civicbot(door).create_request(
            "parking", dry_run=False, confirm="SEND", api_key="x:y", lat=39.8, lng=109.9
        )
    assert refused.value.status == 403


# FixMyStreet: POST of a form with the key in it, XML back, lists always in XML::Simple's forced arrays.


def fixmystreet(door, path, **fields):
    fields = {"jurisdiction_id": "dongsheng.ordos", "api_key": KEY} | fields
    answer = door.http.post(f"{V2}/{path}", data=fields)
    return answer, ElementTree.fromstring(answer.content)


REPORT = {
    "description": "title: 电梯坏了\n\ndetail: 三号楼电梯停运\n\nurl: https://fms.example/report/4711\n\nSubmitted via FixMyStreet\n",
    "service_code": "property-service",
    "first_name": "三",
    "last_name": "张",
    "email": "zhang@example.com",
    "phone": "13800000000",
    "lat": "39.820000",
    "long": "109.990000",
    "attribute[division]": "天骄街道",
    "attribute[fixmystreet_id]": "4711",
}


@pytest.mark.clause("P-2.2.2b")
def test_fixmystreet_sends_a_report(door, property_):
    answer, found = fixmystreet(door, "requests.xml", **REPORT)
    assert answer.is_success
    assert found.findtext("request/service_request_id") == property_.rows[0]["number"]
    body = property_.posted()[1]
    assert (body["summary"], body["division"], body["external_number"]) == ("电梯坏了", "天骄街道", "4711")


def test_fixmystreet_reads_what_is_wrong(door):
    answer, found = fixmystreet(door, "requests.xml", **REPORT | {"service_code": "weather"})
    assert not answer.is_success
    assert found.tag == "errors"
    [error] = found.findall("error")
    assert error.findtext("code") == "404"
    assert "weather" in error.findtext("description")


STEPS = [
    {"at": "2024-06-24T09:30:00+08:00", "action": "take", "note": None, "state": "received"},
    {"at": "2024-06-24T09:40:00+08:00", "action": "accept", "note": "内部意见", "state": "accepted"},
    {"at": "2024-06-24T09:50:00+08:00", "action": "ask-extension", "note": "内部理由", "state": "accepted"},
    {"at": "2024-06-24T10:00:00+08:00", "action": "answer", "note": "已更换灯具。", "state": "answered"},
    {"at": "2024-06-24T11:00:00+08:00", "action": "close", "note": "内部说明", "state": "closed"},
]
HOURS = {"start_date": "2024-06-24T01:35:00Z", "end_date": "2024-06-24T03:30:00Z"}


@pytest.mark.parametrize(
    ("solved", "status"), [(True, "FIXED"), (False, "NO_FURTHER_ACTION"), (None, "CLOSED")]
)
def test_fixmystreet_reads_updates_and_nothing_internal(door, property_, solved, status):
    number = property_.has(updated_at=STEPS[-1]["at"], steps=STEPS, solved=solved, state="closed")
    property_.has("2024-06-01T09:00:00+08:00")
    answer = read(door, "servicerequestupdates.xml", jurisdiction_id="dongsheng.ordos", **HOURS)
    found = ElementTree.fromstring(answer.content)
    assert found.tag == "service_request_updates"
    told = [
        (each.findtext("update_id"), each.findtext("status"), each.findtext("description")) for each in found
    ]
    assert told[:2] == [
        (f"{number}-accept-20240624T014000000000Z", "INVESTIGATING", "承办单位已签收。"),
        (f"{number}-answer-20240624T020000000000Z", "IN_PROGRESS", "已更换灯具。"),
    ]
    assert (told[2][0], told[2][1]) == (f"{number}-close-20240624T030000000000Z", status)
    assert "内部" not in answer.text
    assert {each.findtext("service_request_id") for each in found} == {number}


def test_a_redo_of_several_units_is_told_once(door, property_):
    steps = [
        {"at": at, "action": "redo", "note": "内部", "state": "accepted", "seen": {"lead": lead}}
        for at, lead in (("2024-06-24T10:00:00+08:00", True), ("2024-06-24T10:00:00+08:00", False))
    ]
    number = property_.has(updated_at=steps[-1]["at"], steps=steps, state="accepted")
    told = read(door, "servicerequestupdates.json", **HOURS).json()
    assert [(each["service_request_id"], each["description"]) for each in told] == [(number, "已退回重办。")]


def test_no_update_is_given_twice_by_windows_that_follow_each_other(door, property_):
    property_.has(updated_at=STEPS[-1]["at"], steps=STEPS, state="closed")
    times = ["2024-06-24T00:00:00Z", "2024-06-24T01:45:00Z", "2024-06-24T02:30:00Z", "2024-06-25T00:00:00Z"]
    windows = [
        read(door, "servicerequestupdates.json", start_date=one, end_date=other).json()
        for one, other in itertools.pairwise(times)
    ]
    ids = [each["update_id"] for window in windows for each in window]
    assert len(ids) == len(set(ids)) == 4


def update(door, number, **fields):
    said = {
        "service_request_id": number,
        "update_id": "99",
        "updated_datetime": "2024-06-24T10:00:00+08:00",
        "status": "OPEN",
        "description": "还是不亮",
        "last_name": "张",
        "first_name": "三",
        "email": "zhang@example.com",
    }
    return fixmystreet(door, "servicerequestupdates.xml", **said | fields)


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({}, "来电人补充：还是不亮"),
        ({"status": "REOPEN", "description": "又坏了。"}, "来电人补充：又坏了。来电人表示没有解决。"),
        ({"status": "FIXED", "description": ""}, "来电人补充：来电人表示已解决。"),
    ],
)
def test_a_citizen_s_update_becomes_a_remark(door, property_, fields, note):
    number = property_.has()
    answer, found = update(door, number, **fields)
    assert answer.is_success, answer.text
    assert found.findtext("request_update/update_id") == f"{number}-remark-20240624T020001000001Z"
    seen, body = property_.posted("/remark")
    assert body == {"note": note}
    sent = seen.header("idempotency-key")
    update(door, number, **fields)
    update(door, number, **fields, update_id="100\r\nX-Forged: 1")
    keys = [each.header("idempotency-key") for each in property_.there.seen if each.path.endswith("/remark")]
    assert keys[:2] == [sent, sent]
    assert keys[2] not in (None, sent)
    assert not [each for each in property_.there.seen if each.header("x-forged")]


def test_an_update_has_one_id_however_often_it_is_sent_and_where_it_is_read(door, property_):
    number = property_.has()
    sent = [
        update(door, number, update_id=each)[1].findtext("request_update/update_id")
        for each in ("99", "100", "99")
    ]
    assert sent[0] == sent[2] != sent[1]
    told = read(door, "servicerequestupdates.json", **DAYS).json()
    assert [each["update_id"] for each in told][1:] == sent[:2]


def test_who_may_hand_in_but_not_read_is_told_that_an_update_was_taken(door, property_):
    number = property_.has()
    property_.unread = True
    answer, _ = update(door, number)
    assert answer.status_code == 201, answer.text
    assert len(property_.rows[0]["steps"]) == 2


@pytest.mark.parametrize(
    "path", ["requests/{}.json", "tokens/{}.json", "requests.json", "servicerequestupdates.json"]
)
def test_what_a_service_refuses_to_show_is_told_as_it_is(door, property_, path):
    number = property_.has()
    property_.failing = (403, {"type": "urn:dongsheng:problem:missing-scope", "detail": "没有权限。"})
    assert errors(read(door, path.format(number), **DAYS)) == [(403, "没有权限。")]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"service_request_id": ""}, 400),
        ({"description": ""}, 400),
        ({"service_request_id": "DS-PQ-20240624-0009"}, 404),
        ({"service_request_id": "nonsense"}, 404),
        ({"api_key": ""}, 403),
    ],
)
def test_an_update_that_cannot_be_taken_is_refused(door, property_, fields, status):
    answer, found = update(door, property_.has(), **fields)
    assert (answer.status_code, found.tag) == (status, "errors")


def updates(door, **params):
    answer = read(door, "servicerequestupdates.json", **DAYS, **params)
    assert answer.status_code == 200, answer.text
    return [each["service_request_id"] for each in answer.json()]


def test_updates_of_very_many_requests_are_given_at_once(door, property_):
    numbers = {property_.has() for _ in range(620)}
    assert set(updates(door)) == numbers


def test_updates_are_given_in_pages_that_leave_nothing_out(door, property_):
    numbers = [property_.has(f"2024-06-{day:02d}T09:00:00+08:00") for day in range(1, 8)]
    pages = [updates(door, page_size="3", page=page) for page in "1234"]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert sorted(number for page in pages for number in page) == numbers


def test_updates_of_too_many_requests_at_once_are_asked_for_in_pages_or_by_a_narrower_time(
    door, property_, monkeypatch
):
    monkeypatch.setattr(searching, "_MOST_CHANGED", 3)
    for _ in range(4):
        property_.has()
    answer = read(door, "servicerequestupdates.json", **DAYS)
    assert answer.status_code == 400
    assert all(word in errors(answer)[0][1] for word in ("start_date", "page"))
    assert len(updates(door, page_size="4")) == 4


def test_updates_that_are_not_found_in_time_are_refused_and_not_cut_short(door, property_, monkeypatch):
    monkeypatch.setattr(open311, "_PATIENCE", 0.0)
    property_.has()
    answer = read(door, "servicerequestupdates.json", **DAYS)
    assert (answer.status_code, "缩短时间" in errors(answer)[0][1]) == (400, True)
