"""The file of an accident: what keeps it open, how it is closed, and how it is opened again."""

from dataclasses import replace

import pytest

from services.emergency.plan.accidents.closing import Completeness, owed

DONE = Completeness(
    response_runs=False,
    response_was_started=True,
    casualties=0,
    forces_on_site=0,
    resources_out=0,
    has_closing_report=True,
    has_evaluation=True,
    open_items=0,
    open_measures=0,
    open_inquiry=(),
)
SUPPLY = {
    "name": "支柱",
    "category": "equipment",
    "measure": "根",
    "stock": 4,
    "keeper": "区应急管理局",
    "place": "库",
}
CLOSING = {
    "overview": "顶板垮落",
    "response": "四级响应",
    "cause": "支护不足",
    "lessons": "排查不细",
    "corrections": "专项整治",
}


@pytest.mark.clause("E-4.1f", "E-4.9", "E-5.1", "E-5.4")
@pytest.mark.parametrize(
    ("lacking", "clause"),
    [
        ({"response_runs": True}, "E-4.9"),
        ({"forces_on_site": 2}, "E-4.5c"),
        ({"resources_out": 1}, "E-6.3"),
        ({"has_closing_report": False}, "E-4.1f"),
        ({"open_items": 3}, "E-5.1"),
        ({"has_evaluation": False}, "E-5.4"),
        ({"open_measures": 1}, "E-5.4"),
        ({"open_inquiry": ("提交事故调查报告",)}, "E-5.4"),
    ],
)
def test_each_thing_that_is_owed_keeps_the_file_open(lacking, clause):
    assert owed(DONE, accident=True, exercise=False) == ()
    (found,) = owed(replace(DONE, **lacking), accident=True, exercise=False)
    assert found.clause == clause


def finish(emergency, incident: str) -> None:
    emergency.tell(incident, "closing", **CLOSING)
    for item in emergency.duty.get(f"{incident}/aftermath").json():
        emergency.move(emergency.office, f"/tasks/{item['id']}/finish", note="已办")
    emergency.move(emergency.office, f"{incident}/evaluation", 201, report="评估")
    emergency.move(emergency.office, f"{incident}/investigation", 201, report="全文", cause="支护不足")
    emergency.move(emergency.office, f"{incident}/investigation/approve", approval="同意")
    emergency.move(emergency.office, f"{incident}/deadlines/rectification-evaluation/done", note="已评估公开")


@pytest.mark.clause("E-4.1f")
def test_a_file_that_owes_nothing_is_closed_and_takes_no_more(emergency, ended):
    refused = emergency.move(emergency.office, f"{ended}/close", 409, reason="x")
    finish(emergency, ended)
    assert emergency.duty.get(f"{ended}/closing").json()["owed"] == []
    closed = emergency.move(emergency.office, f"{ended}/close", reason="齐全")
    late = emergency.duty.post(f"{ended}/reports", json={"facts": {"deaths": 1}})

    assert len(refused["owed"]) == 4
    assert closed["closed_at"]
    assert (late.status_code, late.json()["basis"][0]["clause"]) == (409, "E-4.1e")
    assert "reopen" in late.json()["detail"]
    closed_ones = emergency.duty.get("/incidents", params={"state": "closed"}).json()["items"]
    todo = {"unit": "fire-rescue-brigade", "open": True}
    assert len(closed_ones) == 1
    assert emergency.duty.get("/tasks", params=todo).json()["items"] == []


@pytest.mark.clause("E-4.5c", "E-6.3")
def test_no_force_and_no_supply_is_left_out_on_a_closed_file(emergency):
    incident = emergency.report()
    force = emergency.move(emergency.field, f"{incident}/forces", 201, name="救护队", persons=6)["id"]
    supply = emergency.move(emergency.duty, "/supplies", 201, **SUPPLY)["id"]
    use = emergency.move(
        emergency.field, f"{incident}/resources", 201, supply=supply, amount=3, purpose="支护"
    )["id"]
    close = {"accident": False, "reason": "误报"}

    refused = emergency.move(emergency.office, f"{incident}/close", 409, **close)
    emergency.move(emergency.field, f"/forces/{force}/check-out")
    emergency.move(emergency.field, f"/resource-uses/{use}/use", amount=1)
    emergency.move(emergency.office, f"{incident}/close", 409, **close)
    emergency.move(emergency.field, f"/resource-uses/{use}/return", amount=2)
    emergency.move(emergency.office, f"{incident}/close", **close)

    assert refused["owed"] == ["还有 1 支队伍未登记离场", "还有 1 笔调用的物资未用完也未归还"]


@pytest.mark.clause("E-4.1e")
def test_a_closed_file_is_opened_again_for_casualties_that_changed(emergency, ended):
    finish(emergency, ended)
    emergency.move(emergency.office, f"{ended}/close", reason="齐全")
    emergency.move(emergency.office, f"{ended}/reopen", reason="伤员死亡")
    assert emergency.tell(ended, deaths=3)["changed"]["grade"] == ["general", "larger"]
    emergency.move(emergency.office, f"{ended}/reopen", 409, reason="x")


def test_what_was_no_accident_is_closed_with_a_word(emergency):
    incident = emergency.report()
    emergency.move(emergency.office, f"{incident}/close", 409, reason="误报")
    emergency.move(emergency.office, f"{incident}/close", reason="误报：烧荒", accident=False)
