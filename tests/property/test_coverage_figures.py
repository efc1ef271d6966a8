"""Figures of coverage: they say what the answer beside them says."""

import pytest

from services.property.surveys.form import Status
from tests.kit.figures.looking import looked_at, said
from tests.property.conftest import row


@pytest.fixture
def streets(centre, submit):
    submit(
        row("一苑"), row("二苑", Status.NONE), row("三苑", Status.NONE, street="铜川镇", community="枳机塔村")
    )
    return centre


@pytest.mark.clause("P-1.1", "P-1.2")
@pytest.mark.parametrize("measure", ["coverage_rate", "committee_rate", "filed_rate"])
def test_bars_of_streets_say_what_their_table_says_the_farthest_first(streets, measure):
    items = streets.get("/coverage?level=street").json()["items"]
    answer = streets.get(f"/coverage?level=street&format=svg&measure={measure}")
    drawn = said(looked_at(answer.text))

    assert answer.headers["content-type"] == "image/svg+xml"
    places = []
    for item in items:
        [one] = [each for each in item["standings"] if each["measure"] == measure]
        rate = "没有数据" if one["value"] is None else f"{float(one['value']):.2%}"
        assert f"{item['name']}，{rate}" in drawn
        assert not one["missing"] or f"差{one['missing']}个，差{one['gap']}个百分点" in drawn
        places.append((one["value"] is None, -float(one["gap"] or 0), drawn.index(item["name"])))
    assert _is_sorted(places)
    assert f"{one['whose']}{float(one['target']):.0%}".replace(" ", "") in drawn


def _is_sorted(places):
    """Whether who is farther from the target stands earlier."""
    return all(one[2] < other[2] for one in places for other in places if one[:2] < other[:2])


def test_a_figure_of_one_division_and_of_a_width_that_is_none(streets):
    assert "东胜区" in said(looked_at(streets.get("/coverage?format=svg&width=320").text))
    assert streets.get("/coverage?format=svg&width=319").status_code == 422
