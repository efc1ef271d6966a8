"""Open311 GeoReport v2: our matters as services, and requests handed in, in both formats."""

import json
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.gateway.open311_services import FORM, KEY, ROW, V2, Property, errors, get, post
from tests.gateway.services import DispatchService


@pytest.fixture
def property_(upstream):
    return Property(upstream)


@pytest.fixture
def door(gateway, property_):
    return gateway(property=property_.there)


# What is open to all


@pytest.mark.parametrize("path", ["/open311/discovery", f"{V2}/discovery"])
def test_discovery_says_where_and_in_which_formats(door, path):
    [endpoint] = door.http.get(f"{path}.json").json()["endpoints"]
    assert endpoint["url"] == f"{door.address}{V2}"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    found = ElementTree.fromstring(door.http.get(f"{path}.xml").content)
    assert [each.text for each in found.iter("format")] == ["text/xml", "application/json"]


@pytest.mark.clause("P-2.2.2b")
def test_services_are_the_matters_of_all_services(door):
    answer = get(door, "services.json", jurisdiction_id="dongsheng.ordos")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()[0] == {
        "service_code": "property-service",
        "service_name": "物业服务质量投诉",
        "description": "由属地街道（镇）就地办理，时限3 个工作日。",
        "metadata": True,
        "type": "realtime",
        "keywords": "物业, 保洁",
        "group": "物业服务",
    }
    assert [each["metadata"] for each in answer.json()] == [True, True, False, True]
    assert answer.json()[1]["description"] == "由区市场监督管理局办理，时限当日。"


