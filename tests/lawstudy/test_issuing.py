"""What is to be held follows the plan that is in force (L-6, N-2.2)."""

import pytest

from tests.lawstudy.conftest import done
from tests.lawstudy.drafts import Desk, as_draft, pre_meeting


def sessions(client, year: int) -> dict[str, dict]:
    """The sessions of a year that are not cancelled, by topic."""
    rows = done(client.get("/sessions", params={"year": year, "limit": 100}))["items"]
    return {topic["topic_id"]: row for row in rows if row["state"] != "cancelled" for topic in row["topics"]}


@pytest.mark.clause("L-6")
def test_a_plan_that_is_issued_has_its_sessions_and_a_draft_has_none(lawstudy):
    desk = Desk(lawstudy)
    place = desk.drafted()
    assert sessions(desk.office, 2025) == {}
    desk.issued(place)
    found = sessions(desk.office, 2025)
    assert [(id, row["month"]) for id, row in sorted(found.items())][:2] == [
        ("2025-P1", "2025-01"),
        ("2025-P10", "2025-11"),
    ]
    assert len(found) == 11  # lectures have no month yet


@pytest.mark.clause("L-6", "N-2.2")
def test_an_adjustment_moves_adds_and_cancels_and_what_moves_stays_itself(lawstudy):
    desk = Desk(lawstudy)
    before = sessions(desk.office, 2024)
    place, version = desk.adjusted(2024)
    body = as_draft(version)
    body["topics"][4]["month"] = "2024-10"
    body["topics"] = [topic for topic in body["topics"] if topic["id"] != "2024-P6"]
    body["topics"].append(pre_meeting("中华人民共和国突发事件应对法", "2024-09"))
    desk.rewritten(place, body)
    assert sessions(desk.office, 2024) == before  # nothing follows a draft
    desk.issued(place, "东政办发〔2024〕41号")
    after = sessions(desk.office, 2024)
    assert (after["2024-P5"]["id"], after["2024-P5"]["month"]) == (before["2024-P5"]["id"], "2024-10")
    assert after["2024-P9"]["month"] == "2024-09"
    assert "2024-P6" not in after
    gone = done(desk.office.get(f"/sessions/{before['2024-P6']['id']}"))
    assert gone["state"] == "cancelled"
    unmoved = before.keys() - {"2024-P5", "2024-P6"}
    assert {id: after[id] for id in unmoved} == {id: before[id] for id in unmoved}
