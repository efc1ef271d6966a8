"""The common lists give every request, and every pattern, once and in order, whatever arrives or changes meanwhile."""

import asyncio
import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.merged_lists import PATTERNS, REQUESTS, Asked, Place, encode, read
from gateway.services import Reply
from gateway.upstream import Request
from kit.web.problems import Invalid, Unavailable
from tests.gateway.services import NINE, Shelf

NAMES = ("property", "credit", "emergency")


class Shelves:
    """Services without sockets: shelves that answer, or are down."""

    def __init__(self) -> None:
        self.shelves = {name: Shelf(name, name[0].upper()) for name in NAMES}
        self.pools = self.shelves
        self.down: set[str] = set()

    async def ask(self, service: str, request: Request, _patience: float) -> Reply:
        if service in self.down:
            raise Unavailable("service-down", service)
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}
        limit, cursor = int(query.pop("limit")), query.pop("cursor", None)
        list_of = self.shelves[service].list_of(urlsplit(request.target).path)
        return Reply(200, [], json.dumps(list_of(limit, cursor, **query)).encode())

    def take(self, name: str, minute: int) -> dict:
        return self.shelves[name].take(NINE + timedelta(minutes=minute))


def pages(shelves, limit, between=lambda page: None, listing=REQUESTS, **filters):
    """All pages of the list; `between` runs after each."""
    cursor = None
    while True:
        merged = asyncio.run(read(shelves, Asked(listing, filters, limit, []), cursor))
        yield merged
        between(merged)
        if (cursor := merged.next) is None:
            return


arrivals = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 12)), max_size=40)


@settings(deadline=None)
@given(rows=arrivals, limit=st.integers(1, 7))
def test_every_request_is_listed_once_the_newest_first(rows, limit):
    shelves = Shelves()
    taken = [shelves.take(name, minute)["number"] for name, minute in rows]

    listed = [item for page in pages(shelves, limit) for item in page.items]

    assert sorted(item["number"] for item in listed) == sorted(taken)
    times = [item["received_at"] for item in listed]
    assert times == sorted(times, reverse=True)


@settings(deadline=None)
@given(rows=arrivals, later=arrivals, limit=st.integers(1, 7))
def test_what_arrives_meanwhile_makes_nothing_appear_twice_or_go_missing(rows, later, limit):
    shelves = Shelves()
    taken = [shelves.take(name, minute)["number"] for name, minute in rows]
    waiting = list(later)

    def arrive(_):
        for name, minute in waiting[:3]:
            shelves.take(name, minute)
        del waiting[:3]

    listed = [item["number"] for page in pages(shelves, limit, arrive) for item in page.items]

    assert len(listed) == len(set(listed))
    assert set(taken) <= set(listed)


@settings(deadline=None)
@given(rows=arrivals, limit=st.integers(1, 7), data=st.data())
def test_requests_that_leave_the_list_take_no_others_with_them(rows, limit, data):
    """One that was given out changes its state, so that the filter no longer fits it."""
    shelves = Shelves()
    # No two at the same moment: only then does time alone say what comes next.
    distinct = {minute: name for name, minute in rows}
    taken = [shelves.take(name, minute) for minute, name in distinct.items()]

    def change(page):
        for item in page.items:
            if data.draw(st.booleans()):
                (row,) = (row for row in taken if row["number"] == item["number"])
                row["state"] = "accepted"

    listed = [
        item["number"] for page in pages(shelves, limit, change, state="received") for item in page.items
    ]

    assert sorted(listed) == sorted(row["number"] for row in taken)


@settings(deadline=None)
@given(rows=arrivals, limit=st.integers(1, 7), data=st.data())
def test_a_service_that_comes_and_goes_loses_nothing_and_repeats_nothing(rows, limit, data):
    shelves = Shelves()
    taken = [shelves.take(name, minute)["number"] for name, minute in rows]
    listed: list[str] = []
    cursor = None
    for _ in range(len(rows) * 2 + 2):
        shelves.down = data.draw(st.sets(st.sampled_from(NAMES), max_size=2))
        merged = asyncio.run(read(shelves, Asked(REQUESTS, {}, limit, []), cursor))
        assert set(merged.unavailable) <= shelves.down
        listed += [item["number"] for item in merged.items]
        cursor = merged.next
        if cursor is None:
            left = set(merged.unavailable)
            break
    else:
        left = set(NAMES)

    assert len(listed) == len(set(listed))
    letters = {name[0].upper() for name in left}
    assert {number for number in taken if number[3] not in letters} <= set(listed)


