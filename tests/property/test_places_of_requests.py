"""A request that tells no place is refused where nobody can act without one (P-2.2.2b)."""

import pytest

from services.property.matters import MATTERS

FIRE_LANE = {"matter": "fire-lane", "summary": "消防通道被堵"}


@pytest.fixture
def hotline(running):
    return running.client("dispatch:write", "dispatch:read", name="12345")


@pytest.mark.clause("P-2.2.2b")
def test_a_blocked_fire_lane_without_any_place_is_refused_with_what_to_give(hotline):
    answer = hotline.post("/dispatch/requests", json=FIRE_LANE)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:dongsheng:problem:place-needed"
    assert problem["errors"][0]["pointer"] == "/address"
    assert "坐标" in problem["detail"]


@pytest.mark.parametrize(
    "place",
    [
        {"division": "天骄街道", "address": "天骄路1号"},
        {"coordinates": {"longitude": 109.96, "latitude": 39.82, "datum": "WGS-84"}},
    ],
)
def test_with_a_place_of_either_kind_it_is_taken(hotline, place):
    assert hotline.post("/dispatch/requests", json=FIRE_LANE | place).status_code == 201


def test_the_catalogue_says_which_matters_need_a_place(hotline):
    shown = {each["code"]: each["place"] for each in hotline.get("/dispatch/matters").json()}
    assert shown == {each.code: each.place for each in MATTERS}
    assert (shown["fire-lane"], shown["property-fee"]) == ("required", "optional")
