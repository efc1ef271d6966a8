"""Training plans, courses and yearly selections (P-2.2.8)."""

import pytest

PLAN = {"year": 2024, "title": "培训计划", "content": "消防、电梯", "made_on": "2024-05-10"}


def _plan_duty(centre, day):
    [duty] = centre.get("/duties/training-plan", params={"on": day}).json()["items"]
    return duty["done"], duty["due_on"], duty["overdue"]


@pytest.mark.clause("P-2.2.8")
def test_the_centre_owes_a_plan_for_each_year_whenever_it_was_made(centre):
    assert _plan_duty(centre, "2024-12-31") == (False, "2024-12-31", False)
    assert _plan_duty(centre, "2025-01-01") == (False, "2024-12-31", True)
    assert centre.post("/training-plans", json=PLAN).status_code == 201
    early = centre.post("/training-plans", json=PLAN | {"year": 2025, "made_on": "2024-06-24"})
    assert early.status_code == 201
    assert _plan_duty(centre, "2024-12-31") == (True, "2025-12-31", False)
    assert _plan_duty(centre, "2025-06-30") == (True, "2026-12-31", False)
    assert _plan_duty(centre, "2027-01-01") == (False, "2026-12-31", True)
    assert centre.post("/training-plans", json=PLAN).status_code == 409


@pytest.mark.clause("P-2.2.8")
def test_a_course_stands_in_the_plan_of_its_year(centre):
    course = {"year": 2024, "kind": "training", "title": "电梯", "held_on": "2024-06-20", "trained": 120}
    refused = centre.post("/training-courses", json=course)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/year")
    centre.post("/training-plans", json=PLAN)
    assert centre.post("/training-courses", json=course).json()["trained"] == 120
    assert centre.post("/training-courses", json=course | {"held_on": "2023-06-20"}).status_code == 422


@pytest.mark.clause("P-2.2.8")
@pytest.mark.parametrize(
    ("honour", "named", "status"),
    [
        ("finest_person", {"person": "张某某"}, 201),
        ("fine_keeper", {"person": "张某某"}, 201),
        ("fine_home", {"person": "张某某"}, 422),
        ("finest_person", {}, 422),
        ("fine_home", {}, 422),
    ],
)
def test_a_selection_names_a_person_or_a_compound(centre, honour, named, status):
    body = {"year": 2024, "honour": honour, "named_on": "2024-06-20"} | named
    answer = centre.post("/selections", json=body)
    assert answer.status_code == status
    assert answer.json().get("person") in ("张**", None)
