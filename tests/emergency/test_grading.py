"""Grade, response level, and what would raise them (E-1.5, E-4.3)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.emergency.plan.accidents.grading import Facts, Grade, Reason, ResponseLevel, assess

CENT = Decimal("0.01")
MILLION = Decimal("1_000_000.00")

facts = st.builds(
    Facts,
    deaths=st.integers(0, 40),
    serious_injuries=st.integers(0, 120),
    direct_loss_yuan=st.decimals(0, 120 * MILLION, places=2),
    endangered=st.integers(0, 40),
    beyond_company_capacity=st.booleans(),
    beyond_district_capacity=st.booleans(),
    headquarters_decides_iii=st.booleans(),
)


def rises_of(given: Facts) -> set[tuple[str, object, str]]:
    return {(rise.field, rise.at, rise.becomes.value) for rise in assess(given).next}


@pytest.mark.clause("E-1.5")
@pytest.mark.parametrize(
    ("deaths", "grade"),
    [
        (0, "general"),
        (2, "general"),
        (3, "larger"),
        (9, "larger"),
        (10, "major"),
        (29, "major"),
        (30, "especially_major"),
        (300, "especially_major"),
    ],
)
def test_deaths_decide_the_grade_with_the_lower_bound_included(deaths, grade):
    assert assess(Facts(deaths=deaths)).grade == grade


@pytest.mark.clause("E-1.5")
@pytest.mark.parametrize(
    ("serious_injuries", "grade"),
    [
        (0, "general"),
        (9, "general"),
        (10, "larger"),
        (49, "larger"),
        (50, "major"),
        (99, "major"),
        (100, "especially_major"),
    ],
)
def test_serious_injuries_decide_the_grade_with_the_lower_bound_included(serious_injuries, grade):
    assert assess(Facts(serious_injuries=serious_injuries)).grade == grade


@pytest.mark.clause("E-1.5")
@pytest.mark.parametrize(
    ("loss", "grade"),
    [
        ("0", "general"),
        ("9999999.99", "general"),
        ("10000000.00", "larger"),
        ("49999999.99", "larger"),
        ("50000000", "major"),
        ("99999999.99", "major"),
        ("100000000.00", "especially_major"),
    ],
)
def test_loss_decides_the_grade_to_the_cent(loss, grade):
    assert assess(Facts(direct_loss_yuan=Decimal(loss))).grade == grade


@pytest.mark.clause("E-1.5")
def test_the_highest_of_the_three_measures_decides_and_is_the_reason():
    assessment = assess(Facts(deaths=3, serious_injuries=50, direct_loss_yuan=10 * MILLION))

    assert assessment.grade is Grade.MAJOR
    assert [reason for reason in assessment.reasons if reason.clause == "E-1.5"] == [
        Reason("serious_injuries", 50, 50, "E-1.5")
    ]


@pytest.mark.clause("E-1.5")
def test_every_measure_that_reaches_the_grade_is_named():
    reasons = assess(Facts(deaths=4, serious_injuries=12)).reasons

    assert Reason("deaths", 4, 3, "E-1.5") in reasons
    assert Reason("serious_injuries", 12, 10, "E-1.5") in reasons


@pytest.mark.clause("E-1.5", "E-4.3")
def test_an_accident_without_harm_is_still_general_with_level_iv():
    assessment = assess(Facts())

    assert (assessment.grade, assessment.grade.zh) == (Grade.GENERAL, "一般")
    assert assessment.response_level is ResponseLevel.IV
    assert assessment.reasons == (Reason("grade", Grade.GENERAL, Grade.GENERAL, "E-4.3"),)


@pytest.mark.clause("E-4.3")
@pytest.mark.parametrize(
    ("endangered", "level"),
    [(0, "IV"), (1, "IV"), (2, "IV"), (3, "III"), (9, "III"), (10, "II"), (29, "II"), (30, "I"), (300, "I")],
)
def test_persons_in_danger_decide_the_level_and_never_the_grade(endangered, level):
    assessment = assess(Facts(endangered=endangered))

    assert assessment.response_level == level
    assert assessment.grade is Grade.GENERAL


@pytest.mark.clause("E-4.3")
@pytest.mark.parametrize(
    ("deaths", "level"), [(2, "IV"), (3, "III"), (9, "III"), (10, "II"), (29, "II"), (30, "I")]
)
def test_the_grade_alone_gives_its_level(deaths, level):
    assessment = assess(Facts(deaths=deaths))

    assert assessment.response_level == level
    assert assessment.reasons[-1].field == "grade"


@pytest.mark.clause("E-4.3")
@pytest.mark.parametrize(
    ("switch", "level"),
    [
        ("beyond_company_capacity", "III"),
        ("beyond_district_capacity", "II"),
        ("headquarters_decides_iii", "III"),
    ],
)
def test_a_switch_raises_the_level_and_is_the_reason(switch, level):
    assessment = assess(Facts(**{switch: True}))

    assert assessment.response_level == level
    assert assessment.reasons == (Reason(switch, True, True, "E-4.3"),)


@pytest.mark.clause("E-4.3")
def test_headquarters_choice_of_iii_never_lowers_a_graver_level():
    assert assess(Facts(endangered=30, headquarters_decides_iii=True)).response_level is ResponseLevel.I


@pytest.mark.clause("E-1.5")
def test_next_says_that_one_more_death_makes_it_larger():
    rise = next(
        rise
        for rise in assess(Facts(deaths=2)).next
        if rise.becomes is Grade.LARGER and rise.field == "deaths"
    )

    assert rise.at == 3
    assert rise.says == "再死亡1人即为较大事故"


@pytest.mark.clause("E-4.3")
def test_next_names_what_raises_the_level_alone():
    assert rises_of(Facts(endangered=2)) >= {
        ("endangered", 3, "III"),
        ("beyond_company_capacity", True, "III"),
        ("beyond_district_capacity", True, "II"),
        ("headquarters_decides_iii", True, "III"),
    }


def test_next_leaves_out_what_would_change_nothing():
    # At level II by danger, three deaths raise the grade but not the level; ten deaths would not raise it either.
    rises = rises_of(Facts(endangered=12))

    assert ("deaths", 3, "larger") in rises
    assert ("deaths", 30, "I") in rises
    assert not any(
        at in (3, 10) and becomes in ("III", "II") for field, at, becomes in rises if field == "deaths"
    )
    assert not any(field in ("beyond_company_capacity", "headquarters_decides_iii") for field, _, _ in rises)


def test_next_is_empty_at_the_top():
    assert assess(Facts(deaths=30)).next == ()


def test_next_counts_the_loss_to_the_cent():
    rise = next(
        rise
        for rise in assess(Facts(direct_loss_yuan=Decimal("9999999.50"))).next
        if rise.field == "direct_loss_yuan"
    )

    assert rise.says == "直接经济损失再增加0.50元即为较大事故"


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("beyond_district_capacity", "超出区级处置能力即达到二级响应条件"),
        ("endangered", "再有3人涉险、被困或失联即达到三级响应条件"),
    ],
)
def test_next_reads_as_a_sentence(field, sentence):
    assert sentence in {rise.says for rise in assess(Facts()).next if rise.field == field}


MEASURES = {"deaths": 1, "serious_injuries": 1, "direct_loss_yuan": CENT, "endangered": 1}


@given(facts, st.sampled_from([*MEASURES]), st.integers(1, 50))
@pytest.mark.clause("E-1.5", "E-4.3")
def test_neither_grade_nor_level_falls_when_a_measure_rises(given_facts, field, more):
    before, after = (
        assess(given_facts),
        assess(replace(given_facts, **{field: getattr(given_facts, field) + more})),
    )

    assert after.grade.rank >= before.grade.rank
    assert after.response_level.rank >= before.response_level.rank


@given(
    facts,
    st.sampled_from(["beyond_company_capacity", "beyond_district_capacity", "headquarters_decides_iii"]),
)
@pytest.mark.clause("E-4.3")
def test_no_switch_lowers_the_level_or_touches_the_grade(given_facts, switch):
    off, on = (assess(replace(given_facts, **{switch: value})) for value in (False, True))

    assert on.response_level.rank >= off.response_level.rank
    assert on.grade is off.grade


@given(facts)
@pytest.mark.clause("E-4.3")
def test_the_level_is_never_milder_than_the_grade_alone_gives(given_facts):
    assessment = assess(given_facts)

    assert assessment.response_level.rank >= assessment.grade.rank


@given(facts)
def test_next_is_where_the_verdict_really_changes(given_facts):
    for rise in assess(given_facts).next:

        def verdict(value, rise=rise):
            assessment = assess(replace(given_facts, **{rise.field: value}))
            return assessment.grade if isinstance(rise.becomes, Grade) else assessment.response_level

        just_below = False if rise.at is True else rise.at - MEASURES[rise.field]
        assert verdict(rise.at) is rise.becomes
        assert verdict(just_below) is verdict(rise.value)


@given(facts)
def test_every_reason_reached_its_threshold(given_facts):
    reasons = assess(given_facts).reasons

    assert reasons
    assert all(reason.value >= reason.threshold for reason in reasons if reason.field != "grade")


@pytest.mark.parametrize(
    "wrong",
    [
        {"deaths": -1},
        {"serious_injuries": -1},
        {"endangered": -1},
        {"direct_loss_yuan": Decimal("-0.01")},
        {"direct_loss_yuan": Decimal("0.001")},
        {"direct_loss_yuan": Decimal("NaN")},
        {"direct_loss_yuan": 0.1},
    ],
)
def test_impossible_facts_are_refused(wrong):
    with pytest.raises(ValueError, match="negative"):
        Facts(**wrong)
