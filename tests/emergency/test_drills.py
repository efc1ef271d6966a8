"""Every organisation drills once in two years, and what a drill shows calls for a better plan."""

import pytest

from services.emergency.app import service


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def office(running):
    return running.client()


@pytest.fixture
def plan(office):
    return office.get("/plans", params={"level": "district"}).json()["items"][0]["id"]


def held(office, plan, on, *organisers):
    body = {
        "name": "演练",
        "plan_id": plan,
        "organisers": organisers,
        "held_on": on,
        "kind": "practical",
        "participants": 30,
    }
    return office.post("/drills", json=body)


def calendar(office, **params):
    items = office.get("/drills/calendar", params=params).json()["items"]
    return {each["organisation"]["name"]: each for each in items}


@pytest.mark.clause("E-7.1")
def test_the_district_each_supervising_department_and_each_street_has_a_clock_of_its_own(office, plan):
    clocks = calendar(office)
    assert len(clocks) == 1 + 19 + 15
    assert {"区人民政府", "区应急管理局", "天骄街道", "铜川镇"} <= set(clocks)
    assert {each["due_on"] for each in clocks.values()} == {"2026-06-24"}

    held(office, plan, "2024-06-20", "罕台镇", "区应急管理局")

    clocks = calendar(office)
    assert [clocks[name]["due_on"] for name in ("罕台镇", "区应急管理局", "铜川镇")] == [
        "2026-06-20",
        "2026-06-20",
        "2026-06-24",
    ]


@pytest.mark.clause("E-7.1")
def test_the_due_and_the_overdue_are_listed_the_most_pressing_first(running, office, plan):
    assert office.get("/drills/lacking").json()["items"] == []
    running.clock.now = running.clock.now.replace(year=2026, month=6, day=25)
    held(office, plan, "2026-06-01", *[name for name in calendar(office) if name not in ("罕台镇", "铜川镇")])
    held(office, plan, "2024-09-01", "铜川镇")

    lacking = office.get("/drills/lacking").json()["items"]

    assert [(each["organisation"]["name"], each["state"], each["days_left"]) for each in lacking] == [
        ("罕台镇", "overdue", -1),
        ("铜川镇", "due", 68),
    ]
    assert set(calendar(office, state="overdue")) == {"罕台镇"}
    assert len(calendar(office, state="kept")) == 33


@pytest.mark.clause("E-7.1")
def test_only_the_last_drill_counts(running, office, plan):
    for day in ("2024-06-20", "2024-05-01"):
        held(office, plan, day, "罕台镇")
    assert calendar(office)["罕台镇"]["last_held_on"] == "2024-06-20"


@pytest.mark.parametrize(
    ("on", "organisers", "pointer"),
    [
        ("2024-06-25", ["罕台镇"], "/held_on"),
        ("2024-06-20", [], "/organisers"),
        ("2024-06-20", ["某村"], "/organisers/0"),
    ],
)
def test_a_drill_that_cannot_have_been_is_refused(office, plan, on, organisers, pointer):
    refused = held(office, plan, on, *organisers)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.clause("E-7.2")
def test_a_problem_that_a_drill_shows_opens_a_revision_of_its_plan(office, plan):
    drill = held(office, plan, "2024-06-20", "罕台镇").json()["id"]
    small = office.post(f"/drills/{drill}/problems", json={"found": "对讲机电量不足"}).json()
    large = office.post(
        f"/drills/{drill}/problems", json={"found": "集结点太远", "advice": "另定", "needs_revision": True}
    ).json()

    assert small["trigger_id"] is None
    triggers = office.get(f"/plans/{plan}").json()["open_triggers"]
    assert [(each["id"], each["trigger"], each["source"]) for each in triggers] == [
        (large["trigger_id"], "practice-found-problems", drill)
    ]
    shown = office.get(f"/drills/{drill}").json()["problems"]
    assert [each["found"] for each in shown] == ["对讲机电量不足", "集结点太远"]
    assert office.delete(f"/drills/{drill}", headers={"If-Match": "*"}).status_code == 409


def test_a_problem_of_no_drill_is_not_found(office, plan):
    assert office.post(f"/drills/{plan}/problems", json={"found": "问题"}).status_code == 404


def test_a_drill_names_an_exercise_and_no_accident(running, office, plan):
    numbers = {
        exercise: office.post(
            "/incidents",
            json={"place": "某园区", "occurred_at": "2024-06-24T09:00:00+08:00", "exercise": exercise},
        ).json()["number"]
        for exercise in (False, True)
    }

    def drill(incident):
        body = {
            "name": "演练",
            "plan_id": plan,
            "organisers": ["罕台镇"],
            "held_on": "2024-06-24",
            "kind": "practical",
        }
        return office.post("/drills", json=body | {"participants": 9, "incident": incident}).status_code

    assert (drill(numbers[True]), drill(numbers[False])) == (201, 422)
