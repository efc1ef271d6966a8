"""The colours are told apart on paper, and none of them says a thing alone."""

import pytest

from kit.figures.canvas import Canvas, Head
from kit.figures.palette import CLASSES, FRAME, INK, MUTED, PAPER, Tone, contrast


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colour", [INK, MUTED, *(tone.colour for tone in Tone)])
def test_words_stand_out_from_paper(colour):
    assert contrast(colour, PAPER) >= 4.5


def test_shapes_stand_out_from_paper_by_their_fill_or_their_frame():
    assert contrast(FRAME, PAPER) >= 3
    assert all(contrast(tone.colour, tone.value.pale) >= 3 for tone in Tone)


@pytest.mark.parametrize("field", CLASSES)
def test_words_stand_out_in_every_class(field):
    assert contrast(field.ink, field.fill) >= 4.5


def test_every_tone_has_a_bar_and_a_mark_of_its_own_also_without_colour():
    bars, marks = set(), set()
    for tone in Tone:
        of_bar, of_mark = Canvas(Head("图")), Canvas(Head("图"))
        of_bar.bar((0, 0), (80, 14), tone)
        of_mark.mark((8, 8), tone)
        bars.add(_without_colour(of_bar.svg("图")))
        marks.add(_without_colour(of_mark.svg("图")))
    assert (len(bars), len(marks)) == (5, 5)


def _without_colour(svg: str) -> str:
    """The figure as a copier shows it: dark and pale, but no hue."""
    for tone in Tone:
        svg = (
            svg.replace(tone.colour, "dark").replace(tone.value.pale, "pale").replace(tone.name.lower(), "x")
        )
    return svg
