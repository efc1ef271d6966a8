"""What goes through the gateway arrives as it was sent, and comes back as it was answered."""

import asyncio
import gzip
import json
import socket
from contextlib import suppress

import pytest

from tests.gateway.upstreams import Upstream, always, json_reply, reply


def test_method_path_query_and_body_arrive_as_they_were_sent(gateway, upstream):
    there = upstream()
    door = gateway(property=there)

    answer = door.request(
        "PATCH", "/property/v1/compounds/%E5%A4%A9%2F1?a=1&a=%E9%AA%84&b=x+y", content='{"名":"天骄"}'
    )

    assert answer.status_code == 200
    assert there.seen[0].method == "PATCH"
    assert there.seen[0].target == "/property/v1/compounds/%E5%A4%A9%2F1?a=1&a=%E9%AA%84&b=x+y"
    assert there.seen[0].body.decode() == '{"名":"天骄"}'


def test_a_base_address_may_have_a_path(gateway, upstream):
    there = upstream()
    door = gateway(property=there.address + "/inner/")

    door.get("/property/v1/x?y=1")

    assert there.seen[0].target == "/inner/property/v1/x?y=1"


def test_each_service_gets_its_own_requests(gateway, upstream):
    property_, credit = upstream(), upstream()
    door = gateway(property=property_, credit=credit)

    door.get("/property/v1/a")
    door.get("/credit/v1/b")

    assert [seen.target for seen in property_.seen] == ["/property/v1/a"]
    assert [seen.target for seen in credit.seen] == ["/credit/v1/b"]


