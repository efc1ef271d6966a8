"""Which trace a request belongs to, by W3C Trace Context, level 1."""

import re

import pytest

from kit.web.tracing import trace_of

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def trace(*given):
    return trace_of([(b"accept", b"*/*"), *((b"traceparent", each.encode()) for each in given)])


@pytest.mark.parametrize(
    ("given", "sampled"),
    [
        (f"00-{ID}-{SPAN}-01", True),
        (f"00-{ID}-{SPAN}-00", False),
        (f"00-{ID}-{SPAN}-03", True),
        (f"00-{ID}-{SPAN}-02", False),
        (f"cc-{ID}-{SPAN}-01", True),
        (f"cc-{ID}-{SPAN}-01-what-the-future-will-be-like", True),
    ],
)
def test_a_trace_goes_on_with_an_id_of_our_own_for_its_parent(given, sampled):
    found = trace(given)
    assert (found.id, found.sampled, found.begun_here) == (ID, sampled, False)
    first, second = found.parent().decode(), found.parent().decode()
    for parent in (first, second):
        assert re.fullmatch(f"00-{ID}-[0-9a-f]{{16}}-0{int(sampled)}", parent)
        assert SPAN not in parent
    assert first != second


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("",),
        ("nonsense",),
        (f"00-{ID}-{SPAN}-01", f"00-{ID}-{SPAN}-01"),
        (f"ff-{ID}-{SPAN}-01",),
        (f"00-{ID}-{SPAN}-01-more",),
        (f"00-{ID}-{SPAN}-01.",),
        (f"cc-{ID}-{SPAN}-01.what",),
        (f"00-{ID.upper()}-{SPAN}-01",),
        (f"00-{'0' * 32}-{SPAN}-01",),
        (f"00-{ID}-{'0' * 16}-01",),
        (f"00-{ID[1:]}-{SPAN}-01",),
        (f"00-{ID}-{SPAN}-1",),
        (f"0-{ID}-{SPAN}-01",),
        (f"00-{ID}-{SPAN}-.0",),
    ],
)
def test_a_trace_begins_here_where_none_came_or_none_that_can_be_read(given):
    found = trace(*given)
    assert found.begun_here
    assert found.id != ID
    assert re.fullmatch(f"00-{found.id}-[0-9a-f]{{16}}-01", found.parent().decode())
    assert trace(*given).id != found.id
