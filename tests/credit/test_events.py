"""Companies come under evaluation by what the property service tells, through the signed endpoint."""

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.storage.db import new_id
from kit.testing import Running
from tests.credit.property_events import CODE, at, entry, listings, send, told

OTHER_SECRET = "whsec_" + base64.b64encode(b"o" * 32).decode()


@pytest.fixture
def company() -> UUID:
    return new_id()


def written(credit: Running) -> list[int]:
    """How much stands in the tables that a delivery may write to."""
    tables = ("companies", "events", "audit", "received_events")
    return [credit.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


# ------------------------------------------------------------------------------------------- what is taken in
@pytest.mark.clause("P-2.3.2b")
def test_every_company_that_property_registers_is_under_evaluation(credit):
    companies = [new_id() for _ in range(3)]
    for number, company in enumerate(companies):
        assert send(credit, told(company, f"第{number}物业（虚构）")).status_code == 204
    items = credit.client().get("/companies").json()["items"]
    assert [item["id"] for item in items] == [str(company) for company in companies]


def test_a_listing_is_told_to_others_and_audited_in_the_sender_s_name(credit, company):
    send(credit, told(company))
    [change] = credit.client().changes(1)
    assert (change["type"], change["subject"]) == ("credit.company.listed", str(company))
    assert change["data"] == {"company": str(company), "name": "甲物业（虚构）", "uscc": CODE}
    assert credit.sql("SELECT client, action, subject FROM audit") == [
        ("property", "credit.company.listed", str(company))
    ]


@pytest.mark.clause("P-2.3.2b")
def test_a_company_that_property_takes_back_leaves_the_evaluation_and_an_older_word_does_not_bring_it_back(
    credit, company
):
    send(credit, told(company))
    gone = told(company, kind="withdrawn", time=at(10))
    gone["data"] |= {"into": None, "reason": "名称录入有误"}
    assert send(credit, gone).status_code == 204
    assert credit.client().get("/companies").json()["items"] == []
    assert [each["subject"] for each in credit.client().told("credit.company.left")] == [str(company)]
    assert send(credit, told(company, kind="changed", time=at(9))).status_code == 204
    assert credit.client().get("/companies").json()["items"] == []


def test_a_company_without_a_code_is_under_evaluation_too(credit, company):
    assert send(credit, told(company, uscc=None)).status_code == 204
    assert entry(credit, company) == ("甲物业（虚构）", None)


def test_a_correction_changes_the_entry_and_lists_nothing_anew(credit, company):
    send(credit, told(company, "乙物业（虚构）", None))
    credit.clock.advance(hours=1)
    send(credit, told(company, kind="changed", time=at(9)))
    found = credit.client().get(f"/companies/{company}").json()
    assert (found["name"], found["uscc"]) == ("甲物业（虚构）", CODE)
    assert (found["listed_at"], found["told_at"]) == (
        "2024-06-24T09:30:00+08:00",
        "2024-06-24T09:00:00+08:00",
    )
    assert listings(credit, company) == 1
    assert credit.sql("SELECT action FROM audit ORDER BY id") == [
        ("credit.company.listed",),
        ("credit.company.updated",),
    ]


def test_two_companies_may_bear_one_code_while_corrections_are_under_way(credit, company):
    other = new_id()
    send(credit, told(other))
    assert send(credit, told(company)).status_code == 204
    assert entry(credit, company) == entry(credit, other)


# ---------------------------------------------------------------------------------------- repeated, late, tied
def test_a_repeated_delivery_changes_nothing(credit, company):
    event = told(company)
    send(credit, event)
    before = written(credit)
    assert send(credit, event).status_code == 204
    assert written(credit) == before


def test_a_registration_that_comes_after_its_correction_changes_nothing(credit, company):
    send(credit, told(company, "新名称（虚构）", kind="changed", time=at(9)))
    assert send(credit, told(company, "旧名称（虚构）", None, time=at(8))).status_code == 204
    assert entry(credit, company) == ("新名称（虚构）", CODE)
    assert listings(credit, company) == 1


def test_of_two_events_of_the_same_time_the_later_one_counts(credit, company):
    first, second = (told(company, name, time=at(8)) for name in ("先（虚构）", "后（虚构）"))
    send(credit, second)
    send(credit, first)
    assert entry(credit, company) == ("后（虚构）", CODE)


def test_whatever_order_events_come_in_the_newest_counts(credit):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(8, 11), min_size=1, max_size=4), st.randoms())
    def law(hours, chance):
        company = new_id()
        events = [told(company, f"{number}", time=at(hour)) for number, hour in enumerate(hours)]
        deliveries = events + chance.choices(events, k=2)
        chance.shuffle(deliveries)
        for event in deliveries:
            assert send(credit, event).status_code == 204
        newest = max(events, key=lambda event: (event["time"], event["id"]))
        assert entry(credit, company) == (newest["data"]["name"], CODE)
        assert listings(credit, company) == 1

    law()


