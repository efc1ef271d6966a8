from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.coordinates import AROUND_DISTRICT, Datum, from_wgs84, is_near_district, to_wgs84

longitudes = st.floats(AROUND_DISTRICT.west, AROUND_DISTRICT.east)
latitudes = st.floats(AROUND_DISTRICT.south, AROUND_DISTRICT.north)


def metres(one, other):
    """Between two places that are not far from each other."""
    degree = 6371000 * radians(1)
    return hypot((one[0] - other[0]) * degree * cos(radians(one[1])), (one[1] - other[1]) * degree)


@given(longitudes, latitudes, st.sampled_from(Datum))
def test_there_and_back_is_the_same_place_within_a_metre(longitude, latitude, datum):
    there = from_wgs84(longitude, latitude, datum)
    assert metres(to_wgs84(*there, datum), (longitude, latitude)) < 0.05


@given(longitudes, latitudes)
def test_maps_of_the_public_are_shifted_by_hundreds_of_metres(longitude, latitude):
    assert 300 < metres(from_wgs84(longitude, latitude, Datum.GCJ02), (longitude, latitude)) < 800


@given(longitudes, latitudes)
def test_cgcs2000_is_taken_over_as_it_is(longitude, latitude):
    assert metres(to_wgs84(longitude, latitude, Datum.CGCS2000), (longitude, latitude)) < 0.05


# What prcoords 1.0.2 and geocoordinates-rs 0.14.2 from PyPI make of the same places, (longitude, latitude).
@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((109.99, 39.82), (109.9957223508, 39.8210388474)),
        ((109.15, 39.7), (109.1556687609, 39.7011721547)),
        ((116.404, 39.915), (116.4102444992, 39.9164042815)),
        ((105.0, 35.0), (105.0032862415, 34.9990986322)),
    ],
)
def test_the_shift_is_what_others_compute(wgs84, gcj02):
    assert from_wgs84(*wgs84, Datum.GCJ02) == pytest.approx(gcj02, abs=1e-7)
    assert to_wgs84(*gcj02, Datum.GCJ02) == pytest.approx(wgs84, abs=1e-7)


@pytest.mark.parametrize("place", [(2.3522, 48.8566), (-74.006, 40.7128), (151.2093, -33.8688)])
def test_outside_of_china_nothing_is_shifted(place):
    assert to_wgs84(*place, Datum.GCJ02) == from_wgs84(*place, Datum.GCJ02) == place


def test_seven_places_are_given():
    assert to_wgs84(109.987654321, 39.823456789, Datum.WGS84) == (109.9876543, 39.8234568)


@pytest.mark.parametrize(
    ("longitude", "latitude", "near"),
    [
        (109.99, 39.82, True),
        (109.2, 39.7, True),
        (39.82, 109.99, False),  # latitude first
        (109.99, 41.0, False),
        (116.4, 39.9, False),
    ],
)
def test_a_place_far_from_the_district_is_found(longitude, latitude, near):
    assert is_near_district(longitude, latitude) is near
