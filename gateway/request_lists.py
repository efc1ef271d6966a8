"""Citizens' requests of all services as one list, the newest first, page by page.

Each service gives its own list by pages with cursors that only it understands. How far the common list has
been given out is therefore a place in each of them, and the common cursor is these places together.
"""

import asyncio
import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from gateway.services import Fields, Reply, Services, bad_answer
from gateway.upstream import Request
from kit.web.pages import bad_cursor
from kit.web.problems import Invalid, Problem

_PATIENCE = 10.0
#: How long pages are on which the last request given is looked for after the first, and how many may be turned for it.
_SOUGHT_AT_A_TIME, _MOST_TURNED = 200, 20

Item = dict[str, Any]
#: A request and the cursor of the page that it stands on.
Entry = tuple[Item, str | None]
#: Where the common cursor keeps the mark of its filters; no service has this name.
_MARK = "?"
#: How many more than its share of a page a service is asked for at first: few would have to be asked twice for less.
_SPARE = 5


@dataclass(frozen=True)
class Place:
    """How far a service's list has been given out: the cursor of a page and the last request given of that page."""

    page: str | None = None
    number: str | None = None
    at: str | None = None
    done: bool = False


@dataclass(frozen=True)
class Asked:
    """What a caller asks of every service: which requests, how many, and with which header fields."""

    filters: Mapping[str, str]
    limit: int
    headers: Fields


@dataclass(frozen=True)
class Merged:
    """A page of the common list; `refusal` is a service's answer to a request that is the caller's fault."""

    items: list[Item]
    next: str | None
    unavailable: list[str]
    refusal: Reply | None = None


@dataclass
class _Read:
    """What a service still has, as far as it has been read.

    page: the cursor of what comes next; seeking: the place has not been found yet; wanted: so many requests are enough;
    entries: requests with the cursors of their pages; ended: there are no more after them.
    """

    page: str | None
    seeking: bool
    wanted: int
    entries: list[Entry] = field(default_factory=list)
    ended: bool = False


class _Refusal(Exception):
    def __init__(self, reply: Reply) -> None:
        self.reply = reply


