"""Where a field headquarters may stand: upwind of the scene (E-4.5a)."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.emergency.plan.siting import WINDS, Position, Side, siting, warning_of

SCENE = Position(39.82, 110.0)
NORTH = Position(39.83, 110.0)
EAST = Position(39.82, 110.013)
SOUTH = Position(39.81, 110.0)
WEST = Position(39.82, 109.987)


@pytest.mark.parametrize(
    ("site", "wind", "side"),
    [
        (NORTH, "北", Side.UPWIND),
        (EAST, "东", Side.UPWIND),
        (WEST, "西", Side.UPWIND),
        (NORTH, "南", Side.DOWNWIND),
        (SOUTH, "北", Side.DOWNWIND),
        (EAST, "西", Side.DOWNWIND),
        (EAST, "北", Side.CROSSWIND),
        (WEST, "南", Side.CROSSWIND),
    ],
)
def test_a_site_is_upwind_on_the_side_the_wind_comes_from(site, wind, side):
    judged = siting(site, SCENE, WINDS[wind])

    assert judged.side is side
    assert (warning_of(judged) is None) is (side is Side.UPWIND)


@pytest.mark.parametrize(
    ("wind_from", "side"),
    [
        (0, Side.UPWIND),
        (360, Side.UPWIND),
        (44.9, Side.UPWIND),
        (315.1, Side.UPWIND),
        (45.1, Side.CROSSWIND),
        (314.9, Side.CROSSWIND),
        (134.9, Side.CROSSWIND),
        (135.1, Side.DOWNWIND),
        (225, Side.DOWNWIND),
    ],
)
def test_upwind_is_within_45_degrees_on_both_sides_of_north(wind_from, side):
    assert siting(NORTH, SCENE, wind_from).side is side


def test_the_distance_from_the_scene_is_told_in_metres():
    assert siting(NORTH, SCENE, 0).distance_m == pytest.approx(1112, abs=1)


def test_a_site_at_the_scene_itself_is_never_suitable():
    judged = siting(SCENE, SCENE, 0)

    assert judged.side is Side.AT_SCENE
    assert "就在事故现场" in warning_of(judged)


@pytest.mark.parametrize("wind_from", [-1, 361])
def test_a_wind_off_the_compass_is_refused(wind_from):
    with pytest.raises(ValueError, match="360"):
        siting(NORTH, SCENE, wind_from)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90.1, 0), (-91, 0), (0, 180.5), (0, -181), (float("nan"), 0)]
)
def test_a_place_off_the_globe_is_refused(latitude, longitude):
    with pytest.raises(ValueError, match="degrees"):
        Position(latitude, longitude)


near = st.floats(-0.05, 0.05)


@given(near, near, st.floats(0, 180))
def test_turning_the_wind_round_turns_upwind_into_downwind(north, east, wind_from):
    site = Position(SCENE.latitude + north, SCENE.longitude + east)
    assume(siting(site, SCENE, 0).side is not Side.AT_SCENE)
    here, turned = siting(site, SCENE, wind_from), siting(site, SCENE, wind_from + 180)

    assert here.off_degrees + turned.off_degrees == pytest.approx(180)
    assert 0 <= here.off_degrees <= 180
