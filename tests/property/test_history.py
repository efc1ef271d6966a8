"""A compound as it was on a day, and all that happened to it, newest first."""

from datetime import datetime

import pytest

from kit.district.clock import SHANGHAI
from kit.storage.db import new_id
from services.property.attention import attend_own
from services.property.history import HAPPENED
from services.property.surveys.form import Status
from tests.property.conftest import row
from tests.property.pattern_events import pattern
from tests.property.test_coverage import _committee, _compound, _contract


@pytest.fixture(autouse=True)
def _later(clock):
    clock.now = datetime(2024, 9, 2, 9, 30, tzinfo=SHANGHAI)


def _history(client, compound, **asked):
    answer = client.get(f"/compounds/{compound}/history", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def _told(client, compound):
    return [(each["day"], each["kind"], each["sentence"]) for each in _history(client, compound)]


@pytest.mark.clause("P-3.1")
def test_a_compound_is_answered_as_a_survey_had_it_on_a_day(centre, submit):
    submit(row("甲", households=200), as_of="2024-06-20")
    submit(row("甲", households=210), as_of="2024-08-20")
    compound = _compound(centre, "甲")["id"]
    for day, households in (
        ("2024-06-20", 200),
        ("2024-08-19", 200),
        ("2024-08-20", 210),
        ("2026-12-31", 210),
    ):
        read = centre.get(f"/compounds/{compound}", params={"as_of": day})
        assert (read.status_code, read.json()["households"]) == (200, households)
    before = centre.get(f"/compounds/{compound}", params={"as_of": "2024-06-19"})
    assert (before.status_code, before.json()["type"]) == (404, "urn:dongsheng:problem:not-yet-surveyed")


@pytest.mark.clause("P-3.1")
def test_surveys_tell_cell_by_cell_what_changed(centre, submit):
    submit(row("甲"), as_of="2024-06-20")
    submit(row("甲", Status.NONE, households=210, fee=None), as_of="2024-07-20")
    submit(row("甲", Status.NONE, households=210, fee=None), as_of="2024-08-20")
    compound = _compound(centre, "甲")["id"]
    assert _told(centre, compound) == [
        ("2024-08-20", "surveyed", "摸底：与上一次相同"),
        (
            "2024-07-20",
            "surveyed",
            "摸底：物业管理现状由专业化物业管理改为无物业；物业服务企业名称由甲物业（虚构）改为空；户数由200改为210",
        ),
        ("2024-06-20", "surveyed", "首次摸底：专业化物业管理"),
    ]


def test_every_kind_of_thing_that_happens_is_told_newest_first_with_a_link(centre, running, submit):
    compound = _everything(centre, running, submit)["id"]
    happened = _history(centre, compound)
    assert {each["kind"] for each in happened} == {each.kind for each in HAPPENED}
    days = [each["day"] for each in happened]
    assert days == sorted(days, reverse=True)
    for each in happened:
        assert centre.get(each["link"].removeprefix("/property/v1")).status_code == 200, each
    clauses = {each["kind"]: each["clause"] for each in happened}
    assert (clauses["charge_begun"], clauses["contract_filed"], clauses["retired"]) == (
        "P-2.4.1",
        "P-2.2.5",
        None,
    )
    sentences = [each["sentence"] for each in happened]
    for told in (
        "更名，原名“甲”；原因：名称录入有误",
        "“乙”并入本小区；原因：同一小区",
        "甲物业（虚构）管理到当日为止，覆盖模式：公开招标选聘",
        "业委会成立，委员7人，其中党员4人",
        "联合执法检查，发现问题1件",
        "与甲物业（虚构）的物业服务合同备案，服务期限2024-06-01至2027-06-01",
    ):
        assert told in sentences


def test_history_is_paged_without_a_gap_and_what_is_to_come_is_not_in_it(centre, running, submit):
    known = _everything(centre, running, submit)
    compound = known["id"]
    whole, paged, asked = _history(centre, compound), [], {"limit": 2}
    while True:
        page = centre.get(f"/compounds/{compound}/history", params=asked).json()
        paged += page["items"]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert paged == whole
    coming = {"compound_id": compound, "company_id": known["company"], "mode": "market"}
    assert centre.post("/charges", json=coming | {"begins_on": "2025-01-01"}).status_code == 201
    assert _history(centre, compound) == whole


def test_the_history_of_a_merged_compound_is_at_the_other_and_of_an_unknown_one_nowhere(centre, submit):
    submit(row("甲"), row("乙"))
    gone, into = (_compound(centre, name)["id"] for name in "乙甲")
    merged = {"into": into, "reason": "同一小区"}
    assert centre.post(f"/compounds/{gone}/withdraw", json=merged).status_code == 200
    read = centre.get(f"/compounds/{gone}/history")
    assert (read.status_code, read.history[0].status_code) == (200, 308)
    assert [each["kind"] for each in read.json()["items"]] == ["corrected", "surveyed"]
    missing = centre.get("/compounds/00000000-0000-7000-8000-000000000000/history")
    assert missing.status_code == 404


def test_another_street_does_not_see_a_compound_s_history(centre, running, submit):
    submit(row("甲"))
    compound = _compound(centre, "甲")["id"]
    other = running.client("property:read", name="street", division="交通街道")
    assert other.get(f"/compounds/{compound}/history").status_code == 404


def _everything(centre, running, submit):
    """One of each kind of thing happens to a compound, as it was before."""

    def done(answer):
        assert answer.status_code in (200, 201), answer.text
        return answer

    submit(row("甲"), row("乙"))
    compound, other = _compound(centre, "甲"), _compound(centre, "乙")
    id = compound["id"]
    committee = done(centre.post("/committees", json=_committee(id)))
    ended = _committee(id, dissolved_on="2024-08-01")
    del ended["compound_id"]
    done(
        centre.put(
            f"/committees/{committee.json()['id']}",
            json=ended,
            headers={"If-Match": committee.headers["etag"]},
        )
    )
    done(centre.post(f"/compounds/{id}/red-property", json={"designated_on": "2024-07-01"}))
    done(centre.post(f"/compounds/{id}/red-property/withdraw", json={"withdrawn_on": "2024-08-01"}))
    contract = done(centre.post("/contracts", json=_contract(compound))).json()["id"]
    done(centre.post(f"/contracts/{contract}/submit", json={}))
    done(centre.post(f"/contracts/{contract}/accept", json={}))
    charge = {"compound_id": id, "company_id": compound["company"], "mode": "market"}
    done(centre.post("/charges", json=charge | {"begins_on": "2024-06-01", "ends_on": "2024-08-31"}))
    leader = running.client("property:read", "property:street", name="leader", division="天骄街道")
    found = {"kind": "blocked-fire-lane", "place": "2 号楼北侧", "description": "消防通道停满车辆"}
    inspection = {
        "compound_id": id,
        "held_on": "2024-08-15",
        "units": ["fire-rescue-brigade"],
        "findings": [found],
    }
    done(leader.post("/inspections", json=inspection))
    done(centre.post(f"/compounds/{other['id']}/withdraw", json={"into": id, "reason": "同一小区"}))
    done(centre.post(f"/compounds/{id}/rename", json={"name": "甲苑", "reason": "名称录入有误"}))
    running.run(attend_own, new_id(), pattern(id))
    [attention] = centre.get("/attentions").json()["items"]
    done(centre.post(f"/attentions/{attention['id']}/close", json={"note": "电梯已大修"}))
    etag = centre.get(f"/compounds/{id}").headers["etag"]
    done(
        centre.put(
            f"/compounds/{id}/retirement", json={"retired_on": "2024-09-01"}, headers={"If-Match": etag}
        )
    )
    return compound
