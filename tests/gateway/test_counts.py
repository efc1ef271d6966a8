"""Counts of all services are added up; matters are proposed by the words of all (P-2.2.2b)."""

import pytest

from tests.gateway.upstreams import always, json_reply, reply

pytestmark = pytest.mark.clause("P-2.2.2b")

NOUGHT = dict.fromkeys(
    (
        *("open", "received", "accepted", "answered", "overdue"),
        *("due_today", "urgent", "raised", "received_today", "closed_today"),
    ),
    0,
)


def screen(**by_unit):
    """A service's counts: so many open requests of each unit."""
    rows = [NOUGHT | {"key": unit, "name": unit, "open": count} for unit, count in by_unit.items()]
    return {
        "basis": [],
        "at": "2024-06-24T09:30:00+08:00",
        "total": NOUGHT | {"open": sum(by_unit.values())},
        "by_unit": rows,
        "by_matter": [],
        "by_division": [NOUGHT | {"key": None, "name": "未填写", "open": sum(by_unit.values())}],
    }


def counted(door):
    answer = door.get("/dispatch/v1/counts", headers=door.bearer("dispatch:read"))
    return answer.status_code, answer.json()


def test_a_unit_s_requests_of_several_services_are_one_row(gateway, upstream):
    property_ = upstream(always(json_reply(screen(housing=2, bureau=1))))
    office = upstream(always(json_reply(screen(bureau=4))))
    status, shown = counted(gateway(property=property_, office=office))
    assert status == 200
    assert shown["total"]["open"] == 7
    assert {row["key"]: row["open"] for row in shown["by_unit"]} == {"housing": 2, "bureau": 5}
    assert [row["open"] for row in shown["by_division"]] == [7]
    assert (sorted(shown["services"]), shown["unavailable"]) == (["office", "property"], [])


def test_a_service_that_is_away_is_named_and_not_counted(gateway, upstream):
    away, office = upstream(always(reply(500))), upstream(always(json_reply(screen(bureau=4))))
    status, shown = counted(gateway(property=away, office=office))
    assert (status, shown["total"]["open"], shown["unavailable"]) == (200, 4, ["property"])


def test_a_refusal_is_passed_on(gateway, upstream):
    refused = upstream(
        always(json_reply({"type": "urn:dongsheng:problem:missing-scope", "status": 403}, 403))
    )
    assert counted(gateway(property=refused))[0] == 403


def proposed(door, text):
    answer = door.post(
        "/dispatch/v1/matters/proposals", json={"text": text}, headers=door.bearer("dispatch:read")
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_matters_of_all_services_are_proposed_by_their_words(gateway, upstream):
    matters = {"lift": ("property", ["电梯", "困梯"]), "accident": ("emergency", ["塌方"])}
    services = {}
    for code, (service, words) in matters.items():
        row = {"code": code, "name": f"事项{code}", "service": service, "prefix": "DS-", "words": words}
        services[service] = upstream(always(json_reply([row])))
    door = gateway(**services)
    found = proposed(door, "电梯坏了，有人被困")
    assert [(each["matter"], each["words"]) for each in found["items"]] == [("lift", ["电梯"])]
    assert found["alarm"] == ["被困"]
    assert proposed(door, "天气真好") == {"items": [], "alarm": [], "unavailable": []}


def test_a_request_without_a_matter_is_not_sent_anywhere(gateway, upstream):
    row = {"code": "lift", "name": "电梯", "service": "property", "prefix": "DS-", "words": ["电梯"]}
    property_ = upstream(always(json_reply([row])))
    door = gateway(property=property_)
    answer = door.post(
        "/dispatch/v1/requests", json={"summary": "电梯坏了"}, headers=door.bearer("dispatch:write")
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:matter-needed")
    assert [each["matter"] for each in answer.json()["proposals"]] == ["lift"]
    assert {seen.method for seen in property_.seen} == {"GET"}
