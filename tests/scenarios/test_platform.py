"""The smart-property platform's rows through the gateway: taken as they come, and whole batches outlive their service."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest

from kit.web.streams import BATCH_ROWS
from tests.property.platform import NDJSON, company, hash_of, ndjson
from tests.scenarios.district import District
from tests.scenarios.door import eventually

pytestmark = pytest.mark.processes

SYNC = "/property/v1/sync"


def batch(number: int) -> bytes:
    """As many lines as are merged together, all of one company: few rows for a long body."""
    return ndjson(company(number)) * BATCH_ROWS


@pytest.fixture
def platform(district: District) -> Iterator[httpx2.Client]:
    with district.client("smart-platform") as client:
        yield client


def send(platform: httpx2.Client, body: Iterator[bytes]) -> httpx2.Response:
    """A body in chunks, whose length nobody knows beforehand."""
    return platform.put(f"{SYNC}/companies", content=body, headers=NDJSON)


def progress(platform: httpx2.Client) -> dict[str, Any]:
    """The newest receipt's state and counts."""
    answer = platform.get(f"{SYNC}/receipts")
    newest = answer.json()["items"][0] if answer.status_code == 200 else {}
    return {name: newest.get(name) for name in ("state", "accepted", "unchanged", "rejected")}


def digest(platform: httpx2.Client) -> tuple[int, int]:
    """How many companies' rows there are, and their hash as a number."""
    items = platform.get(f"{SYNC}/companies/digest").json()["items"]
    return (items[0]["rows"], int(items[0]["hash"], 16)) if items else (0, 0)


@pytest.mark.clause("P-2.2.6")
def test_rows_are_merged_while_the_rest_of_their_body_is_not_even_sent(district, platform):
    first = {"state": "running", "accepted": 1, "unchanged": BATCH_ROWS - 1, "rejected": 0}

    def body() -> Iterator[bytes]:
        yield batch(901)
        with district.client("smart-platform") as beside:
            assert eventually(lambda: progress(beside) == first, 10)
        yield ndjson(company(902)) + b'{"key": "C-903"'  # cut in the middle

    receipt = send(platform, body()).json()
    assert (receipt["state"], receipt["accepted"], receipt["rejected"]) == ("done", 2, 1)
    assert receipt["rejections"][0]["line"] == BATCH_ROWS + 2


@pytest.mark.clause("P-2.2.6")
def test_a_service_that_is_killed_in_the_middle_keeps_whole_batches_and_takes_all_again_to_the_same_digest(
    district, platform
):
    whole = [batch(911), ndjson(company(912))]
    merged = {"state": "running", "accepted": 1, "unchanged": BATCH_ROWS - 1, "rejected": 0}
    rows, hashed = digest(platform)

    def broken_off() -> Iterator[bytes]:
        yield whole[0] + whole[1][:-10]
        with district.client("smart-platform") as beside:
            assert eventually(lambda: progress(beside) == merged, 10)
        os.kill(district.pid("property"), signal.SIGKILL)
        yield whole[1][-10:]

    with suppress(httpx2.TransportError):
        assert send(platform, broken_off()).status_code >= 500
    assert eventually(lambda: progress(platform)["state"], 20)
    assert progress(platform) == merged
    assert digest(platform) == (rows + 1, (hashed + hash_of(company(911))) % 2**60)

    again = send(platform, iter(whole)).json()
    assert (again["state"], again["accepted"], again["unchanged"]) == ("done", 1, BATCH_ROWS)
    assert digest(platform) == (rows + 2, (hashed + hash_of(company(911), company(912))) % 2**60)
