"""Bad input of a synchronisation: the line and the reason are told, whole batches stay, nothing is half written."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.web import streams
from services.property.sync.rows import parse
from tests.property.platform import NDJSON, company, compound, counts, gone, ndjson, platform, put

#: What JSON holds, and what some take for it; in place of a value, or beside them.
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_NAMES = st.sampled_from(["key", "source_version", "deleted", "name", "uscc"]) | st.text(max_size=5)
_ODD = st.dictionaries(_NAMES, _VALUES).map(lambda fields: json.dumps(company(1) | fields).encode())
_NESTED = st.tuples(
    st.sampled_from([b"[", b'{"deleted":', b'{"key": "C-1", "x": [']), st.integers(1, 5000)
).map(lambda given: given[0] * given[1])


@pytest.fixture
def sends(running):
    return platform(running)


@pytest.mark.clause("P-2.2.6")
@pytest.mark.parametrize(
    ("kind", "line", "reason"),
    [
        ("companies", b'{"key": "C-1", "source_v', "不是完整的 JSON"),
        ("companies", b"[1, 2]", "不是完整的 JSON"),
        ("companies", b"\xff\xfe", "不是完整的 JSON"),
        ("companies", b'{"key": "C-1", "name": "' + b"x" * 10 * 1024**2 + b'"}', "超过 64 KB"),
        ("companies", company(1, uscc="91110000600037341A"), "/uscc 统一社会信用代码不对"),
        ("companies", company(1, name=""), "/name"),
        ("companies", company(1, -1), "/source_version"),
        ("companies", company(1) | {"source_version": "1"}, "/source_version"),
        ("companies", {"key": "C-1", "name": "甲物业（虚构）"}, "/source_version"),
        ("companies", company(1, unknown=1), "/unknown"),
        ("companies", company(1, name="甲\u0000物业"), "/name"),
        ("companies", b'{"key": "C-1", "source_version": 1, "name": "\\ud800"}', ""),
        ("companies", b'{"key": "C-1", "source_version": 1, "name": "\xe7\x94\xb2\xe7"}', "不是完整的 JSON"),
        ("companies", company(1, key="C-\0"), "/key"),
        ("companies", company(1, **{"\0": 1}), "没有这一项"),
        ("companies", {"key": "C-1", "deleted": True}, "/source_version"),
        ("companies", gone("C-\0", 1), "/key"),
        ("companies", b'{"deleted": ' + b"[" * 30_000, "不是完整的 JSON"),
        ("compounds", compound(1, street="无此街道"), "/street"),
        ("compounds", compound(1, area="-1"), "/area"),
        ("compounds", compound(1, area=nan), "/area 应当是有限的数字"),
        ("compounds", compound(1, area=-inf), "/area 应当是有限的数字"),
        ("compounds", compound(1, area="Infinity"), "/area 应当是有限的数字"),
        ("compounds", compound(1, households=-1), "/households"),
        ("compounds", compound(1, households=inf), "/households"),
        ("contracts", company(1), "/compound"),
    ],
)
def test_a_bad_line_is_answered_with_its_number_and_reason_and_does_not_stop_the_others(
    sends, kind, line, reason
):
    good = {"companies": company(7), "compounds": compound(7), "contracts": b""}[kind]
    receipt = put(sends, kind, b"", line, good)
    assert counts(receipt) == (1 if good else 0, 0, 0, 1)
    [rejection] = receipt["rejections"]
    assert rejection["line"] == 2
    assert reason in rejection["reason"]
    assert receipt == sends.get(f"/sync/receipts/{receipt['id']}").json()


@given(st.one_of(st.binary(max_size=60), _NESTED, _ODD))
def test_whatever_a_line_holds_it_is_a_row_or_is_told_with_its_number(line):
    found = parse("companies", [(3, line)])
    assert [row[0] for row in found.rows.values()] + [each.line for each in found.rejected] == [3]
    assert b"\0" not in found.copied()
    assert not any("\0" in f"{each.key}{each.reason}" for each in found.rejected)


def test_one_key_twice_with_another_content_of_the_same_version_is_refused_now_and_later(sends):
    other = company(1, name="另一内容物业（虚构）")
    receipt = put(sends, "companies", company(1), other, company(1, 0))
    assert (counts(receipt), receipt["rejections"][0]["line"]) == ((1, 0, 1, 1), 2)
    later = put(sends, "companies", other)
    assert (counts(later), later["rejections"][0]["key"]) == ((0, 0, 0, 1), "C-1")


def test_two_keys_of_one_company_or_compound_are_told_from_one_another(sends):
    receipt = put(sends, "companies", company(1), company(1, key="C-8"))
    assert "第 1 行" in receipt["rejections"][0]["reason"]
    receipt = put(sends, "companies", company(1, key="C-9"), company(2, name="同步1物业（虚构）"))
    assert [each["key"] for each in receipt["rejections"]] == ["C-9", "C-2"]
    put(sends, "compounds", compound(1))
    assert counts(put(sends, "compounds", compound(1, key="X-9"))) == (0, 0, 0, 1)


def test_of_many_bad_lines_all_are_counted_and_the_first_are_listed(sends):
    receipt = put(sends, "companies", *[b"{"] * 700)
    assert (counts(receipt), len(receipt["rejections"])) == ((0, 0, 0, 700), 500)


def _send(client, body: bytes | Iterator[bytes], **headers: str) -> Any:
    return client.put("/sync/companies", content=body, headers=NDJSON | headers)


def test_a_packed_body_is_taken_and_one_that_is_cut_off_leaves_whole_batches(sends, monkeypatch, running):
    monkeypatch.setattr(streams, "BATCH_ROWS", 10)
    packed = gzip.compress(ndjson(*(company(number) for number in range(35))), 0)
    broken = _send(sends, packed[:-20], **{"Content-Encoding": "gzip"})
    assert (broken.status_code, broken.json()["type"]) == (422, "urn:dongsheng:problem:broken-gzip")
    receipt = sends.get(f"/sync/receipts/{broken.json()['receipt']}").json()
    assert (receipt["state"], receipt["accepted"]) == ("broken", 30)
    assert running.sql("SELECT count(*) FROM companies") == [(30,)]
    again = _send(sends, packed, **{"Content-Encoding": "gzip"}).json()
    assert (again["state"], counts(again)) == ("done", (5, 30, 0, 0))
    assert [each["state"] for each in sends.get("/sync/receipts").json()["items"]] == ["done", "broken"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Encoding": "gzip"}, 422),
    ],
)
def test_a_body_of_another_kind_is_refused(sends, headers, status):
    assert _send(sends, ndjson(company(1)), **headers).status_code == status


def test_a_bomb_is_refused_and_a_body_that_others_read_at_once_is_none_of_rows(serve, running):
    small = serve(running.service, max_stream_bytes=100_000)
    bomb = _send(platform(small), gzip.compress(b"\n" * 10**7), **{"Content-Encoding": "gzip"})
    assert (bomb.status_code, bomb.json()["type"]) == (413, "urn:dongsheng:problem:body-too-large")
    refused = running.client().post("/companies", content=b"{}", headers=NDJSON)
    assert refused.status_code == 415


def test_a_body_over_the_limit_is_refused_and_where_its_length_was_not_told_the_receipt_says_why(
    serve, running
):
    small = serve(running.service, max_stream_bytes=3_000)
    body = ndjson(*(company(number) for number in range(60)))
    at_once, in_chunks = (_send(platform(small), sent) for sent in (body, iter([body])))
    for refused in (at_once, in_chunks):
        assert (refused.status_code, refused.json()["type"]) == (413, "urn:dongsheng:problem:body-too-large")
    [receipt] = platform(small).get("/sync/receipts").json()["items"]
    assert receipt["id"] == in_chunks.json()["receipt"]
    assert (receipt["state"], receipt["why"]) == ("broken", in_chunks.json()["detail"])
    assert small.sql("SELECT count(*) FROM companies") == [(0,)]


@pytest.mark.clause("P-2.2.6")
def test_progress_is_seen_and_who_leaves_in_the_middle_leaves_whole_batches_and_may_begin_again(
    running, sends, monkeypatch
):
    monkeypatch.setattr(streams, "BATCH_ROWS", 10)
    body = ndjson(*(company(number) for number in range(25)))
    progress = "SELECT state, accepted FROM sync_receipts"

    async def send_half_and_leave() -> None:
        async def parts() -> AsyncIterator[dict[str, Any]]:
            yield {"type": "http.request", "body": body[:-100], "more_body": True}
            for _ in range(1000):  # the last whole batch is merged while nothing more comes
                if running.sql(progress) == [("running", 20)]:
                    break
                await asyncio.sleep(0.01)
            yield {"type": "http.disconnect"}

        async def nowhere(_: Any) -> None:
            """Nobody is there to be answered."""

        await running.app(_scope(sends), parts().__anext__, nowhere)

    running.call(send_half_and_leave)
    assert running.sql(progress) == [("broken", 20)]
    assert running.sql("SELECT count(*) FROM companies") == [(20,)]
    assert counts(_send(sends, body).json()) == (5, 20, 0, 0)


def _scope(client: Any) -> dict[str, Any]:
    headers = client._headers | NDJSON | {"Transfer-Encoding": "chunked"}
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "PUT",
        "path": "/property/v1/sync/companies",
        "raw_path": b"/property/v1/sync/companies",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }


def test_a_request_whose_process_ended_is_shown_as_broken_after_a_while(running, sends):
    put(sends, "companies", company(1))
    running.sql("UPDATE sync_receipts SET state = 'running'")
    states = []
    for _ in range(2):
        states.append(sends.get("/sync/receipts", params={"kind": "companies"}).json()["items"][0]["state"])
        running.clock.advance(minutes=11)
    assert states == ["running", "broken"]


def test_phone_numbers_in_names_are_masked_and_the_audit_sums_each_batch_up(running, sends):
    put(sends, "companies", company(1, name="甲物业13812345678（虚构）"))
    [named] = running.sql("SELECT name FROM companies")
    assert "13812345678" not in named[0]
    assert running.sql("SELECT action FROM audit ORDER BY id") == [
        ("property.sync.begun",),
        ("property.sync.merged",),
        ("property.sync.ended",),
    ]
