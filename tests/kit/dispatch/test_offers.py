"""What `allowed` offers is done, and what it does not offer is refused, wherever a request has got to (P-2.2.2b)."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.dispatch.moves import leg_moves, request_moves
from kit.dispatch.shapes import Figure
from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")

RETURN = {"to_unit": "supervision-office", "duty": "职责"}
FIGURES = [{"figure": figure.value} for figure in Figure]
#: What is said to an action besides a note, one after the other until one is taken.
SAID = {
    "ask-return": [RETURN],
    "join": [{"unit": "housing-centre"}, {"unit": "justice-bureau"}],
    "transfer": [{"matter": "supervision-complaint"}, {"matter": "government-affairs"}],
    "confirm-unreasonable": [{"agreed": True}],
    "place": [{"address": "天骄路 1 号"}],
    "appeal": FIGURES,
    "uphold-appeal": FIGURES,
    "reject-appeal": FIGURES,
}
#: Refusals for what was said, or for who said it: the record alone does not tell of them.
SAID_WRONG = {"already-theirs", "same-person", "no-request-to-merge-into"}
ACTIONS = sorted({*leg_moves("").actions, *request_moves("").actions})
#: Moves that lead far, more often than others.
OFTEN = ["accept", "answer", "ask-return", "ask-extension", "grant-extension", "grant-return", "join", "redo", "close", "appeal"]  # fmt: skip


def said(desk, request, action, other):
    if action == "ask-extension":
        return [{"until": (desk.running.clock.now + timedelta(days=90)).isoformat()}]
    if action == "merge":
        return [{"into": other}]
    if action == "call-back":
        content = int(request["number"][-4:]) + request["redos"] + len(request["legs"])
        return [{"reached": True, "solved": True, "satisfied": content % 2 == 0}]
    return SAID.get(action, [{}])


def attempts(desk, who, request, action, other):
    """The refusals of an action, until it is done: then None is the last."""
    alive = [leg["unit"] for leg in request["legs"] if leg["state"] not in ("returned", "released")]
    if action == "next":
        alive = [request["next_actor"]["unit_of_leg"]]
        action = request["next_actor"]["action"]
    of_leg = action in leg_moves("").actions and who in (desk.hotline, desk.second)
    for body in said(desk, request, action, other):
        for unit in alive if of_leg else [None]:
            named = {"unit": unit} if unit else {}
            answer = who.post(f"/dispatch/requests/{request['number']}/{action}", json=NOTE | body | named)
            if answer.status_code == 200:
                yield None
                return
            assert answer.status_code in (403, 409, 422), answer.text
            yield answer.json()["type"].removeprefix("urn:dongsheng:problem:")


MOVE = st.tuples(
    st.sampled_from(["office", "housing", "supervision", "hotline", "second"]),
    st.one_of(st.sampled_from(OFTEN), st.sampled_from(ACTIONS)),
    st.sampled_from([0, 0, 1, 20]),
)


@given(walk=st.lists(MOVE, min_size=5, max_size=25))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_offered_is_done_and_what_is_not_is_refused(desk, walk):
    number, other = desk.sent(), desk.sent()
    for name, action, hours in walk:
        desk.running.clock.advance(hours=hours)
        who = getattr(desk, name)
        request = desk.read(number, who)
        refusals = list(attempts(desk, who, request, action, other))
        if action in request["allowed"]:
            assert refusals[-1] is None or set(refusals) & SAID_WRONG, (name, action, refusals)
        else:
            assert None not in refusals, (name, action)


@given(walk=st.lists(st.one_of(MOVE, st.just(None), st.just(None)), min_size=5, max_size=25))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_who_must_act_next_is_somebody_who_can_until_it_is_over(desk, walk):
    """Where a walk has nothing, who must act next does what it has to, with the part that it is told of."""
    who = {
        each: getattr(desk, name)
        for each, name in (
            (None, "second"),
            ("government-office", "office"),
            ("housing-centre", "housing"),
            ("supervision-office", "supervision"),
            ("justice-bureau", "justice"),
        )
    }
    before = desk.hotline.get("/dispatch/counts").json()["total"]["open"]
    number, other = desk.sent(), desk.sent()
    for move in walk:
        request = desk.read(number)
        following = request["next_actor"]
        if move is not None:
            name, action, hours = move
            desk.running.clock.advance(hours=hours)
            list(attempts(desk, getattr(desk, name), request, action, other))
        elif following is not None:
            assert list(attempts(desk, who[following["unit"]], request, "next", other))[-1] is None, following
        request = desk.read(number)
        over = request["state"] in ("closed", "declined", "merged", "transferred")
        assert (request["next_actor"] is None) <= over, "somebody always has to act until it is over"
    waits = [desk.read(each)["next_actor"] is not None for each in (number, other)]
    assert desk.hotline.get("/dispatch/counts").json()["total"]["open"] == before + sum(waits)


def test_a_return_is_offered_while_it_may_be_asked_for(desk):
    late, number = desk.sent(), desk.sent()
    assert "ask-return" in desk.read(late, desk.office)["allowed"]
    for who, to in ((desk.office, "housing-centre"), (desk.housing, "supervision-office")):
        desk.act(who, number, "ask-return", **NOTE | RETURN | {"to_unit": to})
        desk.act(desk.hotline, number, "grant-return", **NOTE)
    assert "ask-return" not in desk.read(number, desk.supervision)["allowed"]
    desk.running.clock.advance(days=2)
    assert "ask-return" not in desk.read(late, desk.office)["allowed"]


def test_a_unit_that_gave_a_request_back_is_offered_nothing(desk):
    number = desk.sent()
    desk.act(desk.office, number, "ask-return", **NOTE | RETURN)
    desk.act(desk.hotline, number, "grant-return", **NOTE)
    assert desk.read(number, desk.office)["allowed"] == []
