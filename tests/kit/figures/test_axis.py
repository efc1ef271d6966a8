"""Spans on an axis of time: where they begin and end, what came late, and where now is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from kit.figures.axis import Span, Track, axis
from kit.figures.canvas import Head
from kit.figures.palette import Tone
from kit.figures.rows import Entry
from tests.kit.figures.conftest import NINE_THIRTY
from tests.kit.figures.looking import LABELS, WIDTHS, looked_at, said, squeezed

MOMENTS = st.integers(0, 200_000).map(lambda minutes: NINE_THIRTY + timedelta(minutes=minutes))
SPANS = st.builds(
    Span,
    st.builds(Entry, LABELS, LABELS, LABELS, LABELS, st.sampled_from([None, *Tone])),
    MOMENTS,
    st.none() | MOMENTS,
    st.none() | MOMENTS,
)


@given(st.lists(SPANS, max_size=4), LABELS, WIDTHS, MOMENTS)
def test_whatever_the_labels_are_no_words_touch_and_all_of_them_are_there(spans, title, width, now):
    tracks = [Track(title, spans), Track("", spans[:1])]
    everything = said(looked_at(axis(Head(title, title, width=width), tracks, now, [(Tone.LATE, title)])))
    assert all(squeezed(span.entry.label) in everything for span in spans)


def test_what_was_late_goes_on_past_its_end_in_another_pattern():
    due, done = NINE_THIRTY + timedelta(minutes=60), NINE_THIRTY + timedelta(minutes=85)
    span = Span(Entry("书面报告", "迟 25 分钟", tone=Tone.LATE), NINE_THIRTY, due, done)
    drawn = {
        each.get("fill"): (float(each.get("x")), float(each.get("width")))
        for each in looked_at(axis(Head("时限"), [Track("", [span])], done)).iter()
        if each.get("height") in ("14", "12.5")
    }
    [(late_x, late_width)] = [place for fill, place in drawn.items() if (fill or "").startswith("url(")]
    ran_x, ran_width = drawn[Tone.OPEN.value.pale]
    assert abs(late_x - (ran_x + ran_width)) < 2
    assert abs(late_width / ran_width - 25 / 60) < 0.02


def test_what_has_no_end_is_drawn_to_the_edge_and_none_is_said_in_words():
    span = Span(Entry("黄色预警", "未定解除时间", tone=Tone.OPEN), NINE_THIRTY, None)
    assert "未定解除时间" in said(looked_at(axis(Head("预警"), [Track("", [span])], NINE_THIRTY)))
    assert "没有生效的预警" in said(
        looked_at(axis(Head("预警"), [], NINE_THIRTY, empty="现在没有生效的预警。"))
    )


def test_now_is_named_where_it_is_on_the_axis_only():
    span = Span(
        Entry("时限", "按时", tone=Tone.GOOD), NINE_THIRTY, NINE_THIRTY + timedelta(hours=1), NINE_THIRTY
    )
    within = axis(Head("时限"), [Track("", [span])], NINE_THIRTY + timedelta(minutes=30))
    long_after = axis(Head("时限"), [Track("", [span])], NINE_THIRTY + timedelta(days=30))
    assert "现在10:00" in said(looked_at(within))
    assert "现在" not in said(looked_at(long_after))
