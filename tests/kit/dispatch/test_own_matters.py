"""A request gets another matter of its service: its place, its unit's term, and what it becomes (P-2.2.2b)."""

from dataclasses import replace

import pytest

from kit.dispatch.limits import Limit
from tests.kit.dispatch import sending
from tests.kit.dispatch.conftest import NOTE, Desk

pytestmark = pytest.mark.clause("P-2.2.2b")
TO_PLACED = NOTE | {"matter": "placed"}
PLACE = NOTE | {"address": "鄂托克西街 8 号"}


async def becomes_one_where_it_is(_, request):
    return f"AT-{request.address}" if request.address else None


PLACED = replace(
    sending.CASE_MATTER,
    code="placed",
    unit="government-office",
    limit=Limit(hours=10),
    place="required",
    taken=becomes_one_where_it_is,
)


@pytest.fixture
def desk(serve) -> Desk:
    return Desk(serve(replace(sending.service, matters=(*sending.service.matters, PLACED))))


def test_what_tells_no_place_goes_to_no_matter_that_needs_one_until_it_is_placed(desk):
    number = desk.sent(division=None)
    answer = desk.hotline.post(f"/dispatch/requests/{number}/transfer", json=TO_PLACED)
    assert sending.slug(answer) == (422, "place-needed")
    assert "补充地点" in answer.json()["detail"]
    assert answer.json()["errors"][0]["pointer"] == "/matter"
    assert desk.read(number)["matter"] == "government-affairs"
    desk.act(desk.hotline, number, "place", **PLACE)
    moved = desk.act(desk.hotline, number, "transfer", **TO_PLACED)
    assert (moved["matter"], moved["reference"]) == ("placed", "AT-鄂托克西街 8 号")


def test_what_becomes_nothing_for_want_of_a_place_becomes_it_when_that_is_told(desk):
    number = desk.sent(matter="placed")  # its street is told, and no more
    assert desk.read(number)["reference"] is None
    assert desk.act(desk.hotline, number, "place", **PLACE)["reference"] == "AT-鄂托克西街 8 号"
    again = desk.act(desk.hotline, number, "place", **PLACE | {"address": "天骄路 1 号"})
    assert again["reference"] == "AT-鄂托克西街 8 号"


def test_a_place_that_nothing_can_be_made_of_is_kept_all_the_same_and_the_record_says_why(desk):
    number = desk.sent(matter="street-lamp", summary="refuse")
    desk.act(desk.hotline, number, "transfer", **NOTE | {"matter": "case"})
    placed = desk.act(desk.hotline, number, "place", **PLACE)
    assert (placed["address"], placed["reference"]) == (PLACE["address"], None)
    assert desk.read(number)["steps"][-1]["seen"]["became_nothing"] == "不受理。"


@pytest.mark.parametrize("asked", [False, True])
def test_the_term_of_another_matter_counts_no_pause(desk, asked):
    number, clock = desk.sent(), desk.running.clock
    desk.act(desk.office, number, "accept")
    desk.act(desk.hotline, number, "pause", **NOTE)
    clock.advance(hours=24)
    desk.act(desk.hotline, number, "resume")
    clock.advance(hours=1)
    desk.act(desk.hotline, number, "pause", **NOTE)
    clock.advance(hours=2)
    if asked:
        desk.act(desk.office, number, "ask-extension", until="2024-07-30T18:00:00+08:00", **NOTE)
        desk.act(desk.hotline, number, "refuse-extension", **NOTE)
    clock.advance(hours=1)
    desk.act(desk.hotline, number, "transfer", **TO_PLACED)
    clock.advance(hours=2)
    resumed = desk.act(desk.hotline, number, "resume")
    assert resumed["due_at"] == "2024-06-26T00:30:00+08:00", (
        "10 hours from 09:30 on the 24th, and 24 + 5 stopped"
    )


def test_the_term_of_another_matter_runs_from_when_it_is_redone(desk):
    number, clock = desk.sent(), desk.running.clock
    desk.act(desk.office, number, "accept")
    desk.act(desk.hotline, number, "pause", **NOTE)
    clock.advance(hours=24)
    desk.act(desk.hotline, number, "resume")
    desk.act(desk.office, number, "answer", **NOTE)
    clock.advance(hours=24)
    desk.act(desk.hotline, number, "redo", **NOTE)
    clock.advance(hours=1)
    moved = desk.act(desk.hotline, number, "transfer", **TO_PLACED)
    assert moved["due_at"] == "2024-06-26T19:30:00+08:00"
