"""python -m deploy.moves [--check]: docs/dispatch.md, the tables of moves of citizens' requests as pictures and rows.

With --check it fails where the page is not what the tables say.
"""

import argparse
import sys
from collections.abc import Iterator

from deploy.plan import ROOT
from kit.dispatch.limits import Limit, Rung, clocks
from kit.dispatch.moves import leg_moves, request_moves
from kit.web.caller import Role, holders
from kit.web.moves import Moves

PAGE = ROOT / "docs" / "dispatch.md"
HEADING = """\
# How a citizen's request goes

Each unit has its part of a request (a leg), with a state, clocks and an answer of its own; the state of the request follows
from its parts until it has ended. What may be done, by whom and from where, stands in two tables (`kit/dispatch/moves.py`);
the endpoints, their refusals, what `allowed` shows and this page are made from them. The clause is P-2.2.2b. Made by
`make docs`.
"""
_CLOCKS = """\
## Clocks

They start at dispatch, whenever a unit signs; each runs for itself. The limit of the answer is the matter's own
(`GET /dispatch/v1/matters`); those to sign and to contact follow from the urgency (`kit/dispatch/data/clocks.yaml`).
"""
_START, _END = "[*]", "[*]"
_ENDS = {"closed", "declined", "merged", "transferred", "returned", "released"}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.moves", description="Write docs/dispatch.md.")
    parser.add_argument("--check", action="store_true", help="fail where the page is out of date")
    made = page()
    if not parser.parse_args().check:
        PAGE.write_text(made, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
        sys.exit("docs/dispatch.md is out of date: run make docs")


def page() -> str:
    """The page as it should be."""
    parts = (
        ("The part of a unit", leg_moves("service"), "dispatched"),
        ("The request", request_moves("service"), "received"),
    )
    lines = [HEADING]
    for title, moves, first in parts:
        lines += [f"## {title}", "", *_picture(moves, first), "", *_rows(moves), ""]
    return "\n".join([*lines, _CLOCKS, *_clocks(), "", *_ladder(), ""])


def _picture(moves: Moves, first: str) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state, sentence in moves.states.items():
        yield f"    {state}: {sentence}"
    yield f"    {_START} --> {first}"
    arrows: dict[tuple[str, str], dict[str, None]] = {}
    for row in moves:
        if row.state != row.target:
            arrows.setdefault((row.state, row.target), {})[moves.actions[row.action]] = None
    for (state, target), actions in arrows.items():
        yield f"    {state} --> {target}: {'、'.join(actions)}"
    yield from (f"    {state} --> {_END}" for state in moves.states if state in _ENDS)
    yield "```"


def _rows(moves: Moves) -> Iterator[str]:
    yield "| Action | | From | To | Who |"
    yield "|---|---|---|---|---|"
    for action, zh in moves.actions.items():
        steps: dict[tuple[str, str], list[Role]] = {}
        for row in moves.of(action):
            steps.setdefault((row.state, row.target), []).append(row.role)
        for (state, to), roles in steps.items():
            target = "the same" if to == state else f"`{to}`"
            who = f"{holders(roles)} {'、'.join(f'`{role}`' for role in roles)}"
            yield f"| `{action}` | {zh} | `{state}` | {target} | {who} |"


def _clocks() -> Iterator[str]:
    yield "| Urgency | To sign | To contact | Source | Since |"
    yield "|---|---|---|---|---|"
    for version in clocks().versions:
        for urgency, limits in version["urgencies"].items():
            limit = " | ".join(_said(limits[clock]) for clock in ("sign", "contact"))
            yield f"| `{urgency}` | {limit} | {version['source']} | {version['since']} |"


def _ladder() -> Iterator[str]:
    rules = clocks()
    yield f"Supervision, each rung once in each round ({rules.ladder_source}):"
    yield ""
    yield "| Rung | Level | Clock | When | |"
    yield "|---|---|---|---|---|"
    yield from (
        f"| `{rung.code}` | `{rung.level}` | {rung.clock} | {_when(rung)} | {rung.text} |"
        for rung in rules.ladder
    )
    yield ""
    yield (
        f"A request that {rules.raised_after_units} units had, or that was redone {rules.raised_after_redos} times, is raised"
        f" to the top by itself. A unit may say within {_said(rules.returns_within)} that a request is another's;"
        f" {rules.returns} times in all. It may be given more time {rules.extensions} times in each round"
        f" ({rules.extensions_source})."
    )


def _said(limit: Limit) -> str:
    given = {
        "minutes": limit.minutes,
        "hours": limit.hours,
        "working hours": limit.working_hours,
        "working days": limit.workdays,
    }
    return next((f"{value} {unit}" for unit, value in given.items() if value is not None), "the same day")


def _when(rung: Rung) -> str:
    if rung.before is not None:
        return f"{rung.before.total_seconds() / 3600:g} hours before its term"
    after = rung.after
    return "its term" if after is None or after.minutes == 0 else f"{_said(after)} after its term"


if __name__ == "__main__":
    main()
