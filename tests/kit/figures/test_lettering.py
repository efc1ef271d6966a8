"""Words have their room: nothing is cut off, and no line is wider than it may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.figures.lettering import clean, measured, wrapped
from tests.kit.figures.looking import LABELS, squeezed


@given(words=LABELS, width=st.integers(20, 400), bold=st.booleans())
def test_lines_hold_all_words_and_are_no_wider_than_they_may_be(words, width, bold):
    lines = wrapped(words, width, 14, bold=bold)
    assert "".join(lines).replace(" ", "") == squeezed(words)
    assert (
        all(measured(line, 14, bold=bold) <= width + 0.001 or len(line) == 1 for line in lines) or width < 45
    )


def test_a_line_ends_at_a_blank_and_never_before_a_closing_mark():
    assert wrapped("Erdos property service", 120, 14) == ["Erdos property", "service"]
    assert [line[0] for line in wrapped("目标，目标。目标（目标）目标", 42, 14)].count("，") == 0


@pytest.mark.parametrize(
    ("words", "kept"),
    [("a\u202eb\u2066c", "abc"), ("一\n二\t三", "一 二 三"), ("\x00\ud800\ufffe", ""), (12, "12")],
)
def test_what_turns_the_direction_or_has_no_place_in_xml_is_left_out(words, kept):
    assert clean(words) == kept


def test_a_chinese_letter_is_as_wide_as_it_is_high_and_a_mark_on_another_takes_no_room():
    assert measured("东胜", 14) == 28
    assert measured("e\u0301", 14) == measured("e", 14)
