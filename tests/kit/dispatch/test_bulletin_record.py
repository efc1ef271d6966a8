"""A month's figures come out of a record that only grows: whenever they are computed, they are what they were."""

import random

import pytest

from kit.dispatch.bulletin import Tally, formulas, ranks, rounded, total
from kit.dispatch.bulletin_facts import _COUNTS, Grouping, _statement
from kit.district.periods import Month
from tests.kit.dispatch.sending import fill
from tests.kit.dispatch.test_bulletin import HOUSING, Desk, service

BODIES = {
    "ask-return": {"to_unit": HOUSING, "duty": "不属于本单位职责"},
    "ask-extension": {"until": "2024-09-30T18:00:00+08:00"},
    "join": {"unit": "urban-management-bureau"},
    "appeal": {"figure": "answer"},
    "uphold-appeal": {"figure": "answer"},
    "transfer": {"matter": "street-lamp"},
}
#: What is done at random: not what ends most requests at once.
ACTIONS = (
    *(
        "accept",
        "contact",
        "report",
        "answer",
        "answer",
        "send-back",
        "pause",
        "resume",
        "ask-return",
        "grant-return",
    ),
    *(
        "ask-extension",
        "grant-extension",
        "join",
        "redo",
        "call-back",
        "close",
        "transfer",
        "decline",
        "appeal",
    ),
    *("uphold-appeal", "refuse-return", "audit"),
)


def wander(desk, chance, numbers):
    """Something at random, if it can be done then, after some time."""
    desk.office.clock.advance(minutes=chance.choice((5, 45, 300, 1500)))
    if not numbers or chance.random() < 0.2:
        numbers.append(desk.take(matter=chance.choice(("government-affairs", "street-lamp"))))
        return
    action = chance.choice(ACTIONS)
    body = {"note": "已核实情况"} | BODIES.get(action, {})
    if action == "call-back":
        said = [chance.choice((True, False, None)) for _ in range(2)]
        body |= {"reached": chance.random() < 0.8, "solved": said[0], "satisfied": said[1]}
    caller = desk.unit if action in ("accept", "contact", "report", "answer", "appeal") else desk.hotline
    caller = desk.unit if action.startswith("ask-") else caller
    answer = caller.post(f"/dispatch/requests/{chance.choice(numbers)}/{action}", json=body)
    assert answer.status_code in (200, 403, 409, 422), answer.text


def seen(desk, month, moment):
    params = {"month": month, "known_at": moment.isoformat()}
    return [desk.bulletin(by=by, **params) for by in ("unit", "matter")]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_moment_s_figures_are_the_same_whenever_they_are_computed(serve, seed):
    desk, chance, numbers = Desk(serve(service)), random.Random(seed), []
    desk.at(7, 1)
    kept = []
    for step in range(240):
        wander(desk, chance, numbers)
        if step % 40 == 39:
            moment = desk.office.clock.now
            kept.append((moment, seen(desk, "2024-07", moment)))
    desk.office.clock.advance(days=40)
    for number in numbers:  # what comes afterwards
        desk.unit.post(f"/dispatch/requests/{number}/answer", json={"note": "已办"})
        desk.hotline.post(
            f"/dispatch/requests/{number}/transfer", json={"matter": "street-lamp", "note": "更正"}
        )
    assert any(figure["numerator"] for _, found in kept for figure in found[0]["total"])
    for moment, found in kept:
        assert seen(desk, "2024-07", moment) == found, moment


def wide(office):
    """(counted, left out, pending) of each figure over all time, as the office's record has it now."""
    values = {
        "starts": "timestamptz '2000-01-01+08'",
        "last": "timestamptz '2100-01-01+08'",
        "known_at": f"timestamptz '{office.clock.now.isoformat()}'",
        "division_id": "NULL::text",
        "division": "NULL::text",
        **{f"{each.id}_by": f"ARRAY{list(each.by)}" for each in formulas(Month(2024, 7)) if each.by},
    }
    found = dict.fromkeys((each.id for each in formulas(Month(2024, 7))), 0)
    for figure, _, _, _, *counts in office.sql(_filled(_statement(Grouping.UNIT, None, _COUNTS), values)):
        found[figure] += sum(counts)
    return found


