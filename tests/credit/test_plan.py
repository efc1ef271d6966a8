"""Rules of credit without a service: the scheme holds together, the fund is shared out, two years run on."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kit.district.periods import months_after
from kit.district.reference import read
from services.credit.plan.awards import share_out
from services.credit.plan.consistency import inconsistencies
from services.credit.plan.lists import Year, rectified
from services.credit.plan.scheme import Kind, Scheme

DEFAULT = read(Path("services/credit/plan/data/default-2026-1.yaml"))


@pytest.mark.clause("P-2.3.2a")
def test_default_scheme_has_46_items_whose_base_comes_to_80():
    scheme = Scheme.of(DEFAULT)
    kinds = [each.kind for each in scheme.items]
    assert (
        kinds.count(Kind.BASE),
        kinds.count(Kind.GOOD),
        kinds.count(Kind.BAD) + kinds.count(Kind.SERIOUS),
    ) == (11, 9, 26)
    assert sum(each.most for each in scheme.items if each.kind is Kind.BASE) == 80
    assert inconsistencies(scheme) == []
    assert "默认方案，不是" in scheme.note


@pytest.mark.clause("P-2.3.2a")
def test_every_inconsistency_of_a_scheme_is_named_at_once():
    told = Scheme.of(DEFAULT).model_dump(mode="json")
    told["bands"][1] |= {"below": "86"}  # over the lower edge of AAA
    told["bands"][3] |= {"at_least": "61"}  # 60 has no grade
    told["lists"]["red"] = ["AAAA"]
    told["items"][18] |= {"cap": {"points": "1", "per": "item"}}  # below the item itself
    told["items"][30] |= {"code": "X01"}
    found = dict(inconsistencies(Scheme.of(told)))
    assert set(found) == {"/bands", "/lists/red", "/items/18/cap", "/items"}


@pytest.mark.clause("P-2.3.5a")
@pytest.mark.parametrize(
    ("fund", "weights", "shares"),
    [
        (300_000_000, [3, 3, 1], [128_571_429, 128_571_428, 42_857_143]),
        (5, [0, 7, 3], [0, 4, 1]),
        (1, [33, 66], [0, 1]),
        (9_999, [75, 25], [7_499, 2_500]),
        (613, [98, 92, 98, 123, 102, 92], [99, 93, 99, 125, 104, 93]),
        (300_000_000, [0, 0], [0, 0]),
        (300_000_000, [], []),
    ],
)
def test_fund_is_shared_out_by_largest_remainder(fund, weights, shares):
    found = share_out(fund, {f"{at:018}": weight for at, weight in enumerate(weights)})
    assert list(found.values()) == shares


codes = some.dictionaries(
    some.text("0123456789ABC", min_size=3, max_size=3), some.integers(0, 13_000), max_size=12
)


@pytest.mark.clause("P-2.3.5a")
@given(some.integers(0, 300_000_000), codes, some.randoms())
def test_shares_come_to_the_fund_within_a_fen_whatever_the_order(fund, weights, random):
    found, whole = share_out(fund, weights), sum(weights.values())
    assert sum(found.values()) == (fund if whole else 0)
    assert all(abs(share * whole - fund * weights[code]) < whole for code, share in found.items() if whole)
    assert all(found[code] == 0 for code, weight in weights.items() if weight == 0)
    shuffled = list(weights.items())
    random.shuffle(shuffled)
    assert share_out(fund, dict(shuffled)) == found


def year(number: int, listed: str | None, **more) -> Year:
    return Year(date(number, 1, 1), date(number, 12, 31), listed, **more)


@pytest.mark.clause("P-2.3.5b")
@pytest.mark.parametrize(
    ("years", "is_rectified"),
    [
        ([year(2024, "black"), year(2025, "black")], True),
        ([year(2024, "black"), year(2026, "black")], False),  # a year without evaluation breaks it
        ([year(2024, "black"), year(2025, None), year(2026, "black")], False),
        ([year(2024, "black"), year(2025, "black"), year(2026, None)], False),  # cleared
        (
            [year(2024, "black"), year(2025, "black"), year(2026, None, absent=True)],
            True,
        ),  # not by staying away
        ([year(2024, "black"), year(2025, "black"), year(2026, "black")], True),
        ([year(2024, "black", repaired=True), year(2025, "black")], True),
        ([year(2025, "black")], False),
    ],
)
def test_two_years_running_on_the_black_list(years, is_rectified):
    assert (rectified(years) is not None) is is_rectified


@pytest.mark.clause("P-2.3.5b")
def test_scheme_may_leave_a_repaired_year_out():
    years = [year(2024, "black", repaired=True), year(2025, "black")]
    assert rectified(years, repaired_counts=False) is None


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 8, 31), 12, date(2026, 8, 31)),
    ],
)
def test_months_count_from_the_act(day, months, found):
    assert months_after(day, months) == found
