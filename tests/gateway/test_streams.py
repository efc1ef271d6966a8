"""Large bodies flow through without being held, and whoever leaves or stalls does not leave work behind."""

import asyncio
import resource
import socket
import threading
import time

import httpx2
import pytest

from tests.gateway.upstreams import always, json_reply, reply

MEGABYTE = 1024 * 1024


def wait_until(condition, seconds=5.0):
    """Wait for something that happens in another thread."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def test_a_large_upload_reaches_the_service_while_it_is_still_being_sent(gateway, upstream):
    first_half = threading.Event()

    async def reading(seen, reader, writer):
        size = await _chunk(reader)
        while size < MEGABYTE:
            size += await _chunk(reader)
        first_half.set()
        while piece := await _chunk(reader):
            size += piece
        writer.write(json_reply({"size": size}))

    door = gateway(property=upstream(reading, read_bodies=False))

    def body():
        for _ in range(16):
            yield b"x" * 65536 * 2
        assert first_half.wait(5), "the gateway held the first half back"
        for _ in range(16):
            yield b"y" * 65536

    assert door.post("/property/v1/files", content=body()).json() == {"size": 3 * MEGABYTE}


async def _chunk(reader):
    size = int(await reader.readline(), 16)
    await reader.readexactly(size)
    await reader.readline()
    return size


def test_a_large_answer_reaches_the_caller_while_it_is_still_being_made(gateway, upstream):
    got_first = threading.Event()

    async def in_two_halves(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await writer.drain()
        assert await asyncio.to_thread(got_first.wait, 5), "the gateway held the first half back"
        writer.write(b"4\r\nlast\r\n0\r\n\r\n")

    door = gateway(property=upstream(in_two_halves))

    with door.http.stream("GET", "/property/v1/export", headers=door.bearer()) as answer:
        pieces = answer.iter_raw()
        assert next(pieces) == b"first"
        got_first.set()
        assert b"".join(pieces) == b"last"


def test_a_body_with_a_length_keeps_it_and_one_without_stays_in_chunks(gateway, upstream):
    there = upstream()
    door = gateway(property=there)
    large = "x" * (300 * 1024)

    door.post("/property/v1/x", content=large)
    door.post("/property/v1/x", content=iter([large.encode()] * 2))
    door.post("/property/v1/x", content=iter([b"small"]))

    known, chunked, small = there.seen
    assert (known.header("content-length"), known.header("transfer-encoding")) == (str(300 * 1024), None)
    assert (chunked.header("content-length"), chunked.header("transfer-encoding")) == (None, "chunked")
    assert (small.header("content-length"), small.header("transfer-encoding")) == ("5", None)
    assert [len(seen.body) for seen in there.seen] == [300 * 1024, 600 * 1024, 5]


def test_bodies_on_one_connection_do_not_run_into_one_another(gateway, upstream):
    there = upstream()
    door = gateway(property=there)

    bodies = ["", "a", "b" * 70_000, "c" * 200_000, "d"]
    echoed = [door.post("/property/v1/x", content=body).json()["body"] for body in bodies]

    assert echoed == bodies
    assert there.connections == 1


def _peak():
    """The most that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_memory_stays_small_while_a_slow_caller_takes_a_large_answer(gateway, upstream, framing):
    sent = 0

    async def endless(_, __, writer):
        nonlocal sent
        if framing == "length":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (200 * MEGABYTE))
        else:
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(200):
            piece = b"x" * MEGABYTE
            writer.write(piece if framing == "length" else b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            sent += 1

    door = gateway(property=upstream(endless))
    before = _peak()

    with door.raw("GET /property/v1/export HTTP/1.1") as connection:
        connection.recv(1000)
        time.sleep(0.5)  # nothing more is taken
        held = _peak() - before

    assert sent < 50
    assert held < 50 * MEGABYTE


def test_a_service_that_takes_nothing_slows_the_caller_down(gateway, upstream):
    async def deaf(_, __, ___):
        await asyncio.sleep(30)

    door = gateway(property=upstream(deaf, read_bodies=False), settings={"max_body_bytes": 1024 * MEGABYTE})
    with door.raw("POST /property/v1/x HTTP/1.1", f"Content-Length: {500 * MEGABYTE}") as connection:
        connection.settimeout(0.5)
        taken = 0
        with pytest.raises(TimeoutError):
            while taken < 500 * MEGABYTE:
                taken += connection.send(b"x" * MEGABYTE)

    assert taken < 50 * MEGABYTE


def test_an_answer_before_the_end_of_the_upload_is_passed_on(gateway, upstream):
    async def impatient(_, reader, writer):
        await reader.readexactly(1000)
        writer.write(reply(409, b"no", ("Connection", "close")))
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.close()

    door = gateway(property=upstream(impatient, read_bodies=False))

    with door.raw(
        "POST /property/v1/x HTTP/1.1", "Content-Length: 1000000", body=b"x" * 200_000
    ) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 409")


def test_a_connection_with_a_half_sent_upload_is_not_used_again(gateway, upstream):
    async def impatient(seen, reader, writer):
        if seen.method == "POST":
            await reader.readexactly(1000)
            writer.write(reply(409, b"no"))
            await writer.drain()
            await asyncio.sleep(30)  # the rest of the upload is never taken
        else:
            writer.write(json_reply({"connection": seen.connection}))

    door = gateway(property=upstream(impatient, read_bodies=False), settings={"read_timeout": 3})

    with door.raw(
        "POST /property/v1/x HTTP/1.1", "Content-Length: 1000000", body=b"x" * 200_000
    ) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 409")
        assert door.get("/property/v1/x").json() == {"connection": 2}


@pytest.mark.parametrize("body", [b"", b"x" * 10])
def test_a_caller_who_leaves_ends_the_work_in_the_service(gateway, upstream, body):
    ended = threading.Event()

    async def long_work(_, reader, __):
        assert await reader.read() == b""  # until the gateway hangs up
        ended.set()

    there = upstream(long_work)
    door = gateway(property=there)

    connection = door.raw("POST /property/v1/x HTTP/1.1", f"Content-Length: {len(body)}", body=body)
    wait_until(lambda: there.seen)
    connection.close()

    assert ended.wait(3)
    assert '/property/v1/**",status="499"' in door.get("/metrics").text


def test_a_caller_who_leaves_during_the_answer_ends_it(gateway, upstream):
    ended = threading.Event()

    async def endless(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"5\r\nhello\r\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            ended.set()
            raise

    door = gateway(property=upstream(endless))

    with door.raw("GET /property/v1/feed HTTP/1.1") as connection:
        assert b"200 OK" in connection.recv(100)

    assert ended.wait(3)


def test_a_caller_who_leaves_during_the_upload_ends_it(gateway, upstream):
    ended = threading.Event()

    async def reading(_, reader, __):
        await reader.read()
        ended.set()

    there = upstream(reading, read_bodies=False)
    door = gateway(property=there)

    with door.raw("POST /property/v1/x HTTP/1.1", "Content-Length: 1000000", body=b"x" * 200_000):
        wait_until(lambda: there.seen)

    assert ended.wait(3)


def test_a_caller_who_leaves_before_a_small_body_has_come_never_reaches_the_service(gateway, upstream):
    there = upstream()
    door = gateway(property=there)

    door.raw("POST /property/v1/x HTTP/1.1", "Content-Length: 10", body=b"half").close()

    wait_until(lambda: 'status="499"' in door.get("/metrics").text)
    assert there.seen == []


@pytest.mark.parametrize("sent", [b"x" * 10, b"x" * 200_000], ids=["small", "large"])
def test_a_caller_that_stalls_within_the_upload_is_told_so(gateway, upstream, sent):
    async def reading(_, reader, __):
        await reader.read()

    door = gateway(property=upstream(reading, read_bodies=False), settings={"read_timeout": 0.3})

    with door.raw("POST /property/v1/x HTTP/1.1", "Content-Length: 1000000", body=sent) as connection:
        answer = connection.recv(2000)

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"urn:dongsheng:problem:body-too-slow" in answer


def test_an_upload_that_grows_too_large_during_the_answer_cuts_it_off(gateway, upstream):
    async def impatient(_, reader, writer):
        await reader.readexactly(1000)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        await writer.drain()
        await reader.read()

    door = gateway(property=upstream(impatient, read_bodies=False), settings={"max_body_bytes": 200_000})

    with door.raw("POST /property/v1/x HTTP/1.1", "Transfer-Encoding: chunked") as connection:
        connection.sendall(b"%x\r\n%b\r\n" % (100_000, b"x" * 100_000))
        answer = b""
        while b"half" not in answer:
            answer += connection.recv(1000)
        connection.sendall(b"%x\r\n%b\r\n" % (150_000, b"x" * 150_000))
        while piece := connection.recv(1000):
            answer += piece

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"half\r\n")


def test_a_service_that_stalls_within_an_answer_cuts_it_off(gateway, upstream):
    async def stalling(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        await asyncio.sleep(30)

    door = gateway(property=upstream(stalling), settings={"read_timeout": 0.3})

    with pytest.raises(httpx2.RemoteProtocolError):
        door.get("/property/v1/x")


def test_a_service_that_breaks_off_cuts_the_answer_off(gateway, upstream):
    async def breaking(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    door = gateway(property=upstream(breaking))

    with pytest.raises(httpx2.RemoteProtocolError):
        door.get("/property/v1/x")


def test_bytes_after_an_answer_are_not_taken_for_the_next_one(gateway, upstream):
    there = upstream(always(reply(200, b"mine") + reply(200, b"somebody else's")))
    door = gateway(property=there)

    answers = [door.get("/property/v1/x").content for _ in range(3)]

    assert answers == [b"mine"] * 3
    assert there.connections == 3


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one(gateway, upstream):
    async def talkative(_, __, writer):
        writer.write(reply(200, b"mine"))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(reply(200, b"somebody else's"))

    there = upstream(talkative)
    door = gateway(property=there)

    assert door.get("/property/v1/x").content == b"mine"
    time.sleep(0.15)
    assert door.get("/property/v1/x").content == b"mine"
    assert there.connections == 2


def test_continue_is_said_only_to_a_caller_who_is_let_in(gateway, upstream):
    there = upstream()
    door = gateway(property=there)
    asking = ("POST /property/v1/x HTTP/1.1", "Expect: 100-continue", "Content-Length: 5")

    with door.raw(*asking) as connection:
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert there.seen[0].header("expect") is None

    with door.raw(*asking, token=False) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 401")


def test_a_kept_connection_serves_many_callers(gateway, upstream):
    there = upstream()
    door = gateway(property=there)

    for _ in range(5):
        with socket.create_connection(("127.0.0.1", door.port)) as connection:
            authorization = door.bearer()["Authorization"]
            connection.sendall(
                f"GET /property/v1/x HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode()
            )
            assert connection.recv(100).startswith(b"HTTP/1.1 200")

    assert there.connections == 1
