"""A request's trace goes through the gateway, and its logs bear it."""

import pytest

from tests.gateway.services import DispatchService

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{ID}-{SPAN}-01"


def test_a_trace_is_passed_on_with_a_parent_of_its_own_and_its_state_as_it_is(gateway, upstream):
    there = upstream()
    headers = {"Traceparent": PARENT, "Tracestate": "congo=t61rcWkgMzE, rojo=00f067aa0ba902b7"}

    gateway(property=there).get("/property/v1/x", headers=headers)

    version, id, parent, flags = there.seen[0].header("traceparent").split("-")
    assert (version, id, flags) == ("00", ID, "01")
    assert parent != SPAN
    assert there.seen[0].header("tracestate") == headers["Tracestate"]


@pytest.mark.parametrize("given", [{}, {"Traceparent": f"ff-{ID}-{SPAN}-01"}])
def test_where_there_is_none_that_can_be_read_one_begins_and_a_state_of_none_is_dropped(
    gateway, upstream, given
):
    there = upstream()

    gateway(property=there).get("/property/v1/x", headers={"Tracestate": "congo=t61", **given})

    assert ID not in there.seen[0].header("traceparent")
    assert there.seen[0].header("tracestate") is None


def test_what_the_gateway_asks_on_a_callers_behalf_is_of_its_trace(gateway, upstream):
    service = DispatchService(upstream, "property", "P", lift="电梯")
    door = gateway(property=service.there)

    door.get("/dispatch/v1/requests", headers=door.bearer("dispatch:read") | {"Traceparent": PARENT})

    assert [seen.header("traceparent")[3:35] for seen in service.asked] == [ID]
