"""Which of everything that was told of an accident counts, and which calls may be about one accident: the rules alone."""

from datetime import timedelta

import pytest

from kit.testing import START
from services.emergency.plan.accidents.counting import CORRECTED, EARLIER, UNVERIFIED, Telling, count
from services.emergency.plan.accidents.likeness import Call, why_alike


def minutes(count):
    return START + timedelta(minutes=count)


def known(*tellings):
    return count(tellings, START)


@pytest.mark.clause("E-4.1e")
def test_of_each_fact_the_last_in_time_counts_and_what_is_earlier_is_said():
    found = known(
        Telling(at=minutes(10), order=0, facts={"deaths": 2}),
        Telling(at=minutes(0), order=1, facts={"deaths": 3, "missing": 5}),
    )
    assert found.known == {"deaths": 2, "missing": 5}
    assert found.unused == {1: {"deaths": EARLIER}}


@pytest.mark.clause("E-4.1c")
def test_the_units_own_smaller_number_counts_once_it_is_verified():
    told = Telling(at=minutes(0), order=0, facts={"deaths": 3})
    smaller = {"at": minutes(5), "order": 1, "facts": {"deaths": 0}, "of_unit": True}
    found = known(told, Telling(**smaller))
    assert (found.known["deaths"], found.unused) == (3, {1: {"deaths": UNVERIFIED}})
    assert known(told, Telling(**smaller, verified=True)).known["deaths"] == 0
    assert known(told, Telling(**smaller | {"facts": {"deaths": 4}})).known["deaths"] == 4


@pytest.mark.clause("E-4.1e")
@pytest.mark.parametrize(
    ("kind", "day", "counts"),
    [
        ("other", 30, True),
        ("other", 31, False),
        ("fire", 7, True),
        ("fire", 8, False),
        ("road_traffic", 8, False),
    ],
)
def test_a_death_after_the_laws_window_is_kept_and_does_not_grade(kind, day, counts):
    found = known(
        Telling(at=START, order=0, facts={"deaths": 2, "kind": kind}),
        Telling(at=minutes(day * 24 * 60), order=1, facts={"deaths": 3}),
    )
    assert found.known["deaths"] == (3 if counts else 2)
    assert ("493" in str(found.unused)) is not counts


def test_what_was_withdrawn_gives_way_to_what_was_told_before():
    found = known(
        Telling(at=minutes(0), order=0, facts={"missing": 1}),
        Telling(at=minutes(1), order=1, facts={"missing": 4}, withdrawn=frozenset({"missing"})),
    )
    assert (found.known["missing"], found.unused) == (1, {1: {"missing": CORRECTED}})


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (Call(at=minutes(20), unit="示例煤业 公司"), True),
        (Call(at=minutes(20), place="铜川镇2号井3采区"), True),
        (Call(at=minutes(20), latitude=39.8201, longitude=109.9901), True),
        (Call(at=minutes(20), place="罕台镇加油站"), False),
        (Call(at=minutes(20), unit="示例煤业公司", division="罕台镇"), False),
        (Call(at=minutes(60 * 7), unit="示例煤业公司"), False),
    ],
)
def test_calls_near_in_time_and_place_or_of_one_unit_may_be_about_one_accident(other, alike):
    one = Call(
        at=START, unit="示例煤业公司", place="2号井3采区", division="铜川镇", latitude=39.82, longitude=109.99
    )
    assert bool(why_alike(one, other)) is bool(why_alike(other, one)) is alike
