"""Open311 GeoReport v2: requests as they stand, found by number, code, status and times, and the door before them."""

from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import yaml

from gateway.clients import hash_secret
from kit.web.tokens import Verifier, bearer
from tests.gateway.open311_services import DAYS, KEY, V2, Property, errors, get, post, read


@pytest.fixture
def property_(upstream):
    return Property(upstream)


@pytest.fixture
def door(gateway, property_):
    return gateway(property=property_.there)


# Reading


@pytest.mark.clause("P-2.2.2b")
def test_a_request_is_a_list_of_one(door, property_):
    number = property_.has()
    assert read(door, f"requests/{number}.json").json() == [
        {
            "service_request_id": number,
            "status": "open",
            "status_notes": "已派单，尚未签收。",
            "service_name": "物业服务质量投诉",
            "service_code": "property-service",
            "description": "楼道灯不亮，一周未修",
            "agency_responsible": "天骄街道办事处",
            "service_notice": None,
            "requested_datetime": "2024-06-24T09:30:00+08:00",
            "updated_datetime": "2024-06-24T09:30:00+08:00",
            "expected_datetime": "2024-06-27T23:59:59+08:00",
            "address": "天骄路1号",
            "address_id": None,
            "zipcode": None,
            "lat": 39.82,
            "long": 109.99,
            "media_url": "https://example.com/1.jpg",
        }
    ]
    found = ElementTree.fromstring(read(door, f"requests/{number}.xml").content)
    assert (found.tag, found.findtext("request/lat")) == ("service_requests", "39.82")


@pytest.mark.parametrize(
    ("solved", "notes"),
    [(True, "已办结。问题已解决。"), (False, "已办结。问题没有解决。"), (None, "已办结。")],
)
def test_closed_and_solved_are_two_facts(door, property_, solved, notes):
    number = property_.has(state="closed", solved=solved)
    [shown] = read(door, f"requests/{number}.json", extensions="true").json()
    assert (shown["status"], shown["status_notes"]) == ("closed", notes)
    assert shown["extended_attributes"]["solved"] is solved


def test_what_xml_cannot_hold_is_left_out(door, property_):
    number = property_.has(description="坏了\x00\x0b<&>\ufffe")
    found = ElementTree.fromstring(read(door, f"requests/{number}.xml").content)
    assert found.findtext("request/description") == "坏了<&>"


@pytest.mark.parametrize(
    "number",
    [
        "DS-PQ-20240624-0009",
        "nonsense",
        quote("../x", safe=""),
        "%00",
        "%ff",
        "DS-PQ-%0d%0aX",
        "DS-PQ-" + "9" * 500,
    ],
)
def test_an_unknown_request_is_404(door, number):
    for path in (f"requests/{number}.json", f"tokens/{number}.json"):
        answer = read(door, path)
        assert (answer.status_code, errors(answer)[0][0]) == (404, 404)


def test_a_token_is_the_number_itself(door, property_):
    number = property_.has()
    assert read(door, f"tokens/{number}.json").json() == [{"service_request_id": number, "token": number}]


def test_requests_are_found_by_numbers_whatever_else_is_said(door, property_):
    numbers = [property_.has(), property_.has("2023-01-01T00:00:00+08:00"), "DS-PQ-20240624-0009", "x"]
    found = read(door, service_request_id=",".join(numbers), status="closed", service_code="parking")
    assert [each["service_request_id"] for each in found.json()] == numbers[:2]


def test_requests_are_found_by_code_status_and_times(door, property_):
    lift = property_.has("2024-06-10T09:00:00+08:00", matter="lift-maintenance")
    closed = property_.has(
        "2024-06-11T09:00:00+08:00", state="closed", updated_at="2024-06-20T09:00:00+08:00"
    )
    old = property_.has("2024-03-01T09:00:00+08:00")

    def numbers(**params):
        answer = read(door, **params)
        assert answer.status_code == 200, answer.text
        return [each["service_request_id"] for each in answer.json()]

    assert numbers(**DAYS) == [closed, lift]
    assert numbers(**DAYS, status="open") == [lift]
    assert numbers(**DAYS, status="open,closed") == [closed, lift]
    assert numbers(**DAYS, service_code="lift-maintenance,parking") == [lift]
    assert numbers(**DAYS, updated_after="2024-06-15T00:00:00Z") == [closed]
    assert numbers(**DAYS, updated_before="2024-06-15T00:00:00Z") == [lift]
    assert numbers(**DAYS, page_size="1") == [closed]
    assert numbers(**DAYS, page_size="1", page="2") == [lift]
    assert numbers(end_date="2024-03-02T00:00:00Z") == [old]
    assert numbers(start_date="2024-03-01T00:00:00Z") == [old]
    assert numbers() == []


