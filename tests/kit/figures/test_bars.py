"""Bars: as long as their values, with words that never touch."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.figures.bars import Bar, Group, Target, bars
from kit.figures.canvas import Head
from kit.figures.palette import TRACK, Tone
from kit.figures.rows import Entry
from kit.figures.scales import SHARES, counting
from tests.kit.figures.looking import LABELS, WIDTHS, looked_at, said, squeezed

BARS = st.builds(
    Bar,
    st.builds(Entry, LABELS, LABELS, LABELS, LABELS, st.sampled_from([None, *Tone])),
    st.none() | st.floats(0, 1),
)


@given(st.lists(BARS, max_size=4), LABELS, LABELS, WIDTHS, st.none() | st.floats(0, 1))
def test_whatever_the_labels_are_no_words_touch_and_all_of_them_are_there(rows, title, goal, width, target):
    svg = bars(
        Head(title, goal, width=width),
        [Group(title, rows), Group("", rows[:1])],
        SHARES,
        None if target is None else Target(target, goal),
        [(Tone.GOOD, "达到"), (Tone.BAD, goal)],
    )
    everything = said(looked_at(svg))
    assert all(squeezed(bar.entry.label) in everything for bar in rows)
    assert all(squeezed(bar.entry.said) in everything for bar in rows)


@given(st.lists(st.floats(0.02, 1), min_size=1, max_size=6), WIDTHS)
def test_a_bar_is_as_long_as_its_value_is_of_the_scale(values, width):
    rows = [
        Bar(Entry(f"第{number}", f"{value:.2%}", tone=Tone.GOOD), value)
        for number, value in enumerate(values)
    ]
    root = looked_at(bars(Head("图", width=width), [Group("", rows)], SHARES))
    drawn = [each for each in root.iter() if each.tag.endswith("rect") and each.get("height") == "14"]
    track = next(float(each.get("width")) for each in drawn if each.get("fill") == TRACK)
    long = [float(each.get("width")) for each in drawn if each.get("fill") == Tone.GOOD.colour]
    assert long == pytest.approx([track * value for value in values], abs=0.2)


def test_the_target_line_stands_where_its_value_is():
    svg = bars(Head("图"), [Group("", [Bar(Entry("甲", "80%"), 0.8)])], SHARES, Target(0.8, "目标 80%"))
    root = looked_at(svg)
    track = next(each for each in root.iter() if each.get("fill") == TRACK)
    at = float(track.get("x")) + 0.8 * float(track.get("width"))
    assert any(each.get("x1") == each.get("x2") == f"{at:.1f}".removesuffix(".0") for each in root.iter())


def test_a_figure_of_nothing_says_so():
    assert "没有数据" in said(looked_at(bars(Head("图"), [], SHARES)))


@pytest.mark.parametrize(
    ("most", "top", "step"), [(0, 1, 1), (4, 4, 1), (7, 8, 2), (23, 25, 5), (4100, 5000, 1000)]
)
def test_a_scale_of_numbers_ends_at_a_round_one(most, top, step):
    scale = counting(most, "件")
    assert (scale.top, scale.step) == (top, step)
    assert scale.ticks()[-1] == (top, f"{top}件")


def test_hours_are_round_ones_of_beijing(nine_thirty):
    from kit.figures.scales import Times

    times = Times(nine_thirty, nine_thirty + timedelta(hours=20))
    assert [words for _, words in times.ticks(6)] == ["12:00", "18:00", "6月25日"]
    assert times.share(nine_thirty + timedelta(hours=5)) == 0.25
