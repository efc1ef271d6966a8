"""Twelve months with their states in words."""

from hypothesis import given
from hypothesis import strategies as st

from kit.figures.canvas import Head
from kit.figures.months import Cell, months
from kit.figures.palette import Tone
from tests.kit.figures.looking import LABELS, WIDTHS, looked_at, said, squeezed

CELLS = st.builds(
    Cell, LABELS, st.sampled_from(Tone), LABELS, st.lists(LABELS, max_size=2).map(tuple), st.booleans()
)


@given(st.lists(CELLS, max_size=6), LABELS, LABELS, WIDTHS)
def test_whatever_is_said_no_words_touch_and_all_of_them_are_there(cells, title, foot, width):
    everything = said(looked_at(months(Head(title, width=width), cells, foot)))
    assert all(
        squeezed(each) in everything for cell in cells for each in (cell.name, cell.state, *cell.lines)
    )


def test_months_stand_in_rows_of_four_or_of_two_on_a_phone():
    cells = [Cell(f"{number}月", Tone.GOOD, "已学习") for number in range(1, 13)]
    for width, columns in ((640, 4), (360, 2)):
        frames = [
            (each.get("x"), each.get("y"))
            for each in looked_at(months(Head("图", width=width), cells)).iter()
            if each.get("fill") == Tone.GOOD.value.pale
        ]
        assert (len(frames), len({x for x, _ in frames}), len({y for _, y in frames})) == (
            12,
            columns,
            12 // columns,
        )