# ---------------------------------------------------------------------------------------------- at the same time
@contextmanager
def companies_held(credit: Running) -> Iterator[psycopg.Connection]:
    """Nobody else writes to the companies until the block ends."""
    with psycopg.connect(credit.url.replace("+psycopg", "")) as holder:
        holder.execute("LOCK TABLE companies IN SHARE MODE")
        yield holder


def wait_for_waiting(credit: Running, number: int) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 10
    while credit.sql(query)[0][0] < number:
        assert time.monotonic() < deadline, "the deliveries never met"
        time.sleep(0.01)


def deliver_at_once(credit: Running, *events) -> list[int]:
    """Statuses of deliveries that all stand in the middle of their transactions before any can end."""
    with ThreadPoolExecutor(len(events)) as threads:
        with companies_held(credit):
            answers = []
            for number, event in enumerate(events, 1):
                answers.append(threads.submit(send, credit, event))
                wait_for_waiting(credit, number)
        return [answer.result().status_code for answer in answers]


def test_one_event_delivered_twice_at_once_is_taken_in_once(credit, company):
    event = told(company)
    assert deliver_at_once(credit, event, event) == [204, 204]
    assert written(credit) == [1, 1, 1, 1]


@pytest.mark.parametrize("older_first", [True, False])
def test_of_two_events_delivered_at_once_the_newer_counts(credit, company, older_first):
    events = [told(company, "旧（虚构）"), told(company, "新（虚构）", kind="changed", time=at(9))]
    assert deliver_at_once(credit, *(events if older_first else reversed(events))) == [204, 204]
    assert entry(credit, company) == ("新（虚构）", CODE)
    assert listings(credit, company) == 1


# ------------------------------------------------------------------------------------------------ what is refused
@pytest.mark.parametrize(
    ("forged", "delivery"),
    [
        pytest.param({}, {"secret": OTHER_SECRET}, id="another secret"),
        pytest.param({}, {"age": 6 * 60}, id="an old signature"),
        pytest.param({}, {"age": -6 * 60}, id="a signature of the future"),
        pytest.param({"source": "/office"}, {}, id="in another service's name"),
    ],
)
def test_a_delivery_that_property_did_not_sign_is_refused(credit, company, forged, delivery):
    answer = send(credit, told(company, **forged), **delivery)
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:dongsheng:problem:bad-signature"
    assert written(credit) == [0, 0, 0, 0]


def test_an_unsigned_delivery_is_refused_even_with_a_token(credit, company):
    assert credit.client().post("/events", json=told(company)).status_code == 401
    assert written(credit) == [0, 0, 0, 0]


def test_an_event_of_another_kind_is_ignored(credit, company):
    assert send(credit, told(company, kind="dissolved")).status_code == 204
    assert written(credit) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"name": "  "}, "/data/name"),
        ({"name": None}, "/data/name"),
        ({"uscc": "91110000"}, "/data/uscc"),
        ({"uscc": CODE.lower()}, "/data/uscc"),
        ({"company": "甲"}, "/data/company"),
    ],
)
def test_an_event_that_does_not_say_what_was_agreed_is_refused_and_can_come_again(
    credit, company, wrong, pointer
):
    event = told(company)
    answer = send(credit, event | {"data": event["data"] | wrong})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert written(credit) == [0, 0, 0, 0]
    assert send(credit, event).status_code == 204
    assert written(credit) == [1, 1, 1, 1]


def test_an_event_that_leaves_the_code_out_is_refused_rather_than_taken_for_none(credit, company):
    answer = send(credit, told(company, data={"company": str(company), "name": "甲物业（虚构）"}))
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/data/uscc"]


def test_an_event_whose_id_is_no_uuid_is_refused(credit, company):
    answer = send(credit, told(company, id="17"))
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/id"]


def test_a_name_that_no_text_column_holds_is_an_answer(credit, company):
    assert send(credit, told(company, "甲\x00物业")).status_code == 422
    assert written(credit) == [0, 0, 0, 0]
