"""Who has a version already is told so in 304, through the gateway too."""

import pytest

from tests.gateway.services import DispatchService
from tests.gateway.upstreams import json_reply, reply

TAG = '"7"'


async def versioned(seen, _, writer):
    """A service that compares what a caller has."""
    known = TAG in (seen.header("if-none-match") or "")
    writer.write(reply(304, b"", ("ETag", TAG)) if known else json_reply({"a": 1}, 200, ("ETag", TAG)))


def test_a_services_304_comes_through_with_its_tag_and_the_connection_is_used_on(gateway, upstream):
    there = upstream(versioned)
    door = gateway(property=there)

    answers = [
        door.get("/property/v1/x", headers={"If-None-Match": given}) for given in (TAG, '"6"', f'"6", {TAG}')
    ]

    assert [answer.status_code for answer in answers] == [304, 200, 304]
    assert {answer.headers["etag"] for answer in answers} == {TAG}
    assert [answers[0].content, answers[2].content] == [b"", b""]
    assert there.connections == 1


class TestDispatch:
    """What one service answers in the common dispatch."""

    @pytest.fixture(params=["compares", "does not compare"])
    def service(self, upstream, request):
        class Tagged(DispatchService):
            def _answer(self, seen):
                if "/requests/" not in seen.path:
                    return super()._answer(seen)
                if request.param == "compares" and seen.header("if-none-match") == TAG:
                    return reply(304, b"", ("ETag", TAG))
                return json_reply({"number": seen.path.rpartition("/")[2]}, 200, ("ETag", TAG))

        return Tagged(upstream, "property", "P", lift="电梯")

    def test_a_request_that_is_known_is_304(self, gateway, service):
        door = gateway(property=service.there)
        token = door.bearer("dispatch:read")
        path = "/dispatch/v1/requests/DS-PQ-20240624-0001"

        first = door.get(path, headers=token)
        again = door.get(path, headers=token | {"If-None-Match": first.headers["etag"]})
        changed = door.get(path, headers=token | {"If-None-Match": '"6"'})

        assert (first.status_code, first.headers["etag"]) == (200, TAG)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", TAG)
        assert (changed.status_code, changed.json()) == (200, first.json())