def _filled(statement, values):
    for name, value in values.items():
        statement = statement.replace(f":{name}", value)
    return statement


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_each_counts_in_one_month_of_each_figure(serve, seed):
    desk, chance, numbers = Desk(serve(service)), random.Random(seed), []
    desk.at(6, 25)
    for _ in range(200):
        wander(desk, chance, numbers)
    desk.office.clock.advance(days=90)
    summed = dict.fromkeys((each.id for each in formulas(Month(2024, 7))), 0)
    for month in (Month(2024, 6) + ahead for ahead in range(9)):
        if month.first <= desk.office.clock.now.date():
            for each in desk.bulletin(str(month))["total"]:
                summed[each["figure"]] += each["denominator"] + each["excluded"] + each["pending"]
    assert summed == wide(desk.office)
    read = [desk.hotline.get(f"/dispatch/requests/{number}").json() for number in numbers]
    assert summed["received"] == len(numbers)
    assert summed["solved"] == sum(bool(each["reached"]) for each in read)
    done = {"answer", "redo"}
    assert summed["redone"] == sum(bool(done & {step["action"] for step in each["steps"]}) for each in read)
    parts = [leg for each in read for leg in each["legs"]]
    assert summed["returned"] == len(parts)
    gone = ("returned", "released")
    over = {each["number"] for each in read if each["state"] in ("closed", "declined", "merged")}
    least = sum(
        leg["state"] not in gone for each in read if each["number"] not in over for leg in each["legs"]
    )
    assert least <= min(summed["sign"], summed["answer"])
    assert max(summed["sign"], summed["answer"]) <= len(parts)


def test_time_does_not_grow_with_the_requests_of_other_months(serve):
    office = serve(service)
    fill(office, since="2014-01-01")
    office.sql(
        "INSERT INTO dispatch_legs (id, request_id, unit, lead, state, round, dispatched_at, sign_due_at, contact_due_at,"
        " answer_due_at, due_provisional, forced, rungs, version)"
        " SELECT gen_random_uuid(), id, unit, true, 'dispatched', 1, received_at, received_at, received_at, received_at,"
        " false, false, '{}', 1 FROM dispatch_requests"
    )
    office.sql(
        "INSERT INTO dispatch_steps (id, request_id, at, action, client, state, leg_id, unit_of_leg, leg_state, due_at,"
        " round, seen) SELECT gen_random_uuid(), r.id, r.received_at, action, '12345', 'received', l.id, l.unit,"
        " 'dispatched', r.due_at, 1, '{\"lead\": true}' FROM dispatch_requests r JOIN dispatch_legs l ON l.request_id = r.id,"
        " unnest(ARRAY['take', 'answer', 'call-back']) AS action"
    )
    office.sql("ANALYZE dispatch_requests, dispatch_legs, dispatch_steps, dispatch_appeals")
    office.bent = True
    values = {
        "starts": "'2016-05-01+08'::timestamptz",
        "last": "'2016-05-31 23:59:59+08'::timestamptz",
        "known_at": "'2016-05-31+08'::timestamptz",
        "division_id": "NULL::text",
        "division": "NULL::text",
        **{f"{each}_by": "ARRAY['answer']" for each in ("sign", "contact", "answer", "returned")},
    }
    statement = _filled(_statement(Grouping.UNIT, None, _COUNTS), values)
    plan = "\n".join(row for (row,) in office.sql(f"EXPLAIN {statement}"))
    assert not [each for each in ("requests", "legs", "steps") if f"Seq Scan on dispatch_{each}" in plan], (
        plan
    )
    assert "ix_dispatch_requests_received_at_id" in plan
    for index in ("steps_action_at", "steps_due_at", "legs_sign_due_at", "legs_contact_due_at"):
        assert f"ix_dispatch_{index}" in plan, index
    bulletin = Desk(office).bulletin("2016-05")
    assert {each["figure"]: each["denominator"] for each in bulletin["total"]}["received"] == 186, (
        "31 days of 6"
    )


@pytest.mark.parametrize(
    ("tallies", "better", "places"),
    [
        ([(9, 10), (18, 20), (5, 10)], "higher", [1, 1, 3]),  # equal rates share a place
        ([(1, 3), (333, 1000)], "higher", [None, 1]),  # three are below the minimum
        (
            [(1, 30), (10, 301)],
            "higher",
            [1, 2],
        ),  # by the exact rate: both are 0.0333 when rounded, or nearly
        ([(0, 10), (1, 10), (1, 10), (2, 10)], "lower", [1, 2, 2, 4]),
        ([(4, 5), (4, 4)], "higher", [1, None]),  # the minimum itself is enough
        ([(9, 9)], "neither", [None]),
        ([], "higher", []),
    ],
)
def test_ranks_go_by_the_exact_rate_and_leave_out_small_denominators(tallies, better, places):
    assert ranks([Tally(*each) for each in tallies], better, 5) == places


def test_rates_are_rounded_half_up_and_there_is_none_of_nothing():
    assert str(rounded(Tally(1, 8).share)) == "0.1250"
    assert str(rounded(Tally(1, 20000).share)) == "0.0001"  # 0.00005
    assert rounded(Tally(0, 0).share) is None


def test_groups_add_up_figure_by_figure():
    added = total([{"answer": Tally(1, 2, 0, 1)}, {"answer": Tally(2, 3), "sign": Tally(1, 1)}])
    assert added == {"answer": Tally(3, 5, 0, 1), "sign": Tally(1, 1)}


def test_every_formula_says_how_it_counts_and_where_that_comes_from():
    found = formulas(Month(2024, 7))
    assert len(found) == len({each.id for each in found}) == 11
    assert all(each.source and each.text and each.numerator and each.denominator for each in found)
