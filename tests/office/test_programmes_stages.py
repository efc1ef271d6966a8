"""Stages of a programme begin and end in their order, by who leads it (T-3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.office.plan.stages import STAGE, out_of_order

MEDICINE = "/programmes/traditional-medicine/stages"
NOTE = {"note": "区政府常务会议同意"}


def step(caller, number, action):
    return caller.post(f"{MEDICINE}/{number}/{action}", json=NOTE)


@pytest.mark.clause("T-3")
@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["open", "close", "reopen"])), max_size=60),
)
def test_whatever_is_tried_stages_end_and_begin_in_order_and_two_at_most_run(count, tried):
    targets = {(row.state, row.action): row.target for row in STAGE}
    states = ["planned"] * count
    for number, action in tried:
        if number > count or (states[number - 1], action) not in targets:
            continue
        if out_of_order(states, number, action) is None:
            states[number - 1] = targets[states[number - 1], action]
        order = ["closed", "open", "planned"]
        assert states == sorted(states, key=order.index)
        assert states.count("open") <= 2


@pytest.mark.clause("T-3")
def test_a_programme_can_be_brought_to_its_end():
    states = ["planned"] * 4
    for number in range(1, 5):
        assert out_of_order(states, number, "open") is None
        states[number - 1] = "open"
        assert out_of_order(states, number, "close") is None
        states[number - 1] = "closed"


@pytest.mark.clause("T-3")
def test_the_lead_opens_and_closes_stages_in_order_and_what_was_done_is_kept(district):
    lead = district.unit("区卫健委")
    refused = step(lead, 2, "open")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("stage-out-of-order")
    assert refused.json()["basis"][0]["clause"] == "T-3"
    assert "第 1 阶段还没有启动" in refused.json()["detail"]
    assert step(lead, 1, "open").json()["opened_on"] == "2024-06-24"
    assert step(lead, 2, "open").status_code == 200
    assert "第 1 阶段还没有结束" in step(lead, 3, "open").json()["detail"]
    assert "第 1 阶段还没有结束" in step(lead, 2, "close").json()["detail"]
    closed = step(lead, 1, "close").json()
    assert (closed["state"], closed["closed_on"]) == ("closed", "2024-06-24")
    shown = lead.get(f"{MEDICINE}/1").json()
    assert [(each["action"], each["note"]) for each in shown["steps"]] == [
        ("open", NOTE["note"]),
        ("close", NOTE["note"]),
    ]


@pytest.mark.clause("T-3")
def test_what_was_closed_too_early_goes_on_by_the_government_office(district):
    lead = district.unit("区卫健委")
    step(lead, 1, "open")
    step(lead, 1, "close")
    assert step(lead, 1, "reopen").status_code == 403
    again = step(district.manager, 1, "reopen").json()
    assert (again["state"], again["opened_on"], again["closed_on"]) == ("open", "2024-06-24", None)


@pytest.mark.clause("T-3")
@pytest.mark.parametrize("name", ["区教体局", "区住房保障综合服务中心", "天骄街道"])
def test_another_unit_moves_no_stage(district, name):
    refused = step(district.unit(name), 1, "open")
    assert refused.status_code == 403
    assert district.running.sql("SELECT DISTINCT state FROM programme_stages") == [("planned",)]


@pytest.mark.clause("T-3")
def test_a_stage_that_there_is_not_is_not_found(district):
    assert step(district.manager, 5, "open").status_code == 404
    assert district.manager.get("/programmes/nothing").status_code == 404


@pytest.mark.clause("T-3")
def test_months_that_the_document_does_not_print_stay_empty(district):
    stages = district.manager.get("/programmes/traditional-medicine").json()["stages"]
    assert [(each["begins"], each["ends"]) for each in stages] == [(None, None)] * 4
    plan = district.manager.get("/programmes/property-three-year").json()
    assert plan["stages"][1]["begins"] == "2024-04"
    assert plan["lead"]["name"] == "区住房保障综合服务中心"