@settings(deadline=None)
@given(rows=arrivals, later=arrivals, limit=st.integers(1, 7))
def test_every_pattern_is_listed_once_the_newest_first_whatever_is_noticed_meanwhile(rows, later, limit):
    shelves = Shelves()

    def notice(name, minute):
        return shelves.shelves[name].notice(NINE + timedelta(minutes=minute))["id"]

    noticed = [notice(name, minute) for name, minute in rows]
    waiting = list(later)

    def arrive(_):
        for name, minute in waiting[:3]:
            shelves.take(name, minute)
            notice(name, minute)
        del waiting[:3]

    listed = [item for page in pages(shelves, limit, arrive, PATTERNS) for item in page.items]

    ids = [item["id"] for item in listed]
    assert len(ids) == len(set(ids))
    assert set(noticed) <= set(ids)
    before = [item["noticed_at"] for item in listed if item["id"] in noticed]
    assert before == sorted(before, reverse=True)


def counted(shelves):
    """What shelves are asked for from now on: the lengths of pages."""
    asked, original = [], shelves.ask

    async def counting(service, request, patience):
        asked.append(int(parse_qs(urlsplit(request.target).query)["limit"][0]))
        return await original(service, request, patience)

    shelves.ask = counting
    return asked


def test_many_that_arrived_meanwhile_are_passed_over_by_long_pages():
    shelves = Shelves()
    for minute in range(2):
        shelves.take("property", minute)
    [first, *_] = pages(shelves, 1)
    for minute in range(600):
        shelves.take("property", minute + 10)
    asked = counted(shelves)
    [following] = asyncio.run(read(shelves, Asked(REQUESTS, {}, 1, []), first.next)).items
    assert following["received_at"] == NINE.isoformat()
    assert len(asked) < 10


def test_an_invented_place_is_not_looked_for_through_a_whole_list():
    shelves = Shelves()
    for minute in range(4100):
        shelves.take("property", minute)
    places = {name: Place(None, "X", "0001-01-01T00:00:00+00:00") for name in NAMES}
    invented = encode(places, Asked(REQUESTS, {}, 1, []).mark)
    asked = counted(shelves)
    with pytest.raises(Invalid) as refused:
        asyncio.run(read(shelves, Asked(REQUESTS, {}, 1, []), invented))
    assert refused.value.slug == "bad-cursor"
    assert len(asked) < 30


def refused(shelves, cursor, listing=REQUESTS, **filters):
    """The refusal of a cursor, before any service is asked."""
    asked = counted(shelves)
    with pytest.raises(Invalid) as refusal:
        asyncio.run(read(shelves, Asked(listing, filters, 1, []), cursor))
    assert asked == []
    return refusal.value.slug


def test_a_cursor_goes_on_with_the_list_of_its_own_filters_only():
    shelves = Shelves()
    for minute in range(3):
        shelves.take("property", minute)
    [first, *_] = pages(shelves, 1)
    assert asyncio.run(read(shelves, Asked(REQUESTS, {}, 2, []), first.next)).items
    assert refused(shelves, first.next, street="甲") == "bad-cursor"


@pytest.mark.parametrize(("listing", "other"), [(REQUESTS, PATTERNS), (PATTERNS, REQUESTS)])
def test_a_cursor_goes_on_with_its_own_list_only(listing, other):
    shelves = Shelves()
    for minute in range(3):
        shelves.take("property", minute)
        shelves.shelves["property"].notice(NINE + timedelta(minutes=minute))
    [first, *_] = pages(shelves, 1, listing=listing)
    assert asyncio.run(read(shelves, Asked(listing, {}, 2, []), first.next)).items
    assert refused(shelves, first.next, other) == "bad-cursor"


@pytest.mark.parametrize("services", [{"a": 1}, {}, [], None, 1])
def test_what_is_no_cursor_of_the_common_list_is_refused(services):
    written = base64.urlsafe_b64encode(json.dumps(services).encode()).decode().rstrip("=")
    assert refused(Shelves(), written) == "bad-cursor"


def test_a_cursor_with_a_service_that_is_not_there_is_refused():
    assert refused(Shelves(), encode({"nowhere": Place()}, Asked(REQUESTS, {}, 1, []).mark)) == "bad-cursor"


def test_a_page_asks_each_service_no_more_than_it_must():
    shelves = Shelves()
    for minute in range(40):
        for name in NAMES:
            shelves.take(name, minute)
    asked = counted(shelves)
    for page, _ in enumerate(pages(shelves, 6), 1):
        assert len(asked) <= 2 * len(NAMES), f"page {page}"
        asked.clear()
