"""State machines as tables: what is allowed, what is not in this state, and who may."""

import pytest

from kit.web.moves import Moves
from kit.web.problems import Conflict, Forbidden
from kit.web.tokens import Caller

DOOR = Moves(
    ("closed", "open", "door:use", "open", "E-2.1"),
    ("open", "close", "door:use", "closed", "E-4.9"),
    ("closed", "lock", "door:key", "locked", "E-4.3"),
    ("closed", "open", "door:force", "broken", "E-4.9"),
)
VISITOR, KEEPER, FIREMAN = (
    Caller(client="c", scopes=frozenset(scopes))
    for scopes in ({"door:use"}, {"door:use", "door:key"}, {"door:force"})
)


@pytest.mark.parametrize(
    ("caller", "state", "action", "target"),
    [
        (VISITOR, "closed", "open", "open"),
        (VISITOR, "open", "close", "closed"),
        (KEEPER, "closed", "lock", "locked"),
        (FIREMAN, "closed", "open", "broken"),
    ],
)
def test_a_move_leads_where_the_row_of_the_caller_says(caller, state, action, target):
    assert DOOR.check(state, action, caller).target == target


@pytest.mark.parametrize(
    ("state", "action", "allowed"),
    [("open", "open", ["close"]), ("closed", "close", ["lock", "open"]), ("locked", "open", [])],
)
def test_what_this_state_does_not_know_is_a_conflict_that_lists_what_it_does(state, action, allowed):
    with pytest.raises(Conflict) as refused:
        DOOR.check(state, action, KEEPER)
    assert refused.value.extra == {"state": state, "allowed": allowed}
    assert all(name in refused.value.detail for name in allowed)
    assert refused.value.clauses, "the clause of the action it tried"


def test_an_action_of_nobody_is_a_conflict_too():
    with pytest.raises(Conflict):
        DOOR.check("open", "paint", KEEPER)


def test_who_may_not_is_told_who_may():
    with pytest.raises(Forbidden) as refused:
        DOOR.check("closed", "lock", VISITOR)
    assert "door:key" in refused.value.detail
    assert refused.value.clauses == ("E-4.3",)


def test_the_state_is_checked_before_the_caller():
    with pytest.raises(Conflict):
        DOOR.check("open", "lock", VISITOR)


def test_what_is_allowed_depends_on_the_state_and_on_who_asks():
    assert DOOR.allowed("closed") == ["lock", "open"]
    assert DOOR.allowed("closed", VISITOR) == ["open"]
    assert DOOR.allowed("closed", FIREMAN) == ["open"]
    assert DOOR.allowed("open", FIREMAN) == []
    assert DOOR.allowed("locked") == []


def test_the_table_can_be_read_row_by_row():
    assert [row.action for row in DOOR] == ["open", "close", "lock", "open"]