@pytest.mark.parametrize("path", ["/unknown/v1/x", "/property/v2/x", "/property", "/%70roperty/v1/x"])
def test_a_path_of_no_service_is_not_found(gateway, upstream, path):
    there = upstream()

    answer = gateway(property=there).get(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:dongsheng:problem:no-such-path"
    assert there.seen == []


def test_status_headers_and_body_come_back_as_they_were_answered(gateway, upstream):
    there = upstream(always(reply(418, b"\x00\xff tea", ("ETag", '"7"'), ("Link", "<a>"), ("Link", "<b>"))))

    answer = gateway(property=there).get("/property/v1/tea")

    assert answer.status_code == 418
    assert answer.content == b"\x00\xff tea"
    assert answer.headers["etag"] == '"7"'
    assert answer.headers.get_list("link") == ["<a>", "<b>"]


def test_a_problem_of_a_service_is_passed_on_untouched(gateway, upstream):
    problem = {
        "type": "urn:dongsheng:problem:unknown-street",
        "title": "内容有误",
        "status": 422,
        "basis": [],
    }
    body = json.dumps(problem, ensure_ascii=False).encode()
    there = upstream(always(reply(422, body, kind="application/problem+json")))

    answer = gateway(property=there).post("/property/v1/surveys", content=b"x")

    assert (answer.status_code, answer.content) == (422, body)
    assert answer.headers["content-type"] == "application/problem+json"


def test_compressed_bytes_stay_compressed(gateway, upstream):
    packed = gzip.compress("天骄".encode() * 1000)
    there = upstream(always(reply(200, packed, ("Content-Encoding", "gzip"))))
    door = gateway(property=there)

    with door.http.stream("GET", "/property/v1/x", headers=door.bearer()) as answer:
        assert b"".join(answer.iter_raw()) == packed
    assert there.seen[0].header("accept-encoding") == answer.request.headers["accept-encoding"]


def test_redirects_are_passed_on_and_not_followed(gateway, upstream):
    there = upstream(always(reply(307, b"", ("Location", "/property/v1/there"))))

    answer = gateway(property=there).get("/property/v1/here")

    assert (answer.status_code, answer.headers["location"]) == (307, "/property/v1/there")
    assert len(there.seen) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_end_and_leave_the_connection_in_use(gateway, upstream, method, status):
    there = upstream(always(f'HTTP/1.1 {status} X\r\netag: "1"\r\n\r\n'.encode()))
    door = gateway(property=there)

    answers = [door.request(method, "/property/v1/x") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status] * 3
    assert answers[0].headers["etag"] == '"1"'
    assert there.connections == 1


def test_not_modified_with_the_length_of_what_it_stands_for_has_no_body(gateway, upstream):
    there = upstream(always(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 1194\r\n\r\n"))

    assert gateway(property=there).get("/property/v1/x").content == b""


def test_head_says_the_length_and_sends_no_body(gateway, upstream):
    there = upstream(always(b"HTTP/1.1 200 OK\r\ncontent-length: 1194\r\n\r\n"))
    door = gateway(property=there)

    answers = [door.request("HEAD", "/property/v1/x") for _ in range(3)]

    assert {answer.headers["content-length"] for answer in answers} == {"1194"}
    assert answers[0].content == b""
    assert there.connections == 1


def test_options_goes_to_the_service(gateway, upstream):
    there = upstream(always(reply(200, b"", ("Allow", "GET, POST"))))

    assert gateway(property=there).request("OPTIONS", "/property/v1/x").headers["allow"] == "GET, POST"


def test_interim_answers_are_skipped(gateway, upstream):
    there = upstream(
        always(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + reply(201, b"made", ("X-Late", "1")))
    )

    answer = gateway(property=there).get("/property/v1/x")

    assert (answer.status_code, answer.content, answer.headers["x-late"]) == (201, b"made", "1")
    assert "link" not in answer.headers


def test_an_answer_without_a_length_ends_with_its_connection(gateway, upstream):
    async def until_closed(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nfirst")
        await asyncio.sleep(0.05)
        writer.write(b" last")
        writer.close()

    answer = gateway(property=upstream(until_closed)).get("/property/v1/x")

    assert answer.content == b"first last"


def test_a_chunked_answer_with_trailers_comes_back_whole(gateway, upstream):
    there = upstream(
        always(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n"
            b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-sum: 1\r\n\r\n"
        )
    )
    door = gateway(property=there)

    answers = [door.get("/property/v1/x") for _ in range(2)]

    assert {answer.content for answer in answers} == {b"hello world"}
    assert "x-sum" not in answers[0].headers
    assert there.connections == 1


def test_a_websocket_is_refused_clearly(gateway, upstream):
    there = upstream()

    answer = gateway(property=there).get(
        "/property/v1/feed", headers={"Connection": "Upgrade", "Upgrade": "websocket"}
    )

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:dongsheng:problem:no-websocket"
    assert there.seen == []


@pytest.mark.parametrize("path", ["/property/v1/x", "/auth/v1/token"])
def test_a_body_behind_an_upgrade_is_refused_rather_than_lost(gateway, upstream, path):
    there = upstream()

    answer = gateway(property=there).post(
        path,
        content=b"hello",
        headers={"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"},
    )

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:dongsheng:problem:no-upgrade"
    assert answer.headers["connection"] == "close"
    assert there.seen == []


@pytest.mark.parametrize("address", ["/property/v1/a b", "/property/v1/x?street=天骄街道"])
def test_what_is_no_http_is_answered_with_a_problem_that_says_how_to_write_it(gateway, upstream, address):
    there = upstream()
    door = gateway(property=there)

    with door.raw(f"GET {address} HTTP/1.1") as connection:
        head, _, body = connection.recv(2000).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in head
    assert json.loads(body)["type"] == "urn:dongsheng:problem:not-http"
    assert "百分号编码" in json.loads(body)["detail"]
    assert there.seen == []


def test_headers_without_end_are_refused(gateway, upstream):
    door = gateway(property=upstream())

    with door.raw("GET /property/v1/x HTTP/1.1") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        connection.recv(4000)
        with suppress(ConnectionError):  # it may hang up on us before we have sent it all
            connection.sendall(b"GET /property/v1/x HTTP/1.1\r\nx-long: " + b"x" * 200_000)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_whoever_connects_and_says_nothing_is_let_go(gateway, upstream, monkeypatch):
    monkeypatch.setattr("kit.web.server._HEAD_PATIENCE", 0.1)
    door = gateway(property=upstream())

    for said in (b"", b"GET /property/v1/x HTTP/1.1\r\nx-slow: "):
        with socket.create_connection(("127.0.0.1", door.port), timeout=3) as connection:
            connection.sendall(said)
            assert connection.recv(100) == b""


def test_a_coding_that_would_be_lost_is_refused(gateway, upstream):
    there = upstream()

    with gateway(property=there).raw(
        "POST /property/v1/x HTTP/1.1", "Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"
    ) as connection:
        answer = connection.recv(2000)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"unknown-coding" in answer
    assert there.seen == []


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Content-Length: +5",),
        ("Content-Length : 5",),
        ("X: a\x00b",),
    ],
)
def test_requests_that_two_servers_could_read_differently_are_refused(gateway, upstream, headers):
    there = upstream()

    with gateway(property=there).raw(
        "POST /property/v1/x HTTP/1.1", *headers, body=b"0\r\n\r\nGET /property/v1/smuggled HTTP/1.1\r\n\r\n"
    ) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 400")

    assert there.seen == []


def test_many_requests_at_once_do_not_get_mixed_up(gateway, upstream):
    async def slow_echo(seen, _, writer):
        await asyncio.sleep(0.01)
        writer.write(json_reply({"target": seen.target}))

    there: Upstream = upstream(slow_echo)
    door = gateway(property=there, settings={"connections": 8})

    async def ask_all():
        import httpx2

        async with httpx2.AsyncClient(base_url=door.address, headers=door.bearer()) as client:
            return await asyncio.gather(*(client.get(f"/property/v1/{number}") for number in range(200)))

    answers = asyncio.run(ask_all())

    assert [answer.json()["target"] for answer in answers] == [f"/property/v1/{n}" for n in range(200)]
    assert there.connections <= 8
