"""A service that is down, slow, restarted or broken becomes a clear answer, and nothing is done twice."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.gateway.upstreams import always, json_reply, reply


def assert_problem(answer, status, slug):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:dongsheng:problem:{slug}"
    assert "property" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["x-request-id"]


def test_a_service_that_is_not_there_is_unavailable(gateway, dead_address):
    assert_problem(gateway(property=dead_address).get("/property/v1/x"), 503, "service-down")


def test_a_service_whose_name_leads_nowhere_is_unavailable(gateway):
    assert_problem(gateway(property="http://nowhere.invalid").get("/property/v1/x"), 503, "service-down")


@pytest.fixture
def full_address():
    """A listener on this machine whose queue is full: a further connection is neither made nor refused."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        host, port = listener.getsockname()
        yield f"http://{host}:{port}"


def test_a_service_that_cannot_be_reached_in_time_has_timed_out(gateway, full_address):
    door = gateway(property=full_address, settings={"connect_timeout": 0.2})
    assert_problem(door.get("/property/v1/x"), 504, "service-silent")


def test_a_service_that_does_not_answer_in_time_has_timed_out(gateway, upstream):
    async def silent(_, __, ___):
        await asyncio.sleep(30)

    door = gateway(property=upstream(silent), settings={"read_timeout": 0.3})

    started = time.monotonic()
    assert_problem(door.get("/property/v1/x"), 504, "service-silent")
    assert time.monotonic() - started < 2


def test_slow_but_moving_is_not_too_slow(gateway, upstream):
    async def slow(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n")
        for letter in b"steadily":
            await asyncio.sleep(0.1)
            writer.write(bytes([letter]))
            await writer.drain()

    door = gateway(property=upstream(slow), settings={"read_timeout": 0.6})

    assert door.get("/property/v1/x").content == b"steadily"


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x-filler: y\r\n" * 10_000 + b"\r\n",
    ],
    ids=["no HTTP", "bad length", "switching protocols", "bad chunk", "endless headers"],
)
def test_an_answer_that_is_no_answer_is_a_bad_gateway(gateway, upstream, nonsense):
    async def talking(_, __, writer):
        writer.write(nonsense)
        await writer.drain()
        await asyncio.sleep(30)

    door = gateway(property=upstream(talking), settings={"read_timeout": 2})

    with door.raw("GET /property/v1/x HTTP/1.1", "Connection: close") as connection:
        answer = b""
        while piece := connection.recv(4000):
            answer += piece

    if answer.startswith(b"HTTP/1.1 200"):  # the headers were in order: the answer can only be cut off
        assert b"0\r\n\r\n" not in answer
    else:
        assert answer.startswith(b"HTTP/1.1 502")
        assert b"urn:dongsheng:problem:bad-answer" in answer


def test_a_service_that_closes_without_an_answer_is_unavailable(gateway, upstream):
    async def closing(_, __, writer):
        writer.close()

    there = upstream(closing)

    assert_problem(gateway(property=there).get("/property/v1/x"), 503, "service-down")
    assert len(there.seen) == 1  # the connection was new: there is no reason to believe in another try


