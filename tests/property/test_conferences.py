"""Joint conferences, and issues that only the district can settle."""

import pytest

from kit.web.caller import Caller
from services.property.plan.conferences import ISSUE
from services.property.plan.roles import DISTRICT, WRITER
from tests.property.conftest import row

NOTE = {"note": "由区住建局牵头解决"}


@pytest.mark.clause("P-2.5.2")
@pytest.mark.parametrize(
    ("state", "of_place", "of_district"),
    [
        ("open", ["raise", "settle"], []),
        ("settled", [], []),
        ("raised", [], ["answer"]),
        ("answered", ["close"], []),
        ("closed", [], []),
    ],
)
def test_an_issue_that_was_raised_is_not_closed_without_the_districts_answer(state, of_place, of_district):
    assert ISSUE.allowed(state, Caller("street", scopes=frozenset([WRITER]))) == of_place
    assert ISSUE.allowed(state, Caller("district", scopes=frozenset([DISTRICT]))) == of_district


@pytest.fixture
def divisions(centre, submit):
    """The ids of a street and of a community of it."""
    submit(row("甲"))
    found = {
        kind: centre.get("/divisions", params={"kind": kind}).json()["items"]
        for kind in ("street", "community")
    }
    street = next(each["id"] for each in found["street"] if each["name"] == "天骄街道")
    return street, found["community"][0]["id"]


def _conference(division, *issues, held_on="2024-06-24"):
    return {
        "division_id": division,
        "held_on": held_on,
        "members": ["街道物业办", "甲物业（虚构）"],
        "issues": [{"subject": each, "description": "久拖未决"} for each in issues],
    }


@pytest.mark.clause("P-2.5.2")
def test_an_issue_is_raised_to_the_district_answered_and_then_closed(running, centre, divisions):
    district = running.client("property:read", DISTRICT, name="district")
    made = centre.post("/conferences", json=_conference(divisions[1], "电梯更新"))
    assert made.status_code == 201, made.text
    path = f"/issues/{made.json()['issues'][0]['id']}"
    assert centre.post(f"{path}/raise", json=NOTE).json()["state"] == "raised"
    refused = centre.post(f"{path}/close", json=NOTE)
    assert (refused.status_code, refused.json()["basis"][0]["clause"]) == (409, "P-2.5.2")
    assert "区人民政府" in refused.json()["detail"]
    [waiting] = district.get("/issues", params={"state": "raised"}).json()["items"]
    answered = district.post(f"/issues/{waiting['id']}/answer", json=NOTE).json()
    assert (answered["state"], answered["answer"]) == ("answered", NOTE["note"])
    assert centre.post(f"{path}/close", json=NOTE).json()["state"] == "closed"
    steps = [step["action"] for step in centre.get(path).json()["steps"]]
    assert steps == ["open", "raise", "answer", "close"]


@pytest.mark.clause("P-2.5.2")
def test_every_street_and_every_community_holds_a_conference_once_a_quarter(running, centre, divisions):
    street, community = divisions
    for division, day in ((street, "2024-06-24"), (community, "2024-04-30")):
        assert centre.post("/conferences", json=_conference(division, held_on=day)).status_code == 201
    for duty, name, others in (
        ("street-conference", "天骄街道", 14),
        ("community-conference", "团结社区", 0),
    ):
        for day, overdue in (("2024-06-30", False), ("2024-09-30", False), ("2024-10-01", True)):
            items = centre.get(f"/duties/{duty}", params={"on": day}).json()["items"]
            due = {each["name"]: (each["due_on"], each["overdue"]) for each in items}
            assert due.pop(name) == ("2024-09-30", overdue)
            assert [*due.values()] == [("2024-06-30", day > "2024-06-30")] * others


def test_a_conference_is_of_a_street_or_a_community_of_the_callers(running, centre, divisions):
    district = centre.get("/divisions", params={"kind": "district"}).json()["items"][0]["id"]
    refused = centre.post("/conferences", json=_conference(district))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/division_id")
    other = running.client("property:read", "property:write", division="交通街道")
    own = running.client("property:read", "property:write", division="天骄街道")
    for division in divisions:
        assert other.post("/conferences", json=_conference(division)).status_code == 403
        assert own.post("/conferences", json=_conference(division)).status_code == 201
    assert (len(own.get("/conferences").json()["items"]), other.get("/conferences").json()["items"]) == (
        2,
        [],
    )


def test_conferences_of_a_community_that_was_typed_wrong_go_with_it(centre, divisions, submit):
    submit(row("乙", community="团结社区居委会"), as_of="2024-06-21")
    communities = centre.get("/divisions", params={"kind": "community"}).json()["items"]
    wrong = next(each["id"] for each in communities if each["id"] != divisions[1])
    centre.post("/conferences", json=_conference(wrong, "停车"))
    merged = centre.post(f"/divisions/{wrong}/withdraw", json={"into": divisions[1], "reason": "同一社区"})
    assert merged.status_code == 200, merged.text
    assert [each["division_id"] for each in centre.get("/conferences").json()["items"]] == [divisions[1]]
    assert [each["division_id"] for each in centre.get("/issues").json()["items"]] == [divisions[1]]
