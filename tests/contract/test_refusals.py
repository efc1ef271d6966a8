"""Every word of the state machines is Chinese, and so is every refusal."""

import re
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from pathlib import Path

import pytest

from kit.dispatch.moves import leg_moves, request_moves
from kit.web.caller import Caller
from kit.web.moves import Moves
from kit.web.problems import Problem
from tests.contract.documents import CHINESE, every, in_each_service


def tables(name: str) -> Iterator[Moves]:
    """Every state machine of a service: its own and those of the hotline's requests."""
    for path in Path(f"services/{name}/plan").rglob("*.py"):
        for value in vars(import_module(".".join(path.with_suffix("").parts))).values():
            found = value.values() if isinstance(value, dict) else [value]
            yield from (each for each in found if isinstance(each, Moves))
    yield leg_moves(name)
    yield request_moves(name)


@in_each_service
def test_every_word_of_the_state_machines_and_every_refusal_is_chinese(name):
    def wrong() -> Iterator[str]:
        for moves in tables(name):
            summaries = [action + moves.noun for action in moves.actions.values()]
            words = [*moves.states.values(), *summaries, *(row.role.zh for row in moves)]
            yield from (word for word in words if not CHINESE.search(word))
            for state, action in product({row.target for row in moves} | {*moves.states}, moves.actions):
                with pytest.raises(Problem) as refused:
                    moves.check(state, action, Caller("nobody"))
                if re.search("[a-z_]{2,}", refused.value.detail):
                    yield refused.value.detail

    every(name, wrong())
