"""Forces on site: arrival, the danger zone, the order to withdraw."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest


@pytest.fixture
def incident(emergency) -> str:
    return emergency.report()


def arrive(emergency, incident: str, name: str = "消防一中队", persons: int = 10) -> str:
    return emergency.move(emergency.field, f"{incident}/forces", 201, name=name, persons=persons)["id"]


def zone(emergency, force: str, status: int = 200, **body: int) -> dict:
    return emergency.move(emergency.field, f"/forces/{force}/danger-zone", status, **body)


@pytest.mark.clause("E-4.5c")
def test_forces_report_on_arrival_and_the_danger_zone_is_counted(emergency, incident):
    fire, mine = arrive(emergency, incident), arrive(emergency, incident, "矿山救护队", 6)
    zone(emergency, fire, entered=4)
    zone(emergency, mine, entered=6)
    zone(emergency, fire, left=1)

    site = emergency.duty.get(f"{incident}/forces").json()
    assert (site["persons_on_site"], site["persons_in_danger_zone"]) == (16, 9)
    audited = emergency.running.sql("SELECT client FROM audit WHERE action = 'emergency.incident.zone'")
    assert audited == [("field",)] * 3


@pytest.mark.clause("E-4.5c")
@pytest.mark.parametrize(
    ("body", "sentence"), [({"left": 5}, "不能再撤出 5 人"), ({"entered": 7}, "不能再进入 7 人")]
)
def test_the_count_never_falls_below_zero_nor_above_the_force(emergency, incident, body, sentence):
    fire = arrive(emergency, incident)
    zone(emergency, fire, entered=4)
    assert sentence in zone(emergency, fire, 409, **body)["detail"]


@pytest.mark.clause("E-4.5c")
def test_people_leaving_at_once_are_never_counted_below_zero(emergency, incident):
    fire = arrive(emergency, incident)
    zone(emergency, fire, entered=5)

    def leave(_: int) -> int:
        return emergency.field.post(f"/forces/{fire}/danger-zone", json={"left": 1}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(leave, range(8)))
    assert (answers.count(200), answers.count(409)) == (5, 3)
    assert emergency.duty.get(f"{incident}/forces").json()["persons_in_danger_zone"] == 0


def test_the_database_itself_refuses_a_count_below_zero(emergency, incident):
    arrive(emergency, incident)
    with pytest.raises(psycopg.errors.CheckViolation):
        emergency.running.sql("UPDATE forces SET in_zone = -1")


def test_a_force_leaves_only_when_nobody_of_it_is_in_danger(emergency, incident):
    fire = arrive(emergency, incident)
    zone(emergency, fire, entered=1)
    assert "请先登记撤出" in emergency.move(emergency.field, f"/forces/{fire}/check-out", 409)["detail"]
    zone(emergency, fire, left=1)
    emergency.move(emergency.field, f"/forces/{fire}/check-out")
    zone(emergency, fire, 409, entered=1)
    arrive(emergency, incident)


def test_a_force_arrives_once(emergency, incident):
    arrive(emergency, incident)
    emergency.move(emergency.field, f"{incident}/forces", 409, name="消防一中队", persons=10)


@pytest.mark.parametrize(
    "body", [{"persons": 0}, {"persons": 2.5}, {"persons": 5, "arrived_at": "2030-01-01T00:00:00+08:00"}]
)
def test_an_arrival_that_cannot_be_is_refused(emergency, incident, body):
    emergency.move(emergency.field, f"{incident}/forces", 422, name="x", **body)


def test_neither_or_both_directions_are_refused(emergency, incident):
    fire = arrive(emergency, incident)
    zone(emergency, fire, 422)
    zone(emergency, fire, 422, entered=1, left=1)


@pytest.mark.clause("E-4.5d")
def test_an_order_to_withdraw_reaches_every_force_and_the_silent_are_named(emergency, incident):
    fire, mine = arrive(emergency, incident), arrive(emergency, incident, "矿山救护队", 6)
    gone = arrive(emergency, incident, "社会救援队")
    emergency.move(emergency.field, f"/forces/{gone}/check-out")

    order = emergency.move(emergency.field, f"{incident}/withdrawals", 201, reason="二次垮落征兆")
    answered = emergency.move(emergency.field, f"/withdrawals/{order['id']}/acknowledge", force=fire)
    again = emergency.move(emergency.field, f"/withdrawals/{order['id']}/acknowledge", force=fire)

    assert order["unacknowledged"] == ["消防一中队", "矿山救护队"]
    assert answered["unacknowledged"] == ["矿山救护队"] == again["unacknowledged"]
    assert answered["notices"][0]["force"] == mine
    emergency.move(emergency.field, f"/withdrawals/{order['id']}/acknowledge", 404, force=gone)
    assert emergency.events("emergency.withdrawal.ordered")[0][1]["forces"] == ["消防一中队", "矿山救护队"]


@pytest.mark.clause("E-4.5d")
def test_while_it_stands_nobody_enters_and_whoever_arrives_is_told(emergency, incident):
    fire = arrive(emergency, incident)
    zone(emergency, fire, entered=4)
    order = emergency.move(emergency.field, f"{incident}/withdrawals", 201, reason="x")
    assert zone(emergency, fire, 409, entered=1)["basis"][0]["clause"] == "E-4.5d"
    zone(emergency, fire, left=4)
    arrive(emergency, incident, "矿山救护队", 6)

    (standing,) = emergency.duty.get(f"{incident}/withdrawals").json()
    assert standing["unacknowledged"] == ["消防一中队", "矿山救护队"]
    emergency.move(emergency.field, f"{incident}/withdrawals", 409, reason="y")
    emergency.move(emergency.field, f"/withdrawals/{order['id']}/lift")
    zone(emergency, fire, entered=2)
    assert [data["withdrawal"] for _, data in emergency.events("emergency.withdrawal.lifted")] == [
        order["id"]
    ]


@pytest.mark.clause("E-4.5d")
def test_whoever_commands_may_order_it(emergency, incident):
    refused = emergency.move(emergency.duty, f"{incident}/withdrawals", 403, reason="x")
    assert "现场指挥部、事发单位" in refused["detail"]
    emergency.move(emergency.company, f"{incident}/withdrawals", 201, reason="班组长下令停产撤人")