class TestRestart:
    """A kept connection may turn out to be dead just as it is used: before anything has been answered."""

    @pytest.fixture
    def flaky(self, upstream):
        """A service that drops the second request of every connection without an answer."""
        on_connection: dict[int, int] = {}

        async def second_is_dropped(seen, _, writer):
            on_connection[seen.connection] = on_connection.get(seen.connection, 0) + 1
            if on_connection[seen.connection] == 2:
                writer.transport.abort()
            else:
                writer.write(json_reply({"connection": seen.connection}))

        return upstream(second_is_dropped)

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
    def test_what_may_be_repeated_is_tried_once_more(self, gateway, flaky, method):
        door = gateway(property=flaky)
        door.get("/property/v1/x")

        answer = door.request(method, "/property/v1/x", content=b"" if method in ("GET", "HEAD") else b"body")

        assert answer.status_code == 200
        assert [seen.connection for seen in flaky.seen] == [1, 1, 2]
        assert flaky.seen[1].body == flaky.seen[2].body

    @pytest.mark.parametrize("method", ["POST", "PATCH"])
    def test_what_may_not_be_repeated_is_not(self, gateway, flaky, method):
        door = gateway(property=flaky)
        door.get("/property/v1/x")

        answer = door.request(method, "/property/v1/x", content=b"body")

        assert_problem(answer, 503, "service-down")
        assert [seen.method for seen in flaky.seen] == ["GET", method]

    def test_a_stream_is_not_repeated(self, gateway, flaky):
        door = gateway(property=flaky)
        door.get("/property/v1/x")

        answer = door.request("PUT", "/property/v1/x", content=b"x" * 200_000)

        assert answer.status_code == 503
        assert len(flaky.seen) == 2

    def test_it_is_tried_once_only(self, gateway, upstream):
        async def broken_after_the_first(seen, _, writer):
            if seen.target == "/property/v1/first":
                writer.write(reply(200, b"ok"))
            else:
                writer.transport.abort()

        there = upstream(broken_after_the_first)
        door = gateway(property=there)
        door.get("/property/v1/first")

        assert_problem(door.get("/property/v1/x"), 503, "service-down")
        assert [seen.connection for seen in there.seen] == [1, 1, 2]

    def test_nothing_is_repeated_once_an_answer_has_begun(self, gateway, upstream):
        async def half_an_answer(seen, _, writer):
            if seen.target == "/property/v1/first":
                writer.write(reply(200, b"ok"))
                return
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-le")
            await writer.drain()
            writer.transport.abort()

        there = upstream(half_an_answer)
        door = gateway(property=there)
        door.get("/property/v1/first")

        answer = door.get("/property/v1/x")

        assert answer.status_code == 502
        assert len(there.seen) == 2

    def test_after_one_dead_connection_the_others_are_not_tried(self, gateway, upstream):
        restarted = False

        async def answering(seen, _, writer):
            if restarted and seen.connection <= 2:
                writer.transport.abort()
            else:
                await asyncio.sleep(0.1)  # so that two at once need two connections
                writer.write(reply(200, b"ok"))

        there = upstream(answering)
        door = gateway(property=there)

        def two_at_once(method):
            with ThreadPoolExecutor(2) as pool:
                asked = [pool.submit(door.request, method, "/property/v1/x") for _ in range(2)]
                return [each.result().status_code for each in asked]

        assert two_at_once("GET") == [200, 200]
        restarted = True
        assert door.get("/property/v1/x").status_code == 200
        assert two_at_once("POST") == [200, 200]

    def test_a_service_that_was_killed_and_came_back_is_used_again(self, gateway, upstream):
        there = upstream()
        door = gateway(property=there)
        assert door.get("/property/v1/x").status_code == 200

        there.stop()
        assert door.get("/property/v1/x").status_code == 503

        there.start()
        assert door.get("/property/v1/x").status_code == 200
        assert door.post("/property/v1/x", content=b"1").status_code == 200

    def test_a_post_after_a_restart_does_not_meet_a_dead_connection(self, gateway, upstream):
        there = upstream()
        door = gateway(property=there)
        door.get("/property/v1/x")

        there.drop_connections()
        time.sleep(0.1)

        assert door.post("/property/v1/x", content=b"1").status_code == 200

    def test_a_connection_that_was_idle_for_long_is_not_used(self, gateway, upstream):
        there = upstream()
        door = gateway(property=there, settings={"idle_connection": 0.1})
        door.get("/property/v1/x")

        time.sleep(0.2)
        door.get("/property/v1/x")

        assert [seen.connection for seen in there.seen] == [1, 2]


def test_one_service_that_is_down_does_not_touch_the_others(gateway, upstream, dead_address):
    door = gateway(property=dead_address, credit=upstream())

    assert door.get("/property/v1/x").status_code == 503
    assert door.get("/credit/v1/x").status_code == 200


def test_a_service_that_answers_close_is_not_asked_on_that_connection_again(gateway, upstream):
    there = upstream(always(reply(200, b"ok", ("Connection", "close"))))
    door = gateway(property=there)

    assert [door.get("/property/v1/x").content for _ in range(2)] == [b"ok", b"ok"]
    assert there.connections == 2
