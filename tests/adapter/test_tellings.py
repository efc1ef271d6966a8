from hypothesis import given
from hypothesis import strategies as st

from adapter.port import STATES, Telling
from adapter.tellings import brief, digest, needed

_TELLINGS = st.builds(Telling, st.sampled_from(STATES), st.sampled_from(["", "已修。", "已修好。"]))


@given(st.lists(_TELLINGS, max_size=5), _TELLINGS)
def test_what_was_told_need_not_be_told(told, due):
    assert not needed([*told, due], due)


@given(st.lists(_TELLINGS, max_size=2), _TELLINGS)
def test_what_differs_from_what_was_told_last_is_told(told, due):
    assert needed(told, due) == (due.state != "received" if not told else told[-1] != due)


@given(st.dictionaries(st.text(max_size=3), _TELLINGS, max_size=5))
def test_the_sum_depends_on_what_stands_and_not_on_the_order(rows):
    assert digest(dict(reversed(rows.items()))) == digest(rows)
    for number, row in rows.items():
        assert digest(rows | {number: Telling(row.state, row.text + "x")}) != digest(rows)


def test_a_difference_shows_no_word_of_an_answer():
    assert "13800001234" not in str(brief(Telling("answered", "请联系 13800001234")))