def test_a_plus_sign_that_was_not_escaped_is_understood(door, property_):
    number = property_.has()
    address = f"{V2}/requests.json?api_key={quote(KEY)}&start_date=2024-06-24T09:30:00+08:00"
    answer = door.http.get(f"{address}&end_date=2024-06-24T09:30:00+08:00")
    assert [each["service_request_id"] for each in answer.json()] == [number]


def test_a_thousand_requests_are_given_at_most(door, property_):
    for _ in range(1100):
        property_.has()
    assert len(read(door, **DAYS).json()) == 1000
    assert len(read(door, **DAYS, page="2").json()) == 0


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"start_date": "2024-06-24"}, "start_date：应为带时区的时间"),
        ({"start_date": "yesterday"}, "start_date：应为带时区的时间"),
        ({"start_date": "2024-01-01T00:00:00Z", "end_date": "2024-05-01T00:00:00Z"}, "不应超过 90 天"),
        (
            {"start_date": "2024-05-01T00:00:00Z", "end_date": "2024-04-01T00:00:00Z"},
            "end_date：不应早于 start_date",
        ),
        ({"updated_after": "0001-01-01T00:00:00+14:00"}, "updated_after：应为带时区的时间"),
        ({"status": "solved"}, "status：只可填 open 或 closed"),
        ({"page_size": "0"}, "page_size：应为 1 到 1000"),
        ({"page": "²"}, "page：应为 1 到"),
        ({"page": "0" * 11 + "1" * 5000}, "page：应为 1 到"),
        ({"service_request_id": ",".join(map(str, range(101)))}, "service_request_id：一次最多 100 个"),
        ({"service_code": ",".join(map(str, range(21)))}, "service_code：一次最多 20 个"),
    ],
)
def test_a_search_that_cannot_be_understood_is_400(door, params, told):
    answer = read(door, **params)
    assert answer.status_code == 400
    assert told in errors(answer)[0][1]


def test_requests_hold_what_others_told_so_that_a_key_is_needed(door, property_):
    number = property_.has()
    for path in (
        "requests.json",
        f"requests/{number}.json",
        f"tokens/{number}.json",
        "servicerequestupdates.json",
    ):
        answer = get(door, path)
        assert (answer.status_code, errors(answer)[0][0]) == (403, 403)


def test_a_setting_shows_requests_to_everybody_without_what_was_told(gateway, property_):
    door = gateway(property=property_.there, settings={"open311_public": True})
    number = property_.has()
    secret = property_.has(secret=True, source="open311:hotline", matter="lift-maintenance")
    [shown] = get(door, f"requests/{number}.json", extensions="true").json()
    assert "extended_attributes" not in shown
    assert (shown["description"], shown["address"]) == ("物业服务质量投诉", "天骄街道")
    assert shown["lat"] is shown["long"] is shown["media_url"] is None
    assert [each["service_request_id"] for each in get(door, "requests.json", **DAYS).json()] == [number]
    # Not even by a page that it would have filled.
    pages = [get(door, "requests.json", **DAYS, page_size="1", page=page).json() for page in "12"]
    assert [[each["service_request_id"] for each in page] for page in pages] == [[number], []]
    for path in (f"requests/{secret}.json", f"tokens/{secret}.json"):
        assert (get(door, path).status_code, read(door, path).status_code) == (404, 200)
    assert get(door, f"tokens/{number}.json").json()[0]["token"] == number
    assert get(door, "servicerequestupdates.json").status_code == 403


