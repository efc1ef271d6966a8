"""A waterfall: each step begins where the one before ended, and the last bar is their sum."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.figures.canvas import Head
from kit.figures.palette import Tone
from kit.figures.rows import Entry
from kit.figures.waterfall import Step, waterfall
from tests.kit.figures.looking import LABELS, WIDTHS, looked_at, said, squeezed

STEPS = st.builds(
    Step, st.builds(Entry, LABELS, LABELS, LABELS, LABELS, st.sampled_from([None, *Tone])), st.floats(-60, 60)
)


@given(STEPS, st.lists(STEPS, max_size=4), LABELS, WIDTHS)
def test_whatever_the_labels_are_no_words_touch_and_all_of_them_are_there(start, steps, title, width):
    everything = said(
        looked_at(waterfall(Head(title, width=width), start, steps, start.entry, [(Tone.BAD, title)]))
    )
    assert all(squeezed(step.entry.label) in everything for step in (start, *steps))


@given(
    st.lists(st.floats(-30, 30).filter(lambda change: abs(change) > 0.5), min_size=1, max_size=6),
    st.floats(0, 100),
)
def test_each_step_begins_where_the_one_before_ended(changes, start):
    tones = {True: Tone.GOOD, False: Tone.OPEN}
    steps = [Step(Entry(f"第{at}", "", tone=tones[change > 0]), change) for at, change in enumerate(changes)]
    svg = waterfall(Head("图", width=1200), Step(Entry("起", ""), start), steps, Entry("止", ""))
    bars = [
        (float(each.get("x")), float(each.get("x")) + float(each.get("width")))
        for each in looked_at(svg).iter()
        if each.tag.endswith("rect") and each.get("rx") == "1"
    ]
    ends = [bars[0][1]]
    for (left, right), change in zip(bars[1:-1], changes, strict=True):
        begins, comes_to = (left, right) if change > 0 else (right, left)
        assert begins == pytest.approx(ends[-1], abs=2.5)
        ends.append(comes_to)
    total = sum(changes) + start
    assert total < 0 or bars[-1][1] == pytest.approx(ends[-1], abs=2.5)
    at = max(range(len(changes)), key=lambda number: abs(changes[number]))
    unit = (ends[at + 1] - ends[at]) / changes[at]
    assert [after - before for before, after in pairwise(ends)] == pytest.approx(
        [change * unit for change in changes], abs=2.5
    )


def test_a_scale_that_does_not_begin_at_0_says_so():
    steps = [Step(Entry("扣", "-1", tone=Tone.BAD), -1)]
    assert "刻度自" in said(
        looked_at(waterfall(Head("图"), Step(Entry("起", "90"), 90), steps, Entry("止", "89")))
    )
    assert "刻度自" not in said(
        looked_at(waterfall(Head("图"), Step(Entry("起", "3"), 3), steps, Entry("止", "2")))
    )
