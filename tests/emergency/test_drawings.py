"""The route and the flow: every name has its room, and how each step stands is said by mark and word."""

from hypothesis import given
from hypothesis import strategies as st

from services.emergency.drawings import Arrow, Step, flow_svg, route_svg
from tests.kit.figures.looking import LABELS, WIDTHS, looked_at, said, squeezed

STANDINGS = st.sampled_from(["met", "met_late", "overdue", "approaching", "running", "closed"])
ARROWS = st.builds(Arrow, LABELS, LABELS, st.lists(LABELS, max_size=2).map(tuple), STANDINGS)
STEPS = st.builds(Step, LABELS, LABELS, st.sampled_from(["done", "current", "ahead", "passed"]))


@given(st.lists(ARROWS, max_size=4), LABELS, WIDTHS)
def test_a_route_of_any_names_has_all_of_them_and_none_touches_another(arrows, title, width):
    everything = said(looked_at(route_svg(title, arrows, width)))
    assert all(squeezed(words) in everything for arrow in arrows for words in (arrow.receiver, *arrow.words))


@given(st.lists(STEPS, max_size=4), LABELS, WIDTHS)
def test_a_flow_of_any_names_has_all_of_them_and_none_touches_another(steps, title, width):
    everything = said(looked_at(flow_svg(title, steps, width)))
    assert all(squeezed(step.name) in everything and squeezed(step.words) in everything for step in steps)


def test_whoever_is_told_stands_below_who_tells_and_above_those_told_later():
    arrows = [
        Arrow("单位", "区", ("一",), "met"),
        Arrow("单位", "部门", ("二",), "running"),
        Arrow("区", "市", (), "overdue"),
    ]
    words = [each.text for each in looked_at(route_svg("路线", arrows)).iter() if each.tag.endswith("}text")]
    assert [each for each in words if each in ("单位", "区", "部门", "市")] == ["单位", "区", "市", "部门"]
    assert "已超时" in words