async def read(services: Services, asked: Asked, cursor: str | None) -> Merged:
    """The next requests of all services, as many as are asked for; those that do not answer are named and left for later.

    Raises: Invalid for a cursor that is not ours or was made with other filters, or whose requests have moved too far since.
    """
    places = decode(cursor, list(services.pools), asked.filters)
    left = [name for name, place in places.items() if not place.done]
    share = min(asked.limit, asked.limit // max(1, len(left)) + _SPARE)
    reads = {name: _Read(places[name].page, places[name].number is not None, share) for name in left}
    unavailable: list[str] = []
    short = left
    # A service of which all that was read is given may have more that comes before others': it is read on.
    while short:
        found = await asyncio.gather(
            *(_read_on(services, name, places[name], asked, reads[name]) for name in short),
            return_exceptions=True,
        )
        for name, result in zip(short, found, strict=True):
            if isinstance(result, _Refusal):
                return Merged([], None, [], result.reply)
            if isinstance(result, Problem) and not isinstance(result, Invalid):
                unavailable.append(name)
                del reads[name]
            elif isinstance(result, BaseException):
                raise result
        given = _newest(reads, asked.limit)
        short = [name for name, read in reads.items() if not read.ended and _all_given(name, read, given)]
        for name in short:
            reads[name].wanted += asked.limit
    return _merge(places, reads, unavailable, asked)


def _newest(reads: dict[str, _Read], limit: int) -> list[tuple[str, Item, str | None]]:
    every = [(name, item, page) for name, read in reads.items() for item, page in read.entries]
    # Sorting is stable: requests of the same moment keep the order that their service gave them.
    every.sort(key=lambda entry: _instant(entry[1]), reverse=True)
    return every[:limit]


def _all_given(name: str, read: _Read, given: list[tuple[str, Item, str | None]]) -> bool:
    return sum(1 for entry in given if entry[0] == name) == len(read.entries)


def _merge(places: dict[str, Place], reads: dict[str, _Read], unavailable: list[str], asked: Asked) -> Merged:
    given = _newest(reads, asked.limit)
    after = dict(places)
    for name, item, page in given:
        after[name] = Place(page, item["number"], item["received_at"])
    for name, read in reads.items():
        if read.ended and _all_given(name, read, given):
            after[name] = Place(done=True)
    ended = all(after[name].done for name in reads)
    return Merged(
        [item for _, item, _ in given], None if ended else encode(after, asked.filters), unavailable
    )


async def _read_on(services: Services, name: str, place: Place, asked: Asked, read: _Read) -> None:
    """Read a service's list until there are `read.wanted` requests after the place, or all that there are.

    Raises: Invalid where the place is nowhere near its page: whoever invents one must not have a whole list read.
    """
    turned = 0
    while not read.ended and (read.seeking or len(read.entries) < read.wanted):
        if read.seeking and turned > _MOST_TURNED:
            raise bad_cursor()
        size = min(asked.limit, read.wanted - len(read.entries))
        if read.seeking:
            size = max(asked.limit, _SOUGHT_AT_A_TIME) if turned else asked.limit
        body = await _page(services, name, replace(asked, limit=size), read.page)
        read.entries += [(item, read.page) for item in body["items"]]
        read.page, turned = body["next"], turned + 1
        read.ended = read.page is None
        if read.seeking:
            read.entries, read.seeking = _after(read.entries, place, ended=read.ended)


def _after(entries: list[Entry], place: Place, *, ended: bool) -> tuple[list[Entry], bool]:
    """What comes after the request that was given last, and whether it is still to be looked for.

    It may have moved on to a later page, as others arrived before it. Or it has left the list, as a filter no
    longer fits it: then time decides, and others of its very moment may be given twice rather than not at all.
    """
    numbers = [item["number"] for item, _ in entries]
    if place.number in numbers:
        return entries[numbers.index(place.number) + 1 :], False
    assert place.at is not None
    last = datetime.fromisoformat(place.at)
    if ended or (entries and _instant(entries[-1][0]) < last):
        return [entry for entry in entries if _instant(entry[0]) <= last], False
    return entries, True


async def _page(services: Services, name: str, asked: Asked, page: str | None) -> dict[str, Any]:
    query = urlencode({**asked.filters, "limit": asked.limit} | ({"cursor": page} if page else {}))
    target = f"/{name}/v1/dispatch/requests?{query}"
    reply = await services.ask(name, Request("GET", target, list(asked.headers)), _PATIENCE)
    if reply.status == 404:
        return {"items": [], "next": None}  # a service that takes no requests
    if 400 <= reply.status < 500:
        raise _Refusal(reply)
    if reply.status != 200:
        raise bad_answer(name)
    body: dict[str, Any] = reply.json()
    return body


def _instant(item: Item) -> datetime:
    return datetime.fromisoformat(item["received_at"])


def encode(places: Mapping[str, Place], filters: Mapping[str, str]) -> str:
    """The common cursor, which goes on with the list of these filters only."""
    plain: dict[str, Any] = {_MARK: _mark(filters)} | {
        name: None if place.done else [place.page, place.number, place.at] for name, place in places.items()
    }
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def _mark(filters: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(filters.items())).encode()).hexdigest()[:12]


def decode(cursor: str | None, names: list[str], filters: Mapping[str, str]) -> dict[str, Place]:
    """The places of a common cursor; a service that it does not know is read from the beginning.

    Raises: Invalid for one that is not ours, made with other filters, or of a service that is not there.
    """
    if cursor is None:
        return {name: Place() for name in names}
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if (
            not isinstance(plain, dict)
            or plain.pop(_MARK, None) != _mark(filters)
            or not plain.keys() <= set(names)
        ):
            raise bad_cursor()
        return {name: _place(plain[name]) if name in plain else Place() for name in names}
    except (ValueError, TypeError, KeyError, binascii.Error):
        raise bad_cursor() from None


def _place(plain: list[str | None] | None) -> Place:
    if plain is None:
        return Place(done=True)
    page, number, at = plain
    if any(not isinstance(part, str | None) for part in plain) or (number is None) != (at is None):
        raise ValueError
    if at is not None and datetime.fromisoformat(at).tzinfo is None:
        raise ValueError
    return Place(page, number, at)