def test_a_secret_request_is_shown_by_a_key_to_who_handed_it_in_alone(door, property_):
    own = property_.has(secret=True, source="open311:hotline")
    other = property_.has(secret=True, source="12345")
    assert [each["service_request_id"] for each in read(door, **DAYS).json()] == [own]
    statuses = [read(door, f"requests/{number}.json").status_code for number in (own, other)]
    assert statuses == [200, 404]
    told = read(door, "servicerequestupdates.json", **DAYS).json()
    assert {each["service_request_id"] for each in told} == {own}


@pytest.mark.parametrize("codes", ["weather", "parking,weather"])
def test_a_service_code_that_there_is_not_is_404(door, property_, codes):
    property_.has(matter="parking")
    answer = read(door, **DAYS, service_code=codes)
    assert (answer.status_code, errors(answer)[0][0]) == (404, 404)
    assert "service_code：没有 weather" in errors(answer)[0][1]


def test_requests_of_a_matter_that_was_given_up_are_found_by_it_still(door, property_):
    property_.has("2023-01-01T00:00:00+08:00", matter="snow")
    answer = read(door, **DAYS, service_code="snow")
    assert (answer.status_code, answer.json()) == (200, [])


def test_a_service_that_is_away_is_said_and_nothing_left_out(gateway, property_, dead_address):
    door = gateway(property=property_.there, emergency=dead_address)
    property_.has(matter="lift-maintenance")
    answer = read(door, **DAYS)
    assert (answer.status_code, errors(answer)[0][0]) == (503, 503)
    assert answer.headers["retry-after"]
    assert len(read(door, **DAYS, service_code="lift-maintenance").json()) == 1
    # Who keeps a list of services would strike out those of a service that is not known.
    assert get(door, "services.json").status_code == 503
    assert get(door, "services/production-accident.json").status_code == 503


# At the door


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "weather.json", 404),
        ("GET", "services", 404),
        ("GET", "services.yaml", 404),
        ("GET", "services/.json", 404),
        ("DELETE", "services.json", 405),
        ("GET", "services/weather.json", 404),
        ("GET", "services.json?jurisdiction_id=sfgov.org", 404),
        ("PUT", "requests.json", 405),
    ],
)
def test_what_is_not_there_is_told_in_open311_s_form(door, method, path, status):
    answer = door.http.request(method, f"{V2}/{path}")
    assert answer.status_code == status, answer.text
    kind = "application/json" if ".json" in path else "text/xml"
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert f"{status}" in answer.text


def test_too_many_tries_of_a_key_are_refused(gateway, property_):
    door = gateway(property=property_.there, settings={"token_burst": 2, "token_rate": 0.01})
    statuses = [post(door, api_key="hotline:wrong").status_code for _ in range(3)]
    assert statuses == [403, 403, 429]


def test_a_key_that_was_right_is_not_tried_again(gateway, property_):
    door = gateway(property=property_.there, settings={"token_burst": 1, "token_rate": 0.01})
    assert [read(door).status_code for _ in range(3)] == [200, 200, 200]


def test_an_address_is_limited(gateway, property_):
    door = gateway(property=property_.there, settings={"burst": 2, "rate": 0.01})
    answers = [get(door, "services.json") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert errors(answers[2])[0][0] == 429
    assert [each.headers["ratelimit"].partition(";t")[0] for each in answers] == [
        '"caller";r=1',
        '"caller";r=0',
        '"caller";r=0',
    ]
    assert answers[2].headers["retry-after"]


def test_a_key_is_good_for_requests_alone(gateway, property_, tmp_path):
    scopes = ["dispatch:read", "personal:read", "property:admin"]
    client = {"name": "平台", "secret": hash_secret("s"), "scopes": scopes, "division": "天骄街道"}
    (tmp_path / "clients.yaml").write_text(yaml.safe_dump({"clients": {"app": client}}))
    door = gateway(property=property_.there, settings={"clients": tmp_path / "clients.yaml"})
    number = property_.has()
    assert get(door, f"requests/{number}.json", api_key="app:s").status_code == 200
    token = next(seen for seen in property_.there.seen if number in seen.path).header("authorization")
    caller = Verifier(door.settings).verify(bearer(token))
    assert (caller.client, caller.scopes, caller.division) == ("app", {"dispatch:read"}, "天骄街道")
    assert get(door, "requests.json", api_key="app:s").status_code == 200
