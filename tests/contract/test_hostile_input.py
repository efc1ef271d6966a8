"""What is sent to do harm, at the door and past it: the right 4xx each, a problem and no trace of the inside, and the service lives on."""

import json
import resource
import socket

import pytest

from tests.contract.documents import service_of

LIST = "/property/v1/companies"
REQUESTS = "/property/v1/dispatch/requests"
JSON = "Content-Type: application/json"
#: Heads that two readers could take for different requests, or that are no HTTP: (lines after Host, body, status).
RAW = {
    "a length and chunks": (["Content-Length: 4", "Transfer-Encoding: chunked"], b"0\r\n\r\nGET /x", 400),
    "two lengths": (["Content-Length: 2", "Content-Length: 3"], b"{}", 400),
    "two lengths in one": (["Content-Length: 2, 3"], b"{}", 400),
    "a length with a sign": (["Content-Length: +2"], b"{}", 400),
    "chunks, twice": (["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], b"0\r\n\r\n", 400),
    "chunks by another name": (["Transfer-Encoding: xchunked"], b"0\r\n\r\n", 400),
    "a chunk of no number": (["Transfer-Encoding: chunked"], b"zz\r\n{}\r\n0\r\n\r\n", 400),
    "a folded header": (["X-Long: a\r\n b"], b"", 400),
    "a header with a NUL": (["X-Any: a\0b"], b"", 400),
    "a header without a name": ([": a"], b"", 400),
    "a space before the colon": (["Content-Length : 2"], b"{}", 400),
    "a second host": (["Host: elsewhere"], b"", 400),
    "a header of 80 kB": (["X-Long: " + "a" * 80_000], b"", 400),
    "9,000 headers": ([f"X-Any-{number}: 1" for number in range(9000)], b"", 400),
}
#: Targets that would lead elsewhere: (target, statuses).
TARGETS = {
    "out of the service": ("/property/v1/../../credit/v1/companies", {404}),
    "out of it, encoded": ("/property/v1/%2e%2e/%2e%2e/credit/v1/companies", {404}),
    "out of it, twice encoded": ("/property/v1/%252e%252e/companies", {404}),
    "a file": ("/property/v1/companies/..%2f..%2f..%2fetc%2fpasswd", {404, 422}),
    "a backslash": ("/property/v1/companies/..\\..\\etc", {400, 404, 422}),
    "overlong UTF-8": ("/property/v1/companies/%c0%ae%c0%ae", {404, 422}),
    "a NUL": ("/property/v1/companies/%00", {404, 422}),
    "a NUL in a parameter": (f"{LIST}?q=%00", {422}),
    "no UTF-8 in a parameter": (f"{LIST}?q=%ff%fe", {200, 422}),
    "SQL": (f"{LIST}?q=%27%3B%20DROP%20TABLE%20companies%3B--", {200}),
    "a format string": (f"{LIST}?q=%25s%25n%7B0.__class__%7D", {200}),
    "a forged cursor": (f"{LIST}?cursor=WyIyMDI0Il0", {422}),
    "a limit beyond numbers": (f"{LIST}?limit={'9' * 5000}", {422}),
}
#: Bodies of a citizen's request: (bytes, statuses).
BODIES = {
    "nested 100,000 deep": (b"[" * 100_000, {400, 422}),
    "nested and whole": (b'{"summary":' * 20_000 + b"1" + b"}" * 20_000, {400, 422}),
    "a number beyond all": (b'{"matter":"x","summary":"x","details":{"a":1e400}}', {422}),
    "a number of 10,000 digits": (b'{"summary":' + b"9" * 10_000 + b"}", {400, 422}),
    "no number": (b'{"summary":NaN}', {400, 422}),
    "a name twice": (b'{"summary":"a","summary":"b"}', {400, 422}),
    "a NUL": (b'{"matter":"x","summary":"a\\u0000b"}', {422}),
    "half a pair": (b'{"matter":"x","summary":"\\ud800"}', {400, 422}),
    "overlong UTF-8": (b'{"matter":"x","summary":"\xc0\xaf"}', {400, 422}),
    "another coding": ('{"summary":"灯"}'.encode("gb18030"), {400, 422}),
    "no JSON but XML": (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', {422}),
    "a text in place of an object": (b'"{}"', {422}),
}  # fmt: skip
#: What would tell of the inside.
INSIDE = ("Traceback", 'File "', "site-packages", "sqlalchemy", "psycopg", "pydantic", "SELECT ", "root:")


@pytest.fixture(params=["at the door", "past the door"])
def place(request, serve, door):
    """(port, head of an authorised request) of the gateway, or of the service itself."""
    running = serve(service_of("property"))
    put = door(running)
    caller = running.client("property:read", "dispatch:write", "dispatch:read", name="hotline")
    port = put.port if request.param == "at the door" else put.ports["property"]
    yield port, f"Host: a.test\r\nAuthorization: {caller._headers['Authorization']}\r\nConnection: close"
    assert running.client().get("/companies").status_code == 200  # it lives on


def answer_to(port: int, data: bytes) -> tuple[int, str]:
    """The status and all the text of an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        told = b""
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                told += part
        except ConnectionError:
            pass  # refused before all was read
    text = told.decode(errors="replace")
    assert text.startswith("HTTP/1.1 "), text
    return int(text[9:12]), text


def is_clean(status: int, text: str) -> bool:
    """Whether a refusal is a problem, and no answer tells of the inside."""
    return not any(word in text for word in INSIDE) and (status < 400 or "application/problem+json" in text)


@pytest.mark.parametrize("what", RAW)
def test_what_two_readers_could_take_for_different_requests_is_refused(place, what):
    port, head = place
    lines, body, expected = RAW[what]
    data = "\r\n".join([f"POST {REQUESTS} HTTP/1.1", head, JSON, *lines, "", ""]).encode() + body

    status, text = answer_to(port, data)

    assert status == expected, text
    assert is_clean(status, text), text
    assert text.count("HTTP/1.1 ") == 1, "what is behind it was taken for a request"


@pytest.mark.parametrize("what", TARGETS)
def test_an_address_leads_nowhere_else(place, what):
    port, head = place
    target, expected = TARGETS[what]

    status, text = answer_to(port, f"GET {target} HTTP/1.1\r\n{head}\r\n\r\n".encode())

    assert status in expected, text
    assert is_clean(status, text), text


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_no_schema_knows_is_refused(place, what):
    port, head = place
    body, expected = BODIES[what]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = f"POST {REQUESTS} HTTP/1.1\r\n{head}\r\n{JSON}\r\nContent-Length: {len(body)}\r\n\r\n"

    status, text = answer_to(port, lines.encode() + body)

    assert status in expected, text
    assert is_clean(status, text), text
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # kB


@pytest.mark.parametrize(
    "header",
    [
        "X-HTTP-Method-Override: DELETE",
        "X-Original-URL: /metrics",
        "X-Forwarded-Host: evil.test",
        "Range: bytes=0-1",
    ],
)
def test_a_header_changes_neither_the_method_nor_the_address_nor_the_part(place, header):
    port, head = place

    status, text = answer_to(port, f"GET {LIST} HTTP/1.1\r\n{head}\r\n{header}\r\n\r\n".encode())

    assert status == 200, text
    assert "evil.test" not in text
    assert json.loads(text.partition("\r\n\r\n")[2])["items"] == []
