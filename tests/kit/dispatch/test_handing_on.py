"""What is made of the other service's answer when a request is handed on (P-2.2.2b)."""

import asyncio
from datetime import datetime
from types import SimpleNamespace

import pytest
from httpx2 import Response

from kit.dispatch.handing_on import HandingOn
from kit.dispatch.tables import DispatchRequest
from kit.district.clock import SHANGHAI
from kit.web.problems import Invalid, Unavailable


def handed_on(answer):
    async def post(*_):
        return answer

    request = DispatchRequest(
        number="DS-OQ-20240624-0001", received_at=datetime(2024, 6, 24, 9, tzinfo=SHANGHAI)
    )
    handing_on = HandingOn(SimpleNamespace(post=post))
    return asyncio.run(handing_on.hand_on(SimpleNamespace(cipher=None), request, "lift-maintenance", None))


def test_the_number_that_the_other_service_gives_is_kept():
    assert handed_on(Response(201, json={"number": "DS-PQ-20240624-0007"})) == "DS-PQ-20240624-0007"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"detail": "没有这个小区"}'.encode(), "没有这个小区"),
        (
            '{"type": "urn:dongsheng:problem:place-needed", "detail": "必须说明地点。"}'.encode(),
            "必须说明地点。请先用“补充地点”（place）填写本件诉求的地点，再转办。",
        ),
        (b"<html>too large", "未说明原因"),
        (b"[]", "未说明原因"),
    ],
)
def test_a_refusal_is_passed_on_with_its_reason_where_it_gives_one(content, why):
    with pytest.raises(Invalid) as refusal:
        handed_on(Response(413, content=content))
    assert why in refusal.value.detail


@pytest.mark.parametrize("answer", [None, Response(500), Response(429), Response(201, content=b"taken")])
def test_what_is_no_answer_leaves_the_request_where_it_is(answer):
    with pytest.raises(Unavailable):
        handed_on(answer)


def bodies(details, *answers):
    """What is sent of a request with details, to a service that answers one after another; what its end is."""
    sent, left = [], list(answers)

    async def post(_path, body, _patience):
        sent.append(body.get("details"))
        return left.pop(0)

    request = DispatchRequest(
        number="DS-OQ-20240624-0001", received_at=datetime(2024, 6, 24, 9, tzinfo=SHANGHAI), details=details
    )
    handing_on = HandingOn(SimpleNamespace(post=post))
    try:
        asyncio.run(handing_on.hand_on(SimpleNamespace(cipher=None), request, "lift-maintenance", None))
    except Invalid:
        assert not left
    return sent


TAKEN = Response(201, json={"number": "DS-PQ-20240624-0007"})


def refused(*pointers):
    return Response(422, json={"detail": "不对", "errors": [{"pointer": each} for each in pointers]})


def test_what_was_answered_goes_along():
    assert bodies({"trapped": True}, TAKEN) == [{"trapped": True}]
    assert bodies({}, TAKEN) == [None]


def test_answers_that_do_not_fit_the_other_matter_keep_no_request_back():
    assert bodies({"people": "二"}, refused("/details/people"), TAKEN) == [{"people": "二"}, None]


@pytest.mark.parametrize("pointers", [(), ("/address",), ("/details/people", "/address"), ("/detailsother",)])
def test_what_is_refused_for_something_else_is_not_sent_again(pointers):
    assert bodies({"people": 2}, refused(*pointers)) == [{"people": 2}]
