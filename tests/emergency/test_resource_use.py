"""What an accident uses and costs."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def supply(emergency, stock: int = 10) -> str:
    body = {
        "name": "液压支柱",
        "category": "equipment",
        "measure": "根",
        "stock": stock,
        "keeper": "区应急管理局",
        "place": "示例器材库",
    }
    answer = emergency.duty.post("/supplies", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def stock(emergency, supply: str) -> int:
    return emergency.duty.get(f"/supplies/{supply}").json()["stock"]


def reserve(emergency, incident: str, supply: str, amount: int, status: int = 201) -> dict:
    body = {"supply": supply, "amount": amount, "purpose": "支护"}
    return emergency.move(emergency.office, f"{incident}/resources", status, **body)


@pytest.mark.clause("E-6.3")
def test_what_is_reserved_leaves_the_stock_and_what_is_returned_comes_back(emergency):
    incident, props = emergency.report(), supply(emergency)
    use = reserve(emergency, incident, props, 6)
    emergency.move(emergency.field, f"/resource-uses/{use['id']}/use", amount=4)
    returned = emergency.move(emergency.field, f"/resource-uses/{use['id']}/return", amount=1)

    assert use["stock"] == 4
    assert (returned["used"], returned["returned"], returned["outstanding"]) == (4, 1, 1)
    assert stock(emergency, props) == 5
    assert emergency.duty.get(f"{incident}/resources").json() == [returned]


@pytest.mark.clause("E-6.3")
def test_no_more_is_taken_than_there_is_nor_returned_than_was_taken(emergency):
    incident, props = emergency.report(), supply(emergency)
    assert "只有 10 根" in reserve(emergency, incident, props, 11, 409)["detail"]
    use = reserve(emergency, incident, props, 2)
    over = emergency.move(emergency.office, f"/resource-uses/{use['id']}/return", 409, amount=3)
    assert (over["basis"][0]["clause"], over["left"]) == ("E-6.3", 2)
    assert stock(emergency, props) == 8


@pytest.mark.clause("E-6.3")
def test_two_accidents_taking_at_once_never_take_the_stock_below_zero(emergency):
    incidents, props = [emergency.report(), emergency.report()], supply(emergency, 10)

    def take(number: int) -> int:
        body = {"supply": props, "amount": 3, "purpose": "支护"}
        return emergency.office.post(f"{incidents[number % 2]}/resources", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(take, range(8)))

    assert (answers.count(201), answers.count(409)) == (3, 5)
    assert stock(emergency, props) == 1


@pytest.mark.parametrize("amount", [0, -1, 1.5, "2"])
def test_an_amount_that_cannot_be_is_refused(emergency, amount):
    refused = reserve(emergency, emergency.report(), supply(emergency), amount, 422)
    assert refused["errors"][0]["pointer"] == "/amount"


def test_an_unknown_resource_is_404(emergency):
    reserve(emergency, emergency.report(), "01990000-0000-7000-8000-000000000000", 1, 404)


def test_an_exercise_takes_nothing_from_the_stock(emergency):
    props = supply(emergency)
    use = reserve(emergency, emergency.report(exercise=True), props, 6)
    emergency.move(emergency.office, f"/resource-uses/{use['id']}/return", amount=6)
    assert stock(emergency, props) == 10


@pytest.mark.clause("E-6.2")
def test_costs_are_the_units_and_what_it_cannot_bear_is_settled_by_the_street(emergency):
    incident = emergency.report()
    costs = f"{incident}/costs"
    first = emergency.move(
        emergency.office, costs, 201, what="支护材料", by_whom="矿山救护队", amount_yuan="36000.10"
    )
    second = emergency.move(
        emergency.office, costs, 201, what="油料", by_whom="消防大队", amount_yuan="900.00"
    )
    emergency.move(emergency.office, f"/costs/{second['id']}/to-street", reason="企业停产")
    again = emergency.move(emergency.office, f"/costs/{second['id']}/to-street", 409, reason="x")
    emergency.move(emergency.office, f"/costs/{second['id']}/settle", reason="已拨付")
    done = emergency.move(emergency.office, f"/costs/{second['id']}/settle", 409, reason="x")

    found = emergency.duty.get(costs).json()
    assert first["payer"] == "responsible_unit"
    assert (found["total_yuan"], found["by_payer"]) == (
        "36900.10",
        {"responsible_unit": "36000.10", "street": "900.00"},
    )
    assert {again["basis"][0]["clause"], done["basis"][0]["clause"]} == {"E-6.2"}


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", 1.5])
def test_a_cost_that_cannot_be_is_refused(emergency, amount):
    body = {"what": "x", "by_whom": "y", "amount_yuan": amount}
    refused = emergency.move(emergency.office, f"{emergency.report()}/costs", 422, **body)
    assert refused["errors"][0]["pointer"] == "/amount_yuan"