def test_services_in_xml(door):
    answer = get(door, "services.xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.text.startswith("<?xml version='1.0' encoding='utf-8'?>")
    found = ElementTree.fromstring(answer.content)
    assert (found.tag, found[0].tag) == ("services", "service")
    assert found[0].findtext("metadata") == "true"


def test_a_street_s_matter_asks_for_the_street(door):
    [asked] = get(door, "services/property-service.json").json()["attributes"]
    assert (asked["code"], asked["datatype"], asked["required"]) == ("division", "singlevaluelist", True)
    assert len(asked["values"]) == 15
    assert {"key": "天骄街道", "name": "天骄街道"} in asked["values"]


def test_a_matter_that_needs_its_place_says_by_which_fields_it_is_told(door):
    [said] = get(door, "services/fire-lane.json").json()["attributes"]
    assert (said["variable"], said["required"]) == (False, False)
    assert all(word in said["description"] for word in ("lat", "long", "address_string"))
    found = ElementTree.fromstring(get(door, "services/fire-lane.xml").content)
    assert found.findtext("attributes/attribute/variable") == "false"


def test_typed_questions_are_attributes(door):
    found = get(door, "services/lift-maintenance.json").json()
    assert found["service_code"] == "lift-maintenance"
    assert [
        (each["order"], each["code"], each["datatype"], each["required"]) for each in found["attributes"]
    ] == [
        (1, "lift", "string", True),
        (2, "trapped", "singlevaluelist", False),
        (3, "people", "number", False),
        (4, "signs", "multivaluelist", False),
        (5, "since", "datetime", False),
    ]
    assert [each["key"] for each in found["attributes"][3]["values"]] == ["异响", "急停"]
    xml = ElementTree.fromstring(get(door, "services/lift-maintenance.xml").content)
    assert [each.text for each in xml.findall("attributes/attribute/code")][:2] == ["lift", "trapped"]


def test_the_page_about_it_is_there_for_everybody(door):
    answer = door.http.get("/open311/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "dongsheng.ordos" in answer.text


# Handing in


@pytest.mark.clause("P-2.2.2b")
@pytest.mark.parametrize("encoding", ["encoded", "in parts"])
def test_a_request_is_handed_in(door, property_, encoding):
    fields = FORM | {
        "service_code": "lift-maintenance",
        "jurisdiction_id": "dongsheng.ordos",
        "lat": "39.82",
        "long": "109.99",
        "first_name": "三",
        "last_name": "张",
        "phone": "13800000000",
        "email": "zhang@example.com",
        "device_id": "d-1",
        "account_id": "",
        "media_url": "https://example.com/1.jpg",
        "attribute[lift]": "L-7",
        "attribute[trapped]": "true",
        "attribute[people]": "2",
        "attribute[signs][]": "异响",
        "attribute[fixmystreet_id]": "4711",
    }
    parts = (
        {"data": fields} if encoding == "encoded" else {"files": {k: (None, v) for k, v in fields.items()}}
    )
    answer = door.http.post(f"{V2}/requests.json", **parts)
    assert answer.status_code == 201, answer.text
    assert answer.json() == [
        {
            "service_request_id": "DS-PQ-20240624-0001",
            "service_notice": "由天骄街道办事处办理，2024-06-27 前答复。",
            "account_id": None,
        }
    ]
    seen, body = property_.posted()
    assert body == {
        "matter": "lift-maintenance",
        "summary": "消防通道停满了车",
        "description": "消防通道停满了车",
        "division": "天骄街道",
        "address": "天骄街道天骄路1号",
        "coordinates": {"longitude": 109.99, "latitude": 39.82, "datum": "WGS-84"},
        "citizen": {"name": "张三", "phone": "13800000000"},
        "source": "open311:hotline",
        "external_number": "4711",
        "attachments": ["https://example.com/1.jpg"],
        "details": {"lift": "L-7", "trapped": True, "people": 2, "signs": ["异响"]},
        "source_fields": {"email": "zhang@example.com", "device_id": "d-1"},
    }
    assert KEY not in str(seen)


@pytest.mark.clause("P-2.2.2b")
def test_a_platform_s_number_handed_in_again_is_the_request_of_the_service_that_has_it(
    gateway, upstream, property_
):
    emergency = DispatchService(upstream, "emergency", "E", accident="生产安全事故")
    door = gateway(property=property_.there, emergency=emergency.there)
    mark = {"source": "open311:hotline", "external_number": "4711"}
    first = emergency.shelf.take(**ROW | mark)

    again = post(door, **{"attribute[fixmystreet_id]": "4711"})

    assert (again.status_code, again.json()[0]["service_request_id"]) == (200, first["number"])
    assert property_.rows == []


def test_the_answer_in_xml_is_one_request_in_a_list(door):
    answer = post(door, "requests.xml")
    found = ElementTree.fromstring(answer.content)
    assert found.findtext("request/service_request_id") == "DS-PQ-20240624-0001"
    assert found.find("request/account_id") is not None


def test_a_token_does_what_a_key_does(door):
    fields = {name: value for name, value in FORM.items() if name != "api_key"}
    headers = door.bearer("dispatch:write", client="app")
    assert door.http.post(f"{V2}/requests.json", data=fields, headers=headers).status_code == 201


def test_clients_are_told_apart_however_long_their_ids_are(door, property_):
    fields = {name: value for name, value in FORM.items() if name != "api_key"}
    ids = ["x" * 22, "x" * 23, "x" * 24, "x" * 23 + "y", "x" * 24]
    for client in ids:
        answer = door.http.post(
            f"{V2}/requests.json", data=fields, headers=door.bearer("dispatch:write", client=client)
        )
        assert answer.status_code == 201, answer.text
    sources = [json.loads(seen.body)["source"] for seen in property_.there.seen if seen.method == "POST"]
    assert sources[0] == f"open311:{ids[0]}"
    assert sources[2] == sources[4]
    assert len(set(sources)) == 4
    assert {len(source) for source in sources} == {30}


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"api_key": ""}, 403, "缺少 api_key"),
        ({"api_key": "hotline:wrong"}, 403, "api_key 不对"),
        ({"api_key": "nobody:x"}, 403, "api_key 不对"),
        ({"api_key": "nonsense"}, 403, "api_key 不对"),
        ({"service_code": ""}, 400, "service_code：缺少这一项"),
        ({"service_code": "weather"}, 404, "service_code：没有 weather"),
        ({"jurisdiction_id": "sfgov.org"}, 404, "jurisdiction_id：没有 sfgov.org"),
        ({"description": " "}, 400, "description：缺少这一项"),
        ({"address_string": ""}, 400, "缺少地点"),
        ({"lat": "39.82"}, 400, "long：缺少这一项"),
        ({"lat": "north", "long": "109.99"}, 400, "lat：应为 WGS-84 的度数"),
        ({"lat": "nan", "long": "109.99"}, 400, "lat：应在 -90 和 90 之间"),
        ({"lat": "109.99", "long": "39.82"}, 400, "lat：应在 -90 和 90 之间"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_in_open311_s_form(door, property_, change, status, told):
    answer = post(door, **change)
    [(code, description)] = errors(answer)
    assert (answer.status_code, code) == (status, status)
    assert told in description
    assert not [seen for seen in property_.there.seen if seen.method == "POST"]


def test_files_are_refused_and_an_address_of_them_asked_for(door):
    answer = door.http.post(
        f"{V2}/requests.json", data=FORM, files={"media": ("1.jpg", b"\xff\xd8", "image/jpeg")}
    )
    assert answer.status_code == 400
    assert "media_url" in errors(answer)[0][1]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_a_body_that_is_no_form_is_refused(door, kind):
    answer = door.http.post(f"{V2}/requests.json", content=b"{}", headers={"Content-Type": kind})
    assert (answer.status_code, errors(answer)[0][0]) == (415, 415)


@pytest.mark.parametrize(
    "body",
    [
        b"&".join(b"a%d=1" % number for number in range(300)),
        b"a=" + b"x" * 5_000_000,
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 100_000 + b"\r\n--x--\r\n",
    ],
)
def test_a_form_is_bounded(door, body):
    kind = (
        "multipart/form-data; boundary=x" if body.startswith(b"--") else "application/x-www-form-urlencoded"
    )
    answer = door.http.post(f"{V2}/requests.json", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 413)
    assert errors(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"description=%ff%fe&address_string=%ED%A0%80",
        b"description=%00&address_string=x",
        b"attribute%5B%5D=1&attribute%5B%5Bx=1&=&&&a",
        b"\xff\xfe=\x00",
    ],
)
def test_nonsense_in_a_form_is_no_fault_of_ours(door, body):
    key = f"api_key={quote(KEY)}&service_code=parking&".encode()
    kind = "application/x-www-form-urlencoded"
    answer = door.http.post(f"{V2}/requests.json", content=key + body, headers={"Content-Type": kind})
    assert answer.status_code in (201, 400), answer.text


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x; charset=nonsense",
        "application/x-www-form-urlencoded; charset=utf-16",
    ],
)
def test_a_form_of_an_odd_kind_is_no_fault_of_ours(door, kind):
    body = b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--x--\r\n'
    answer = door.http.post(f"{V2}/requests.json", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 403), answer.text
    assert errors(answer)


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/details/lift", "attribute[lift]"),
        ("/attachments/0", "media_url"),
        ("/coordinates", "lat, long"),
        ("/else", "else"),
        ("header:Idempotency-Key", "Idempotency-Key"),
    ],
)
def test_a_field_has_the_name_that_open311_gives_it(door, property_, pointer, name):
    property_.failing = (422, {"detail": "x", "errors": [{"pointer": pointer, "reason": "不对。"}]})
    assert errors(post(door)) == [(400, f"{name}：不对。")]


def test_what_a_service_refuses_is_told_by_open311_s_names(door, property_):
    problem = {
        "type": "urn:dongsheng:problem:invalid-request",
        "detail": "有 1 处不符合要求",
        "errors": [{"pointer": "/citizen/phone", "reason": "不是电话号码。"}],
    }
    property_.failing = (422, problem)
    answer = post(door)
    assert (answer.status_code, errors(answer)) == (400, [(400, "phone：不是电话号码。")])
    xml = post(door, "requests.xml")
    found = ElementTree.fromstring(xml.content)
    assert (xml.status_code, found.tag) == (400, "errors")
    assert (found.findtext("error/code"), found.findtext("error/description")) == (
        "400",
        "phone：不是电话号码。",
    )
