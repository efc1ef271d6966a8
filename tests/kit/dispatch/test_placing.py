"""A request is told where it is later, or that is put right (P-2.2.2b)."""

import pytest

from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")

COMPOUND = "0190a0a0-0000-7000-8000-000000000001"


def test_a_place_is_added_and_found_and_the_former_stays_in_the_record(desk):
    number = desk.sent(division=None)
    point = {"longitude": 109.99, "latitude": 39.82, "datum": "GCJ-02"}
    told = desk.act(
        desk.hotline, number, "place", division="天骄", compound=COMPOUND, coordinates=point, **NOTE
    )
    assert (told["division"], told["compound"], told["coordinates"]) == ("天骄街道", COMPOUND, point)
    assert told["longitude"] != "109.9900000", "in WGS-84"
    assert told["state"] == "received"
    for address in ("鄂托克西街 8 号", "伊金霍洛西街 9 号"):
        placed = desk.act(desk.hotline, number, "place", address=address, **NOTE)
    assert (placed["division"], placed["address"]) == ("天骄街道", "伊金霍洛西街 9 号")
    assert desk.listed(q="伊金霍洛西街") == [number]
    assert desk.listed(q="鄂托克西街") == []
    first, _, last = [step["seen"] for step in desk.read(number)["steps"] if step["action"] == "place"]
    assert (first["former"]["division"], first["to"]["coordinates"]) == (None, point)
    assert last == {"former": {"address": "鄂托克西街 8 号"}, "to": {"address": "伊金霍洛西街 9 号"}}


@pytest.mark.parametrize(
    ("told", "slug"),
    [
        ({}, "invalid-request"),
        ({"division": "康巴什街道"}, "invalid-request"),
        (
            {"coordinates": {"longitude": 39.8, "latitude": 109.9 - 30, "datum": "WGS-84"}},
            "far-from-district",
        ),
    ],
)
def test_a_place_that_is_none_is_refused(desk, told, slug):
    assert desk.refused(desk.hotline, desk.sent(), "place", **NOTE | told) == (422, slug)


def test_a_street_s_token_places_nothing_in_another_street_and_what_is_closed_stays(desk):
    number = desk.sent()
    street = desk.running.client("dispatch:read", "dispatch:write", division="天骄街道", name="street")
    assert desk.refused(street, number, "place", division="公园街道", **NOTE)[0] == 403
    desk.act(street, number, "place", address="天骄路 1 号", **NOTE)
    desk.act(desk.hotline, number, "decline", **NOTE)
    assert desk.refused(desk.hotline, number, "place", address="天骄路", **NOTE) == (409, "not-in-this-state")
