"""Numbers that people read: one after the other, without a gap."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from kit.storage.numbers import next_number

DAY = date(2024, 6, 24)


async def take(context, series, day):
    return await next_number(context.session, series, day)


def test_numbers_follow_one_another_by_series_and_day(notebook):
    taken = [
        notebook.run(take, *series)
        for series in [("E", DAY), ("E", DAY), ("PQ", DAY), ("E", date(2024, 6, 25))]
    ]
    assert taken == ["DS-E-20240624-0001", "DS-E-20240624-0002", "DS-PQ-20240624-0001", "DS-E-20240625-0001"]


def test_a_number_beyond_9999_grows_by_a_digit(notebook):
    notebook.sql("INSERT INTO number_series VALUES ('E', '20240624', 9999)")
    assert notebook.run(take, "E", DAY) == "DS-E-20240624-10000"


def test_takers_at_once_get_different_numbers_without_a_gap(client):
    with ThreadPoolExecutor(8) as threads:
        taken = list(
            threads.map(lambda n: client.post("/notes", json={"text": f"{n}"}).json()["number"], range(40))
        )
    assert sorted(taken) == [f"DS-N-20240624-{n:04d}" for n in range(1, 41)]


def test_a_number_of_a_failed_transaction_is_given_again(notebook):
    async def fail(context):
        assert await take(context, "E", DAY) == "DS-E-20240624-0001"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        notebook.run(fail)
    assert notebook.run(take, "E", DAY) == "DS-E-20240624-0001"
