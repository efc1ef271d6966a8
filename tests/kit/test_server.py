"""The HTTP server of every process, byte for byte: what stands behind a body, what never comes, what stands twice."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request

from kit import cli
from kit.settings import ServerSettings
from kit.web.server import Protocol, Server, config
from tests.kit.notebook.app import service

CHUNKED = ("Host: a.test", "Transfer-Encoding: chunked")


async def echo(scope, receive, send):
    """Answer with the headers and the body that came, or at once to whoever asks for that."""
    if scope["type"] == "lifespan":
        for word in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{word}.complete"})
        return
    request = Request(scope, receive)
    try:
        body = b"" if scope["path"] == "/at-once" else await request.body()
    except ClientDisconnect:
        return
    told = {"headers": [[name.decode(), value.decode()] for name, value in scope["headers"]]}
    answer = json.dumps(told | {"body": body.decode()}).encode()
    headers = [(b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@pytest.mark.parametrize("told", ["{folder}/notify", "{folder}/notify@1", "@{folder}"])
def test_a_server_tells_systemd_when_it_listens_and_not_before(tmp_path, monkeypatch, told):
    told = told.format(folder=tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + told[1:] if told.startswith("@") else told)
        systemd.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", told)
        server = Server(config(echo, ServerSettings()))
        listening = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        assert systemd.recv(100) == b"READY=1"
        assert server.started
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that waits a tenth of a second for the next byte of a body."""
    settings = ServerSettings(read_timeout=0.1)
    server = uvicorn.Server(config(echo, settings))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


@contextmanager
def sent(port: int, *lines: str, body: bytes = b"") -> Iterator[socket.socket]:
    """A connection on which these lines and this body were sent in one piece."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        yield connection


def answer_to(port: int, *lines: str, body: bytes = b"") -> tuple[bytes, dict]:
    """The head and the JSON body of what is answered."""
    with sent(port, *lines, body=body) as connection:
        return answered(connection)


def answered(connection: socket.socket) -> tuple[bytes, dict]:
    head, _, body = connection.recv(10_000).partition(b"\r\n\r\n")
    return head, json.loads(body)


def refused(port: int, *lines: str, body: bytes = b"") -> str:
    """The type of the problem, after which the connection is closed."""
    with sent(port, *lines, body=body) as connection:
        head, problem = answered(connection)
        assert connection.recv(1) == b""
    assert b"application/problem+json" in head
    assert head.startswith(b"HTTP/1.1 %d " % problem["status"])
    return problem["type"].removeprefix("urn:dongsheng:problem:")


@pytest.mark.parametrize(
    "trailer", ["Authorization: Bearer x", "Host: other", "If-Match: *", "Idempotency-Key: k", "X-Any: 1"]
)
def test_a_trailer_never_becomes_a_header(port, trailer):
    body = b"2\r\nhi\r\n0\r\n" + trailer.encode() + b"\r\n\r\n"

    _, told = answer_to(port, "POST / HTTP/1.1", *CHUNKED, body=body)

    assert told == {"headers": [["host", "a.test"], ["transfer-encoding", "chunked"]], "body": "hi"}


def test_the_request_after_one_with_trailers_has_its_own_headers(port):
    with sent(port, "POST / HTTP/1.1", *CHUNKED, body=b"0\r\nX-Left: over\r\n\r\n") as connection:
        answered(connection)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: b.test\r\n\r\n")
        assert answered(connection)[1]["headers"] == [["host", "b.test"]]


@pytest.mark.parametrize(
    ("framing", "part"),
    [
        ("Content-Length: 1000", b""),
        ("Content-Length: 1000", b"five!"),
        ("Transfer-Encoding: chunked", b"5\r\nfive!\r\n"),
        ("Transfer-Encoding: chunked", b"0\r\nX-Trailer: wi"),
    ],
)
def test_a_body_that_stalls_is_given_up(port, framing, part):
    assert refused(port, "POST / HTTP/1.1", "Host: a", framing, body=part) == "body-too-slow"


def test_a_body_that_moves_may_take_its_time(port):
    with sent(port, "POST / HTTP/1.1", "Host: a", "Content-Length: 6") as connection:
        for _ in range(6):
            threading.Event().wait(0.04)
            connection.sendall(b"x")
        assert answered(connection)[1]["body"] == "xxxxxx"


def test_a_body_that_nobody_waits_for_does_not_keep_the_connection(port):
    with sent(port, "POST /at-once HTTP/1.1", "Host: a", "Content-Length: 1000") as connection:
        assert answered(connection)[0].startswith(b"HTTP/1.1 200")
        assert connection.recv(1) == b""


def test_a_connection_that_rests_between_requests_is_kept(port):
    with sent(port, "POST / HTTP/1.1", "Host: a", "Content-Length: 2", body=b"hi") as connection:
        answered(connection)
        threading.Event().wait(0.2)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answered(connection)[0].startswith(b"HTTP/1.1 200")


def test_a_request_without_a_host_is_refused(port):
    assert refused(port, "GET / HTTP/1.1") == "no-host"
    assert refused(port, "GET / HTTP/1.1", "X-Host: a") == "no-host"


def test_the_older_http_needs_no_host(port):
    assert answer_to(port, "GET / HTTP/1.0")[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("name", ["Host", "Authorization", "Content-Type", "Idempotency-Key"])
@pytest.mark.parametrize("second", ["a", "b"])
def test_a_header_that_says_one_thing_may_not_stand_twice(port, name, second):
    lines = ("Host: h", f"{name}: a", f"{name.lower()}: {second}")
    assert refused(port, "GET / HTTP/1.1", *lines) == "header-repeated"


def test_a_header_that_is_a_list_may_stand_twice(port):
    _, told = answer_to(port, "GET / HTTP/1.1", "Host: h", 'If-Match: "1"', 'If-Match: "2"')
    assert told["headers"][1:] == [["if-match", '"1"'], ["if-match", '"2"']]


def test_what_is_no_http_is_refused(port):
    assert refused(port, "GET /a b HTTP/1.1", "Host: h") == "not-http"


def test_services_are_served_by_it(monkeypatch, notebook):
    served = []
    monkeypatch.setattr("kit.web.server.run", served.append)
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    cli.serve(service, notebook.app.state.settings, with_worker=False)
    [made] = served
    assert (made.http, made.body_patience) == (Protocol, 60)


def test_a_server_that_is_to_end_answers_for_a_while_yet_and_closes_behind_each_answer():
    settings = ServerSettings(drain=1.5)
    server = Server(config(echo, settings))
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    with sent(port, "GET / HTTP/1.1", "Host: a.test") as kept:
        head, _ = answered(kept)
        assert b"connection: close" not in head
        server.should_exit = True
        time.sleep(0.4)
        kept.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        head, told = answered(kept)
        assert (b"connection: close" in head, told["body"], kept.recv(1)) == (True, "", b"")
    head, _ = answer_to(port, "GET / HTTP/1.1", "Host: a.test")
    assert b"connection: close" in head, "a new caller is answered too"
    thread.join(10)
    assert not thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
