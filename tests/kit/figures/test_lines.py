"""Lines against a stair of targets."""

from hypothesis import given
from hypothesis import strategies as st

from kit.figures.canvas import Head
from kit.figures.lines import Panel, lines
from kit.figures.palette import Tone
from kit.figures.scales import SHARES, counting
from tests.kit.figures.looking import LABELS, WIDTHS, looked_at, said, squeezed

SHARES_OR_NONE = st.lists(st.none() | st.floats(0, 1), min_size=25, max_size=25)
PANELS = st.builds(
    Panel, LABELS, SHARES_OR_NONE, SHARES_OR_NONE, st.just(SHARES), LABELS, st.sampled_from(Tone)
)


@given(st.lists(PANELS, max_size=2), st.lists(LABELS, min_size=1, max_size=25), WIDTHS, LABELS)
def test_whatever_the_labels_are_no_words_touch_and_names_are_there(panels, steps, width, title):
    cut = [
        Panel(one.name, one.values[: len(steps)], one.targets[: len(steps)], one.scale, one.said)
        for one in panels
    ]
    everything = said(looked_at(lines(Head(title, width=width), steps, cut)))
    assert all(squeezed(one.name) in everything and squeezed(one.said) in everything for one in panels)


def test_a_line_goes_up_as_its_values_do_and_breaks_where_one_is_missing():
    panel = Panel("个数", [0, 50, None, 100, 100], [100] * 5, counting(100), "100 个")
    root = looked_at(lines(Head("图"), ["一", "二", "三", "四", "五"], [panel]))
    paths = [each.get("d") for each in root.iter() if each.get("stroke-width") == "2.5" and each.get("d")]
    first, second = ([point.split() for point in path[1:].split("L")] for path in paths)
    low, middle = (float(y) for _, y in first)
    assert [float(y) for _, y in second] == [low - 2 * (low - middle)] * 2


def test_the_stair_steps_where_the_target_changes():
    panel = Panel("率", [0.5] * 4, [0.8, 0.8, 0.95, None], SHARES, "50%")
    root = looked_at(lines(Head("图"), ["一", "二", "三", "四"], [panel]))
    dashed = [each for each in root.iter() if each.get("stroke-dasharray") == "5 3"][1:]
    flat = [each for each in dashed if each.get("y1") == each.get("y2")]
    upright = [each for each in dashed if each.get("x1") == each.get("x2")]
    assert (len(flat), len(upright)) == (2, 1)
    assert flat[0].get("x2") == upright[0].get("x1") == flat[1].get("x1")


def test_a_course_that_has_not_begun_says_so():
    assert "没有数据" in said(looked_at(lines(Head("图"), [], [])))
