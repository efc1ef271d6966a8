"""A pattern of requests at a compound, of whichever service, is attention to it, until somebody ends it (P-2.2.2b)."""

import pytest
from pydantic import SecretStr

from kit.storage.db import new_id
from kit.testing import SECRET, Client, Running
from services.property.app import service
from services.property.attention import attend_own
from tests.credit.property_events import send
from tests.property.conftest import row
from tests.property.pattern_events import WORDS, noticed, pattern
from tests.property.test_coverage import _compound

pytestmark = pytest.mark.clause("P-2.2.2b")


@pytest.fixture
def running(serve) -> Running:
    """It hears what credit tells."""
    return serve(service, event_secrets={"credit": SecretStr(SECRET)})


@pytest.fixture
def compound(centre, submit) -> str:
    submit(row("甲"))
    return _compound(centre, "甲")["id"]


def listed(client: Client, **asked: str) -> list[dict]:
    answer = client.get("/attentions", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def leader(running: Running, division: str = "天骄街道") -> Client:
    return running.client("property:read", "property:street", name="leader", division=division)


def test_a_pattern_is_attention_once_however_often_it_is_noticed(running, centre, compound):
    id = new_id()
    for event in (first := noticed(compound, id), first, noticed(compound, id)):
        assert send(running, event).is_success
    [found] = listed(centre)
    assert (found["pattern"], found["service"], found["compound_id"]) == (str(id), "credit", compound)
    assert (found["count"], found["words"], found["noticed_at"]) == (5, WORDS, "2024-06-24T06:23:00+08:00")
    assert (found["requests"], found["state"], found["allowed"]) == (
        ["DS-CQ-20240620-0001"],
        "open",
        ["close"],
    )
    [opened] = centre.get(f"/attentions/{found['id']}").json()["steps"]
    assert (opened["action"], opened["client"]) == ("open", "credit")


def test_of_its_own_requests_property_hears_as_they_are_noticed(running, centre, compound):
    hotline = running.client("dispatch:write", name="12345")
    call = {"matter": "owners-committee", "summary": "换届", "compound": compound, "division": "天骄街道"}
    earlier = call | {"compound": None, "received_at": "2023-06-01T08:00:00+08:00"}  # the service has a past
    taken = [
        hotline.post("/dispatch/requests", json=each).json()["number"] for each in (earlier, *[call] * 3)
    ]
    for _ in range(2):
        running.tick("notice-patterns")
        running.clock.advance(days=1)
    [found] = listed(centre)
    assert (found["service"], found["compound_id"], found["requests"]) == ("property", compound, taken[1:])
    reader = running.client("dispatch:read", name="reader")
    [pattern_of_it] = reader.get("/dispatch/patterns", params={"kind": "compound"}).json()["items"]
    assert (found["words"], found["noticed_at"]) == (pattern_of_it["words"], pattern_of_it["noticed_at"])


def test_the_street_ends_it_with_a_note_and_the_compound_s_history_tells_both(running, centre, compound):
    send(running, noticed(compound))
    [found] = listed(centre)
    path = f"/attentions/{found['id']}"
    note = {"note": "电梯已大修"}
    assert leader(running, "交通街道").post(f"{path}/close", json=note).status_code == 404
    writer = running.client("property:read", "property:write", name="writer")
    assert writer.post(f"{path}/close", json=note).status_code == 403
    assert leader(running).post(f"{path}/close", json={}).status_code == 422
    running.clock.advance(days=1)
    answers = [leader(running).post(f"{path}/close", json=note) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 409]
    assert (answers[0].json()["state"], answers[0].json()["allowed"]) == ("closed", [])
    assert centre.get(path).json()["steps"][1]["note"] == "电梯已大修"
    history = centre.get(f"/compounds/{compound}/history").json()["items"]
    assert [(each["day"], each["sentence"]) for each in history[:2]] == [
        ("2024-06-25", "对“电梯故障和维保”诉求的重点关注结束：电梯已大修"),
        ("2024-06-24", f"“电梯故障和维保”的诉求明显多于以往，列入重点关注：{WORDS}"),
    ]
    audited = running.sql(
        "SELECT client, details->>'action' FROM audit WHERE subject = %s ORDER BY id", found["id"]
    )
    assert audited == [("credit", "open"), ("leader", "close")]


def test_it_is_listed_by_compound_matter_and_state_and_page_by_page(running, centre, compound, submit):
    submit(row("甲"), row("乙"))
    other = _compound(centre, "乙")["id"]
    for place, matter in ((compound, "lift-maintenance"), (compound, "credit-objection"), (other, "noise")):
        send(running, noticed(place, matter=matter))
    running.run(attend_own, new_id(), pattern(other))
    by = leader(running)
    first, _, _, own = listed(by)
    by.post(f"/attentions/{first['id']}/close", json={"note": "已处理"})
    assert [len(listed(by, compound=place)) for place in (compound, other)] == [2, 2]
    assert own["service"] == "property"
    assert [each["id"] for each in listed(by, matter="lift-maintenance", state="open")] == [own["id"]]
    assert [each["id"] for each in listed(by, state="closed")] == [first["id"]]
    assert listed(leader(running, "交通街道")) == []
    paged, asked = [], {"limit": 3}
    while asked.get("cursor", "") is not None:
        page = by.get("/attentions", params=asked).json()
        paged, asked = paged + page["items"], asked | {"cursor": page["next"]}
    assert [each["id"] for each in paged] == [each["id"] for each in listed(by)]


def test_a_merged_compound_s_is_the_other_s_and_a_company_s_or_nobody_s_is_passed_over(
    running, centre, compound, submit
):
    submit(row("甲"), row("乙"))
    gone = _compound(centre, "乙")["id"]
    send(running, noticed(gone))
    merged = centre.post(f"/compounds/{gone}/withdraw", json={"into": compound, "reason": "同一小区"})
    assert merged.status_code == 200
    send(running, noticed(gone))
    assert [each["compound_id"] for each in listed(centre)] == [compound] * 2
    for event in (noticed(str(new_id())), noticed("甲小区"), noticed(compound, kind="company")):
        assert send(running, event).is_success
    assert len(listed(centre)) == 2
    passed = running.sql("SELECT count(*) FROM audit WHERE action = 'property.pattern.passed-over'")
    assert passed == [(3,)]


def test_an_event_that_does_not_say_what_was_agreed_is_refused(running, compound):
    event = noticed(compound) | {"data": {"matter": "lift-maintenance"}}
    refused = send(running, event)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:dongsheng:problem:bad-event-data")
