"""The tables of moves: what leads where, who may, and that nothing leads out of an end."""

import pytest

from kit.district.citations import cite
from kit.web.caller import Caller
from kit.web.problems import Conflict
from services.emergency.assignments.work import part
from services.emergency.plan import roles
from services.emergency.plan.accidents.grading import Grade, ResponseLevel
from services.emergency.plan.assignments import TASK, TASKS
from services.emergency.plan.command import COMMAND, COMMANDER, Commander
from services.emergency.plan.releases import RELEASES, RUMOUR, Authority, authority
from services.emergency.plan.response import PARTS, RESPONSE, Part, may_end
from services.emergency.plan.warnings import (
    COLOURS,
    COMPANY_WARNINGS,
    WARNINGS,
    Colour,
    colours_of,
    lacking_content,
    may_change,
)

TABLES = {
    "response": ("none", RESPONSE, set()),
    "task": ("open", TASK, set()),
    **{f"task-{kind}": ("open", moves, set()) for kind, moves in TASKS.items()},
    "command": ("company", COMMAND, {"higher"}),
    "warning": ("draft", WARNINGS, {"lifted"}),
    "company-warning": ("sent", COMPANY_WARNINGS, {"received"}),
    "rumour": ("found", RUMOUR, {"answered"}),
    **{f"release-{each}": ("drafted", moves, {"published"}) for each, moves in RELEASES.items()},
}


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_reached_and_only_the_ends_are_final(name):
    start, table, ends = TABLES[name]
    sources, targets = {move.state for move in table}, {move.target for move in table}

    assert sources <= targets | {start}
    assert targets - sources == ends


@pytest.mark.parametrize("name", TABLES)
def test_every_move_has_a_clause_of_the_ledger_and_a_known_role(name):
    _, table, _ = TABLES[name]
    known = {value for key, value in vars(roles).items() if key.isupper()}

    assert cite(*(move.clause for move in table))
    assert {move.role for move in table} <= known


@pytest.mark.parametrize("name", TABLES)
def test_every_state_and_action_of_a_move_has_a_chinese_name(name):
    _, table, _ = TABLES[name]

    assert {each for move in table for each in (move.state, move.target)} <= set(table.states)
    assert {move.action for move in table} == set(table.actions)


@pytest.mark.parametrize(
    ("state", "action", "role", "next_state"),
    [
        ("none", "propose", roles.OFFICE, "proposed"),
        ("none", "start", roles.HEADQUARTERS, "started"),
        ("proposed", "start", roles.HEADQUARTERS, "started"),
        ("started", "adjust", roles.OFFICE, "adjusted"),
        ("adjusted", "adjust", roles.HEADQUARTERS, "adjusted"),
        ("adjusted", "end", roles.HEADQUARTERS, "ended"),
        ("ended", "start", roles.HEADQUARTERS, "started"),
    ],
)
def test_a_response_goes_from_proposal_to_end(state, action, role, next_state):
    assert RESPONSE.check(state, action, Caller("c", scopes=frozenset({role}))).target == next_state


@pytest.mark.parametrize(
    ("state", "action"), [("none", "end"), ("proposed", "end"), ("started", "start"), ("ended", "adjust")]
)
def test_a_response_takes_no_other_way(state, action):
    everybody = Caller("c", scopes=frozenset({roles.HEADQUARTERS, roles.OFFICE}))
    with pytest.raises(Conflict):
        RESPONSE.check(state, action, everybody)


@pytest.mark.parametrize(
    ("done", "ended_by", "may"),
    [
        ([], "区指挥部", False),
        (["confirm-end"], "区指挥部", True),
        (["propose-end"], "区指挥部", True),
        (["confirm-end", "propose-end"], "市指挥部", False),
    ],
)
def test_a_response_ends_when_asked_for_and_by_whoever_started_it(done, ended_by, may):
    assert may_end(done, started_by="区指挥部", ended_by=ended_by) is may


def test_each_state_of_command_has_exactly_one_commander():
    states = {move.state for move in COMMAND} | {move.target for move in COMMAND}

    assert set(COMMANDER) == states


def test_who_offers_commands_until_the_other_has_taken():
    for move in COMMAND:
        if move.action not in ("take", "assume"):
            assert COMMANDER[move.target] is COMMANDER[move.state]
    assert [COMMANDER[move.target] for move in COMMAND.of("take")] == [
        Commander.DISTRICT,
        Commander.HIGHER,
    ]


@pytest.mark.parametrize(
    ("grade", "sensitive", "approver"),
    [
        (Grade.GENERAL, False, Authority.DISTRICT),
        (Grade.GENERAL, True, Authority.CITY),
        (Grade.LARGER, False, Authority.CITY),
        (Grade.LARGER, True, Authority.CITY),
        (Grade.MAJOR, False, Authority.HIGHER),
        (Grade.ESPECIALLY_MAJOR, True, Authority.HIGHER),
    ],
)
def test_grade_and_sensitivity_name_who_approves_a_release(grade, sensitive, approver):
    assert authority(grade, sensitive=sensitive) is approver


def test_nothing_is_published_unapproved_and_a_change_needs_approval_again():
    moves = RELEASES[Authority.CITY]
    publicity = Caller("c", scopes=frozenset({roles.PUBLICITY}))

    with pytest.raises(Conflict):
        moves.check("drafted", "publish", publicity)
    assert moves.check("approved", "revise", publicity).target == "drafted"


def tasks_of(level):
    return part(*PARTS[level])


def parts(level):
    return {task.part for task in tasks_of(level)}


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("IV", {Part.OFFICE, Part.DEPARTMENTS, Part.HEADQUARTERS}),
        ("III", {Part.OFFICE, Part.DEPARTMENTS, Part.HEADQUARTERS, Part.CITY}),
        ("II", {Part.FIRST_RESPONSE, Part.SUPPORT}),
        ("I", {Part.FIRST_RESPONSE, Part.SUPPORT}),
    ],
)
def test_each_level_takes_its_parts_of_the_plan(level, expected):
    assert parts(ResponseLevel(level)) == expected


def test_iii_asks_for_what_iv_asks_and_the_report_to_the_city_besides():
    iv, iii = ([task.id for task in tasks_of(ResponseLevel(level))] for level in ("IV", "III"))

    assert iii == [*iv, "report-to-city"]


@pytest.mark.parametrize(
    ("level", "colour"), [("IV", "blue"), ("III", "yellow"), ("II", "orange"), ("I", "red")]
)
def test_colours_correspond_to_the_levels_of_response(level, colour):
    assert COLOURS[ResponseLevel(level)] == colour


@pytest.mark.parametrize(
    ("colour", "chain"),
    [
        ("blue", ["blue"]),
        ("yellow", ["blue", "yellow"]),
        ("orange", ["blue", "yellow", "orange"]),
        ("red", ["blue", "yellow", "red"]),
    ],
)
def test_a_colour_builds_on_the_ones_the_plan_names(colour, chain):
    assert list(colours_of(Colour(colour))) == chain


def test_only_the_issuer_changes_a_warning():
    assert may_change(issued_by="区人民政府", caller="区人民政府")
    assert not may_change(issued_by="区人民政府", caller="区应急管理局")


def test_all_that_a_bulletin_lacks_is_named_at_once():
    assert lacking_content({"issuer": "区人民政府", "colour": "blue", "measures": []}) == (
        "issued_at",
        "accident_type",
        "starts_at",
        "area",
        "measures",
    )
