"""Tasks: each unit sees its own, acknowledges, does; whoever does not is reminded."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from kit.context import Context
from services.emergency.assignments.models import Assignment
from services.emergency.assignments.work import remind
from services.emergency.plan import roles
from services.emergency.warnings.shapes import EXAMPLE

REMINDED = "emergency.tasks.unacknowledged"


def of(emergency, unit: str, **query: object) -> list[dict]:
    return emergency.member(unit).get("/tasks", params={"unit": unit} | query).json()["items"]


@pytest.mark.clause("E-4.2")
def test_company_street_headquarters_and_public_have_tasks_from_the_first_minute(emergency):
    taken = emergency.duty.get(emergency.report()).json()
    owners = {each["owner_name"] for each in taken["tasks"]}
    assert {"示例煤业公司", "铜川镇", "东胜区生产安全事故应急指挥部", "区消防救援大队"} <= owners
    unit_report = next(each for each in taken["tasks"] if each["entry"] == "unit-report")
    assert unit_report["due"] == "2024-06-24T10:00:00+08:00"


@pytest.mark.clause("E-4.4a")
def test_a_unit_sees_its_own_open_tasks_across_incidents(emergency):
    first, second = emergency.report(), emergency.report(place="另一处")
    task = of(emergency, "fire-rescue-brigade")[0]
    fire = emergency.member("fire-rescue-brigade")
    emergency.move(fire, f"/tasks/{task['id']}/acknowledge")
    emergency.move(fire, f"/tasks/{task['id']}/finish", note="已到场")

    every, todo = of(emergency, "fire-rescue-brigade"), of(emergency, "fire-rescue-brigade", open=True)
    by_name = fire.get("/tasks", params={"unit": "区消防救援大队", "open": True}).json()["items"]
    own = fire.get("/tasks", params={"open": True}).json()["items"]

    assert [each["number"] for each in every] == [first[-18:], second[-18:]]
    assert [each["number"] for each in todo] == [second[-18:]]
    assert by_name == todo == own


@pytest.mark.clause("E-4.4a")
def test_who_did_what_when_stays_with_the_task(emergency):
    incident = emergency.report()
    task = of(emergency, "health-commission")[0]
    health = emergency.member("health-commission")
    emergency.clock.advance(minutes=5)
    emergency.move(health, f"/tasks/{task['id']}/acknowledge", occurred_at="2024-06-24T09:32:00+08:00")
    emergency.clock.advance(minutes=20)
    emergency.move(health, f"/tasks/{task['id']}/finish", note="4 辆救护车到场")

    steps = next(
        each["steps"] for each in emergency.duty.get(f"{incident}/tasks").json() if each["id"] == task["id"]
    )
    assert [(each["action"], each["client_unit"], each["note"]) for each in steps] == [
        ("acknowledge", "health-commission", None),
        ("finish", "health-commission", "4 辆救护车到场"),
    ]
    assert steps[0]["occurred_at"] != steps[0]["recorded_at"]


@pytest.mark.clause("E-4.4a")
def test_another_units_task_is_not_ours_and_done_is_done(emergency):
    emergency.report()
    task = of(emergency, "health-commission")[0]["id"]
    fire, health = emergency.member("fire-rescue-brigade"), emergency.member("health-commission")

    assert "区卫生健康委员会" in emergency.move(fire, f"/tasks/{task}/finish", 403)["detail"]
    emergency.move(health, f"/tasks/{task}/finish")
    assert emergency.move(health, f"/tasks/{task}/acknowledge", 409)["basis"][0]["clause"] == "E-4.4a"


@pytest.mark.clause("E-3.3c", "E-4.4a", "E-5.1")
def test_one_list_has_what_accidents_warnings_and_their_aftermath_ask_of_a_unit(emergency):
    incident = emergency.report()
    emergency.start(incident)
    emergency.end(incident)
    warner = emergency.role(roles.WARNING, name="warner", unit="emergency-headquarters-office")
    warning = emergency.move(warner, "/warnings", 201, **EXAMPLE)
    emergency.move(warner, f"/warnings/{warning['id']}/issue")
    unit = "emergency-headquarters-office"

    every = of(emergency, unit)
    kinds = {each["number"]: set() for each in every}
    for each in every:
        kinds[each["number"]].add(each["kind"])
    assert kinds == {incident[-18:]: {"response", "aftermath"}, warning["number"]: {"warning"}}
    assert of(emergency, unit, kind="warning") == of(emergency, unit, incident=warning["number"])
    asked = of(emergency, unit, kind="warning")[0]
    assert asked["allowed"] == ["acknowledge", "finish"]
    assert emergency.move(emergency.office, f"/tasks/{asked['id']}/acknowledge")["allowed"] == [
        "finish",
        "waive",
    ]
    assert len(of(emergency, unit, open=True)) == len(every)


def test_a_unit_is_known_by_any_of_its_names(emergency):
    emergency.report()
    task = of(emergency, "health-commission")[0]["id"]
    health = emergency.role(roles.MEMBER, unit="区卫健委")
    assert emergency.move(health, f"/tasks/{task}/finish")["state"] == "done"


@pytest.mark.clause("E-4.4d")
def test_only_the_office_waives_a_task_and_says_why(emergency):
    emergency.report()
    task = of(emergency, "health-commission")[0]["id"]
    assert emergency.office.post(f"/tasks/{task}/waive", json={}).json()["errors"][0]["pointer"] == "/note"
    emergency.move(emergency.member("health-commission"), f"/tasks/{task}/waive", 403, note="x")
    assert emergency.move(emergency.office, f"/tasks/{task}/waive", note="无人员伤亡")["state"] == "waived"


def test_the_company_does_its_own_tasks_and_the_office_does_them_for_the_public(emergency):
    incident = emergency.report()
    tasks = {each["entry"]: each["id"] for each in emergency.duty.get(incident).json()["tasks"]}
    company = emergency.role(roles.MEMBER, roles.COMPANY, unit="示例煤业公司")
    office = emergency.role(roles.MEMBER, roles.OFFICE)

    assert emergency.move(company, f"/tasks/{tasks['unit-rescue']}/finish")["state"] == "done"
    assert emergency.move(office, f"/tasks/{tasks['public-follow']}/finish")["state"] == "done"


@pytest.mark.clause("E-4.4a")
def test_acknowledged_means_no_more_reminders(emergency):
    emergency.report()
    task = of(emergency, "health-commission")[0]["id"]
    emergency.move(emergency.member("health-commission"), f"/tasks/{task}/acknowledge")

    for _ in range(3):
        emergency.clock.advance(minutes=5)
        emergency.running.run(remind)

    reminded = [data["owner"] for _, data in emergency.events(REMINDED)]
    assert "区卫生健康委员会" not in reminded
    assert reminded.count("区消防救援大队") == 1


def test_two_reminders_at_once_go_out_once_and_end_with_the_response(emergency):
    incident = emergency.report()
    now = emergency.clock.advance(minutes=11)

    async def once() -> None:
        async with emergency.running.database.transaction() as session:
            await remind(Context.of_system(session, now))

    async def at_once() -> None:
        await asyncio.gather(*(once() for _ in range(4)))

    emergency.running.call(at_once)
    reminded = [data["owner"] for _, data in emergency.events(REMINDED)]
    assert len(reminded) == len(set(reminded)) > 5

    emergency.start(incident)
    emergency.end(incident)
    emergency.clock.advance(hours=2)
    emergency.running.run(remind)
    assert len(emergency.events(REMINDED)) == len(reminded)


def test_a_reminder_waits_for_nobody_who_works_on_a_task_and_comes_the_next_time(emergency):
    emergency.report()
    task = of(emergency, "health-commission")[0]["id"]
    now = emergency.clock.advance(minutes=11)

    async def remind_beside_a_worker(context) -> None:
        await context.session.execute(select(Assignment).where(Assignment.id == UUID(task)).with_for_update())
        async with emergency.running.database.transaction() as another:
            await remind(Context.of_system(another, now))

    emergency.running.run(remind_beside_a_worker)
    first = [data["owner"] for _, data in emergency.events(REMINDED)]
    emergency.running.run(remind)
    second = [data["owner"] for _, data in emergency.events(REMINDED)][len(first) :]

    assert "区卫生健康委员会" not in first
    assert len(first) > 5
    assert second == ["区卫生健康委员会"]
