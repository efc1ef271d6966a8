"""A platform on which citizens report hands in a lift that is stuck, follows it, and hears what became of it."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import httpx2
import pytest
from georeport import GeoReport

V2 = "/open311/v2"


@pytest.fixture
def key(district):
    return f"open311:{(district.var / 'secrets' / 'clients' / 'open311').read_text().strip()}"


@pytest.fixture
def platform(district):
    with httpx2.Client(base_url=district.base, timeout=20) as http:
        yield http


def report(key, **fields):
    return {
        "api_key": key,
        "jurisdiction_id": "dongsheng.ordos",
        "service_code": "property-service",
        "description": "title: 楼道灯不亮\n\ndetail: 三号楼楼道灯坏了一周\n",
        "lat": "39.82",
        "long": "109.99",
        "first_name": "三",
        "last_name": "张",
        "phone": "13800000000",
        "email": "zhang@example.com",
        "attribute[division]": "天骄街道",
    } | fields


@pytest.mark.clause("P-2.2.2b")
def test_a_report_is_handed_in_answered_and_followed_to_its_end(district, platform, key):
    client = GeoReport(district.base + V2, output_format="xml")
    assert "property-service" in [each["service_code"] for each in client.get_service_list()]

    fields = report(key, **{"attribute[fixmystreet_id]": "4711"})
    sent = platform.post(f"{V2}/requests.xml", data=fields)
    assert sent.status_code == 201, sent.text
    number = ElementTree.fromstring(sent.content).findtext("request/service_request_id")
    again = platform.post(f"{V2}/requests.json", data=fields)
    assert (again.status_code, again.json()[0]["service_request_id"]) == (200, number)

    asked = {"api_key": key}
    [shown] = platform.get(f"{V2}/requests/{number}.json", params=asked).json()
    assert (shown["status"], shown["lat"], shown["long"]) == ("open", 39.82, 109.99)
    assert shown["agency_responsible"] == "天骄街道"

    said = {"service_request_id": number, "update_id": "9", "status": "OPEN", "description": "还是不亮"}
    for _ in range(2):  # whoever got no answer sends it again
        taken = platform.post(f"{V2}/servicerequestupdates.xml", data={"api_key": key} | said)
        assert taken.status_code == 201, taken.text
        update = ElementTree.fromstring(taken.content).findtext("request_update/update_id")

    path = f"/dispatch/v1/requests/{number}"
    with district.client("street-tianjiao") as street:
        street.post(f"{path}/accept", json={})
        street.post(f"{path}/answer", json={"note": "已更换灯具。"})
    with district.client("hotline") as hotline:
        hotline.post(f"{path}/close", json={})
        assert hotline.get(path).json()["state"] == "closed"

    now = datetime.now(UTC)
    times = {
        "start_date": (now - timedelta(hours=2)).isoformat(),
        "end_date": (now + timedelta(minutes=1)).isoformat(),
    }
    told = platform.get(f"{V2}/servicerequestupdates.json", params=asked | times).json()
    assert [each["description"] for each in told if each["update_id"] == update] == ["来电人补充：还是不亮"]
    of_this = [(each["status"], each["description"]) for each in told if each["service_request_id"] == number]
    assert of_this == [
        ("OPEN", "已派单。"),
        ("OPEN", "来电人补充：还是不亮"),
        ("INVESTIGATING", "承办单位已签收。"),
        ("IN_PROGRESS", "已更换灯具。"),
        ("CLOSED", "已办结。"),
    ]
    closed = platform.get(f"{V2}/requests.json", params=asked | times | {"status": "closed"}).json()
    assert number in [each["service_request_id"] for each in closed]


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"phone": "12"}, 400, "phone"),
        ({"attribute[division]": "没有街道"}, 400, "attribute[division]"),
        ({"lat": "39.9", "long": "116.4"}, 400, "lat, long"),
        ({"description": "x" * 6000}, 400, "description"),
        ({"media_url": "ftp://example.com/1.jpg"}, 400, "media_url"),
        ({"api_key": "open311:wrong"}, 403, "api_key"),
        ({"service_code": "fire-lane", "lat": "", "long": "", "attribute[division]": ""}, 400, "lat, long"),
        (
            {
                "service_code": "fire-lane",
                "lat": "",
                "long": "",
                "attribute[division]": "",
                "address_id": "7",
            },
            400,
            "address_string：地点没有填写",
        ),
    ],
)
def test_what_a_service_refuses_is_told_in_open311_s_words(platform, key, change, status, told):
    answer = platform.post(f"{V2}/requests.json", data=report(key) | change)
    assert answer.status_code == status, answer.text
    assert told in answer.json()[0]["description"]


def test_a_street_s_key_sees_its_own_street_and_no_other(district, platform, key):
    numbers = {}
    for street in ("天骄街道", "诃额伦街道"):
        sent = platform.post(f"{V2}/requests.json", data=report(key, **{"attribute[division]": street}))
        assert sent.status_code == 201, sent.text
        numbers[street] = sent.json()[0]["service_request_id"]
    secret = (district.var / "secrets" / "clients" / "street-tianjiao").read_text().strip()
    own = {"api_key": f"street-tianjiao:{secret}"}
    shown = platform.get(f"{V2}/requests.json", params=own).json()
    listed = [each["service_request_id"] for each in shown]
    assert numbers["天骄街道"] in listed
    assert numbers["诃额伦街道"] not in listed
    statuses = [
        platform.get(f"{V2}/requests/{number}.json", params=own).status_code for number in numbers.values()
    ]
    assert statuses == [200, 404]
    told = platform.get(f"{V2}/servicerequestupdates.json", params=own).json()
    assert numbers["诃额伦街道"] not in [each["service_request_id"] for each in told]
