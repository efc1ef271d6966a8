"""Where the register of committees and the surveys contradict each other is a list for a person to look at."""

import pytest

from tests.property.conftest import row


def committee(client, compound, **changed):
    """Enter a committee of 7, 4 of them party members, formed on 2024-05-20 unless keywords say otherwise."""
    [id] = [each["id"] for each in client.get("/compounds").json()["items"] if each["name"] == compound]
    given = {
        "compound_id": id,
        "kind": "owners_committee",
        "formed_on": "2024-05-20",
        "term_ends_on": "2029-05-20",
        "members": 7,
        "party_members": 4,
        "has_party_organisation": True,
    }
    answer = client.post("/committees", json=given | changed)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def contradictions(client, **params):
    return {
        each["name"]: each for each in client.get("/coverage/contradictions", params=params).json()["items"]
    }


@pytest.mark.clause("P-1.2", "P-2.1.2b")
def test_what_register_and_survey_say_differently_of_a_committee_is_listed(centre, submit):
    submit(
        row("没有了", members=0),
        row("已解散", members=5, party_members=3),
        row("人数不同", members=5, party_members=4),
        row("党员不同", members=7, party_members=3),
        row("一致", members=7, party_members=4),
        row("党员未填", members=7),
        row("未填"),
        row("未登记", members=5),
    )
    ended = {"已解散": {"formed_on": "2022-06-01", "dissolved_on": "2024-06-01"}}
    for name in ("没有了", "已解散", "人数不同", "党员不同", "一致", "党员未填", "未填"):
        committee(centre, name, **ended.get(name, {}))

    found = contradictions(centre)

    assert {name: (each["registered_members"], each["surveyed_members"]) for name, each in found.items()} == {
        "没有了": (7, 0),
        "已解散": (None, 5),
        "人数不同": (7, 5),
        "党员不同": (7, 7),
    }
    assert (found["已解散"]["registered_since"], found["已解散"]["surveyed_on"]) == (
        "2024-06-01",
        "2024-06-20",
    )
    assert {name: each["counted"] for name, each in found.items()} == {
        "没有了": False,
        "已解散": True,
        "人数不同": True,
        "党员不同": True,
    }
    assert [each["clause"] for each in found["没有了"]["basis"]] == ["P-1.2", "P-2.1.2b"]


@pytest.mark.clause("P-1.2")
def test_the_last_survey_that_says_anything_is_compared_and_only_what_was_known_on_the_day(centre, submit):
    submit(row("甲", members=5), as_of="2024-05-30")
    submit(row("甲"), as_of="2024-06-20")
    committee(centre, "甲", formed_on="2024-06-10")

    assert contradictions(centre)["甲"]["surveyed_on"] == "2024-05-30"
    assert contradictions(centre, on="2024-06-09") == {}


def test_a_street_sees_its_own_and_pages_follow_each_other(centre, submit, running):
    submit(row("甲", members=0), row("乙", members=0), row("丙", members=0, street="交通街道"))
    for name in ("甲", "乙", "丙"):
        committee(centre, name)

    street = running.client("property:read", division="天骄街道")
    assert [*contradictions(street)] == ["甲", "乙"]
    assert [*contradictions(centre, street="交通")] == ["丙"]
    first = centre.get("/coverage/contradictions", params={"limit": 2}).json()
    assert [*contradictions(centre, limit=2, cursor=first["next"])] == ["丙"]
