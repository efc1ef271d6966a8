"""How long an exchange may take, by path and kind of body, from one table."""

import asyncio
import time

import httpx2
import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings
from gateway.timeouts import TABLE, Patience, Row, Timeouts
from tests.gateway.upstreams import reply


def test_the_table_gives_rows_and_files_longer_and_dispatch_shorter():
    table = Timeouts((), silent=60)
    usual = table.on("/property/v1/compounds")
    assert usual.silent == 60
    assert table.on("/property/v1/sync/companies", "application/x-ndjson").whole > usual.whole
    assert table.on("/property/v1/surveys", "multipart/form-data").whole > usual.whole
    assert table.on("/property/v1/surveys", "multipart/form-data").silent > usual.silent
    for path in ("/dispatch/v1/requests", "/property/v1/dispatch/requests/1/accept"):
        assert table.on(path).whole < usual.whole


def test_rows_of_the_deployment_come_first():
    own = (Row(path="/property/v1/*", whole=5), Row(path="/property/v1/slow", whole=50, silent=7))
    table = Timeouts(own, silent=60)
    assert table.on("/property/v1/slow") == Patience(5, 5)
    assert table.on("/credit/v1/x") == Timeouts((), silent=60).on("/credit/v1/x")


def test_the_kind_of_a_body_is_read_without_its_parameters():
    scope = {"path": "/a/v1/x", "headers": [(b"content-type", b"Multipart/Form-Data; boundary=x")]}
    assert Timeouts((), silent=60).of(scope) == Timeouts((), silent=60).on("/a/v1/x", "multipart/form-data")


def test_every_path_has_a_row():
    assert (TABLE[-1].path, TABLE[-1].kind) == ("*", "")


@pytest.mark.parametrize(
    "row", [{"path": "*"}, {"path": "*", "whole": 0}, {"path": "*", "whole": 1, "wole": 1}]
)
def test_a_row_that_cannot_be_meant_is_refused(row):
    with pytest.raises(ValidationError) as refused:
        GatewaySettings(timeouts=(row,))
    assert any(error["loc"][0] == "timeouts" for error in refused.value.errors())


def timeouts(whole):
    return {"timeouts": ({"path": "/property/v1/*", "whole": whole},)}


def test_an_answer_of_a_byte_at_a_time_ends_when_its_time_is_over(gateway, upstream):
    async def trickling(_, __, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    door = gateway(property=upstream(trickling), credit=upstream(), settings=timeouts(0.5))
    began = time.monotonic()
    with pytest.raises(httpx2.RemoteProtocolError):
        door.get("/property/v1/x")
    assert 0.3 < time.monotonic() - began < 3
    assert door.get("/credit/v1/x").status_code == 200


def test_headers_of_a_byte_at_a_time_are_no_answer_in_time(gateway, upstream):
    async def trickling(_, __, writer):
        for letter in b"HTTP/1.1 200 OK\r\n" + b"x-filler: y\r\n" * 1000:
            writer.write(bytes([letter]))
            await writer.drain()
            await asyncio.sleep(0.05)

    door = gateway(property=upstream(trickling), settings=timeouts(0.5))
    began = time.monotonic()
    answer = door.get("/property/v1/x")
    assert (answer.status_code, answer.json()["type"]) == (504, "urn:dongsheng:problem:service-silent")
    assert time.monotonic() - began < 3


def test_a_body_of_a_byte_at_a_time_is_no_request_in_time(gateway, upstream):
    door = gateway(property=upstream(), settings=timeouts(0.5))
    with door.raw("POST /property/v1/x HTTP/1.1", "Content-Length: 1000") as connection:
        connection.settimeout(0.05)
        answer, deadline = b"", time.monotonic() + 5
        while not answer and time.monotonic() < deadline:
            connection.sendall(b"x")
            try:
                answer = connection.recv(2000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408")


def test_what_is_done_in_time_is_not_touched(gateway, upstream):
    async def slow(_, __, writer):
        await asyncio.sleep(0.3)
        writer.write(reply(200, b"ok"))

    assert gateway(property=upstream(slow), settings=timeouts(2)).get("/property/v1/x").content == b"ok"
