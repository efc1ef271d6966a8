"""State machines as tables: what is allowed, what is not in this state, and who may."""

import pytest

from kit.web.caller import Caller, Role
from kit.web.moves import Moves
from kit.web.problems import Conflict, Forbidden

USE, KEY, FORCE = Role("door:use", "来访者"), Role("door:key", "保管员"), Role("door:force", "消防员")
DOOR = Moves(
    "门",
    states={"closed": "门关着", "open": "门开着", "locked": "门锁着", "broken": "门坏了"},
    actions={"open": "打开", "close": "关上", "lock": "锁上", "paint": "粉刷"},
    rows=(
        ("closed", "open", USE, "open", "E-2.1"),
        ("open", "close", USE, "closed", "E-4.9"),
        ("closed", "lock", KEY, "locked", "E-4.3"),
        ("closed", "open", FORCE, "broken", "E-4.9"),
    ),
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
    ("state", "action", "allowed", "detail"),
    [
        ("open", "open", ["close"], "门开着，不能打开。现在可以：关上（来访者）。"),
        (
            "closed",
            "close",
            ["lock", "open"],
            "门关着，不能关上。现在可以：打开（来访者、消防员）、锁上（保管员）。",
        ),
        ("locked", "open", [], "门锁着，不能打开。已经没有可做的操作。"),
    ],
)
def test_what_this_state_does_not_know_is_a_conflict_that_lists_what_it_does(state, action, allowed, detail):
    with pytest.raises(Conflict) as refused:
        DOOR.check(state, action, KEEPER)
    assert (refused.value.extra["state"], refused.value.extra["allowed"]) == (state, allowed)
    assert refused.value.extra["who"].keys() == set(allowed)
    assert refused.value.detail == detail
    assert refused.value.clauses, "the clause of the action it tried"


def test_an_action_of_nobody_is_a_conflict_too():
    with pytest.raises(Conflict):
        DOOR.check("open", "paint", KEEPER)


def test_who_may_not_is_told_who_may():
    with pytest.raises(Forbidden) as refused:
        DOOR.check("closed", "lock", VISITOR)
    assert refused.value.detail == "门关着，只有保管员可以锁上。"
    assert refused.value.extra == {"missing": [KEY]}
    assert refused.value.clauses == ("E-4.3",)


def test_the_state_is_checked_before_the_caller():
    with pytest.raises(Conflict):
        DOOR.check("open", "lock", VISITOR)


def test_what_is_allowed_depends_on_the_state_and_on_who_asks():
    assert DOOR.allowed("closed", KEEPER) == ["lock", "open"]
    assert DOOR.allowed("closed", VISITOR) == ["open"]
    assert DOOR.allowed("closed", FIREMAN) == ["open"]
    assert DOOR.allowed("open", FIREMAN) == []
    assert DOOR.allowed("locked", KEEPER) == []


def test_the_table_can_be_read_row_by_row():
    assert [row.action for row in DOOR] == ["open", "close", "lock", "open"]
