"""Patrol areas, their staff, and what patrols found (P-2.3.6)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.property.conftest import lacking, row
from tests.property.test_coverage import _compound

STREETS = ["天骄街道", "交通街道", "公园街道", "富兴街道"]


def _area(centre, streets=STREETS, name="第一片区"):
    return centre.post("/patrol-areas", json={"name": name, "streets": streets, "formed_on": "2024-06-01"})


@pytest.mark.clause("P-2.3.6")
@pytest.mark.parametrize(
    "streets", [STREETS[:3], [*STREETS, "兴胜街道"], [*STREETS[:3], "天骄街道"], [*STREETS[:3], "罕台镇"]]
)
def test_an_area_is_of_four_different_streets_and_of_no_town(centre, streets):
    assert _area(centre, streets).status_code == 422


@pytest.mark.clause("P-2.3.6")
def test_a_street_lies_in_one_area_at_most_also_when_two_are_entered_at_once(centre):
    assert len(lacking(centre, "patrol-area")) == 12
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda name: _area(centre, name=name), ("第一片区", "第二片区")))
    assert sorted(each.status_code for each in made) == [201, 409]
    assert len(lacking(centre, "patrol-area")) == 8
    overlapping = ["兴胜街道", "纺织街道", "林荫街道", "天骄街道"]
    refused = _area(centre, overlapping, "第三片区")
    assert (refused.status_code, [each["pointer"] for each in refused.json()["errors"]]) == (
        409,
        ["/streets/3"],
    )
    [area] = [each.json() for each in made if each.status_code == 201]
    moved = {"name": "第一片区", "streets": [*STREETS[1:], "兴胜街道"], "formed_on": "2024-06-01"}
    changed = centre.put(f"/patrol-areas/{area['id']}", json=moved, headers={"If-Match": "*"})
    assert sorted(changed.json()["streets"]) == sorted(moved["streets"])
    assert _area(centre, ["天骄街道", "纺织街道", "林荫街道", "建设街道"], "第四片区").status_code == 201


@pytest.mark.clause("P-2.3.6")
def test_an_area_owes_thirty_added_staff_from_the_day_that_it_has_fewer(centre):
    area = _area(centre).json()["id"]
    for day, staff in (("2024-06-05", 29), ("2024-06-10", 30), ("2024-06-20", 29)):
        body = {"area_id": area, "as_of": day, "staff": staff}
        assert centre.post("/patrol-staff", json=body).status_code == 201
    for day, owing in (("2024-06-09", ["第一片区"]), ("2024-06-10", []), ("2024-06-20", ["第一片区"])):
        assert lacking(centre, "patrol-staff", on=day) == owing
    [owed] = centre.get("/duties/patrol-staff").json()["items"]
    assert (owed["since"], owed["lacks"]) == ("2024-06-20", "已增派 29 名")


@pytest.mark.clause("P-2.3.6")
def test_what_a_patrol_found_is_owed_until_it_is_handled(centre, submit):
    submit(row("甲"))
    body = {"compound_id": _compound(centre, "甲")["id"], "patrolled_on": "2024-06-20"}
    assert centre.post("/patrols", json=body).status_code == 201  # which found nothing
    assert lacking(centre, "patrol-finding") == []
    found = centre.post("/patrols", json=body | {"finding": "消防通道停车"}).json()
    assert lacking(centre, "patrol-finding") == ["甲"]
    handled = body | {"finding": "消防通道停车", "handled_on": "2024-06-23", "handling": "已劝离"}
    assert centre.put(f"/patrols/{found['id']}", json=handled, headers={"If-Match": "*"}).status_code == 200
    assert lacking(centre, "patrol-finding") == []
    assert lacking(centre, "patrol-finding", on="2024-06-22") == ["甲"]
    without = body | {"handled_on": "2024-06-23", "handling": "已劝离"}
    assert centre.post("/patrols", json=without).status_code == 422
