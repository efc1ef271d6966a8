"""People behind one client hand in, decide and see for themselves and their units (P-2.2.2b)."""

import pytest

from kit.testing import Client
from kit.web.caller import Person
from tests.kit.dispatch.conftest import MATTER, NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")

COMPOUND = "0197c1f2-7d4e-7000-8000-000000000001"


def person(desk, id: str, unit: str, *scopes: str) -> Client:
    """One of the console's people, with as much as the hotline."""
    given = scopes or ("dispatch:read", "dispatch:write")
    return desk.running.client(*given, name="console", unit=unit, person=Person(id, f"{id}某"))


def test_what_is_secret_is_their_unit_s_and_not_everybody_s_of_the_client(desk):
    body = {
        "matter": MATTER,
        "summary": "举报",
        "division": "天骄街道",
        "secret": True,
        "compound": COMPOUND,
        "description": "举报某科长",
    }
    one, colleague = (person(desk, id, "government-service-bureau") for id in ("王", "李"))
    number = one.post("/dispatch/requests", json=body).json()["number"]
    other = person(desk, "赵", "housing-construction-bureau")
    assert [desk.read(number, who)["description"] for who in (one, colleague, other)] == [
        "举报某科长"
    ] * 2 + [""]
    assert [desk.listed(who, compound=COMPOUND) for who in (one, colleague, other)] == [
        [number],
        [number],
        [],
    ]


def test_two_people_behind_one_client_are_two_and_one_is_one(desk):
    number = desk.sent()
    both = ("dispatch:read", "dispatch:write", "office:write")
    one = person(desk, "王", "government-office", *both)
    desk.act(one, number, "find-unreasonable", note="没有政策依据")
    assert desk.refused(one, number, "confirm-unreasonable", agreed=True, **NOTE) == (403, "same-person")
    two = person(desk, "李", "government-office", *both)
    assert desk.act(two, number, "confirm-unreasonable", agreed=True, **NOTE)["state"] == "declined"
    assert [step["client"] for step in desk.read(number)["steps"]] == [
        "12345",
        "王某（区人民政府办公室）",
        "李某（区人民政府办公室）",
    ]
