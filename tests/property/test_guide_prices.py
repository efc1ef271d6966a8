"""The guide price of a service grade, by version, and the compounds whose fee is above it."""

import pytest

from tests.property.conftest import row
from tests.property.test_coverage import _compound, _contract


def _price(price, valid_from="2024-05-01", grade=3):
    return {
        "grade": grade,
        "valid_from": valid_from,
        "price": price,
        "average_cost": "1.52",
        "minimum_wage_change": "0.03",
        "cpi_change": "-0.002",
        "document": "东发改价字〔2024〕1 号（虚构）",
    }


def _above(client, day):
    items = client.get("/duties/guide-price", params={"on": day}).json()["items"]
    return [(each["name"], each["due_on"]) for each in items]


@pytest.mark.clause("P-2.3.3")
def test_a_version_keeps_its_three_inputs_and_is_not_changed_once_it_is_in_force(centre):
    made = centre.post("/guide-prices", json=_price("1.60")).json()
    kept = {name: float(made[name]) for name in ("average_cost", "minimum_wage_change", "cpi_change")}
    assert kept == {"average_cost": 1.52, "minimum_wage_change": 0.03, "cpi_change": -0.002}
    path, seen = f"/guide-prices/{made['id']}", {"If-Match": "*"}
    for refused in (centre.put(path, json=_price("1.70"), headers=seen), centre.delete(path, headers=seen)):
        assert (refused.status_code, refused.json()["basis"][0]["clause"]) == (409, "P-2.3.3")
    assert centre.post("/guide-prices", json=_price("1.70")).status_code == 409
    later = centre.post("/guide-prices", json=_price("1.70", "2024-06-25")).json()["id"]
    corrected = centre.put(f"/guide-prices/{later}", json=_price("1.75", "2024-06-25"), headers=seen)
    assert corrected.status_code == 200


@pytest.mark.clause("P-2.3.3")
def test_a_fee_above_the_guide_price_of_its_grade_is_listed_by_the_version_of_the_day(centre, submit):
    submit(row("等于"), row("高于"), row("另一级"), row("未定级"), as_of="2024-04-20")
    for name, fee, grade in (
        ("等于", "1.60", 3),
        ("高于", "1.6001", 3),
        ("另一级", "1.6001", 4),
        ("未定级", "9", None),
    ):
        contract = _contract(_compound(centre, name)) | {"fee": fee, "grade": grade}
        assert centre.post("/contracts", json=contract).status_code == 201
    for price in (_price("1.60"), _price("1.50", "2024-07-01"), _price("2.00", grade=4)):
        assert centre.post("/guide-prices", json=price).status_code == 201
    assert _above(centre, "2024-05-31") == []  # no contract runs yet
    assert _above(centre, "2024-06-30") == [("高于", "2024-06-01")]
    assert _above(centre, "2024-07-01") == [("等于", "2024-07-01"), ("高于", "2024-07-01")]
    assert _above(centre, "2027-06-02") == []  # nor any more


@pytest.mark.clause("P-2.3.3")
def test_the_fee_is_that_of_the_newest_survey_where_the_contract_names_none(centre, submit):
    submit(row("甲", fee="1.55"), as_of="2024-04-20")
    submit(row("甲", fee="1.65"), as_of="2024-06-20")
    centre.post("/contracts", json=_contract(_compound(centre, "甲")) | {"grade": 3})
    centre.post("/guide-prices", json=_price("1.60"))
    assert _above(centre, "2024-06-19") == []
    [listed] = centre.get("/duties/guide-price", params={"on": "2024-06-20"}).json()["items"]
    assert listed["lacks"] == "物业费 1.6500 元，高于 3 级政府指导价 1.6000 元"
