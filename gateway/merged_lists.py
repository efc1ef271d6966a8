"""What all services list alike, requests and patterns of them, as one list, the newest first, page by page.

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
from typing import Annotated, Any, Final, Self
from urllib.parse import urlencode

from fastapi import Query
from fastapi import Request as Call
from pydantic_core import to_json
from starlette.responses import Response

from gateway.headers import own_question
from gateway.services import Fields, Reply, Services, bad_answer
from gateway.upstream import Request
from kit.web.pages import bad_cursor
from kit.web.problems import Invalid, Problem

_PATIENCE = 10.0
#: How long pages are on which the last item given is looked for after the first, and how many may be turned for it.
_SOUGHT_AT_A_TIME, _MOST_TURNED = 200, 20

#: What a caller says of pages; services give longer ones.
Limit = Annotated[int, Query(ge=1, le=200, description="每页条数")]
Cursor = Annotated[str | None, Query(description="上一页给出的游标")]
Item = dict[str, Any]
#: An item and the cursor of the page that it stands on.
Entry = tuple[Item, str | None]
#: Where the common cursor keeps the mark of its list and filters; no service has this name.
_MARK = "?"
#: How many more than its share of a page a service is asked for at first: few would have to be asked twice for less.
_SPARE = 5


@dataclass(frozen=True)
class Listing:
    """A list that every service has, below its own path: the field that names an item, and the time that it is in order of."""

    path: str
    key: str
    time: str

    def instant(self, item: Item) -> datetime:
        """When an item came, by which the lists are merged."""
        return datetime.fromisoformat(item[self.time])


REQUESTS: Final = Listing("/dispatch/requests", "number", "received_at")
PATTERNS: Final = Listing("/dispatch/patterns", "id", "noticed_at")


@dataclass(frozen=True)
class Place:
    """How far a service's list has been given out: the cursor of a page and the last item given of that page."""

    page: str | None = None
    key: str | None = None
    at: str | None = None
    done: bool = False


@dataclass(frozen=True)
class Asked:
    """What a caller asks of every service: of which list what, how many, and with which header fields."""

    listing: Listing
    filters: Mapping[str, str]
    limit: int
    headers: Fields

    @classmethod
    def of(cls, listing: Listing, call: Call, limit: int) -> Self:
        """As the address of a call says; what is not the gateway's is the services' to judge."""
        given = call.query_params.multi_items()
        filters = {name: value for name, value in given if name not in ("limit", "cursor")}
        return cls(listing, filters, limit, own_question(call.scope))

    @property
    def mark(self) -> str:
        """What the common cursor knows its list and filters by."""
        plain = json.dumps([self.listing.path, *sorted(self.filters.items())])
        return hashlib.sha256(plain.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Merged:
    """A page of the common list; `refusal` is a service's answer to a request that is the caller's fault."""

    items: list[Item]
    next: str | None
    unavailable: list[str]
    refusal: Reply | None = None

    def answer(self, call: Call) -> Response:
        """The page, with a link to the next."""
        links = {}
        if self.next:
            here = call.url.include_query_params(cursor=self.next)
            links["Link"] = f'<{here.path}?{here.query}>; rel="next"'
        plain = {"items": self.items, "next": self.next, "unavailable": self.unavailable}
        return Response(to_json(plain), headers=links, media_type="application/json")


@dataclass
class _Read:
    """What a service still has, as far as it has been read.

    page: the cursor of what comes next; seeking: the place has not been found yet; wanted: so many items are enough;
    entries: items with the cursors of their pages; ended: there are no more after them.
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
    """The next items of all services, as many as are asked for; those that do not answer are named and left for later.

    Raises: Invalid for a cursor that is not ours, of another list or other filters, or whose items have moved too far since.
    """
    places = decode(cursor, list(services.pools), asked)
    left = [name for name, place in places.items() if not place.done]
    share = min(asked.limit, asked.limit // max(1, len(left)) + _SPARE)
    reads = {name: _Read(places[name].page, places[name].key is not None, share) for name in left}
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
        given = _newest(reads, asked)
        short = [name for name, read in reads.items() if not read.ended and _all_given(name, read, given)]
        for name in short:
            reads[name].wanted += asked.limit
    return _merge(places, reads, unavailable, asked)


def _newest(reads: dict[str, _Read], asked: Asked) -> list[tuple[str, Item, str | None]]:
    every = [(name, item, page) for name, read in reads.items() for item, page in read.entries]
    # Sorting is stable: items of the same moment keep the order that their service gave them.
    every.sort(key=lambda entry: asked.listing.instant(entry[1]), reverse=True)
    return every[: asked.limit]


def _all_given(name: str, read: _Read, given: list[tuple[str, Item, str | None]]) -> bool:
    return sum(1 for entry in given if entry[0] == name) == len(read.entries)


def _merge(places: dict[str, Place], reads: dict[str, _Read], unavailable: list[str], asked: Asked) -> Merged:
    given = _newest(reads, asked)
    after = dict(places)
    for name, item, page in given:
        after[name] = Place(page, item[asked.listing.key], item[asked.listing.time])
    for name, read in reads.items():
        if read.ended and _all_given(name, read, given):
            after[name] = Place(done=True)
    ended = all(after[name].done for name in reads)
    return Merged([item for _, item, _ in given], None if ended else encode(after, asked.mark), unavailable)


async def _read_on(services: Services, name: str, place: Place, asked: Asked, read: _Read) -> None:
    """Read a service's list until there are `read.wanted` items after the place, or all that there are.

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
            read.entries, read.seeking = _after(asked.listing, read.entries, place, ended=read.ended)


def _after(listing: Listing, entries: list[Entry], place: Place, *, ended: bool) -> tuple[list[Entry], bool]:
    """What comes after the item that was given last, and whether it is still to be looked for.

    It may have moved on to a later page, as others arrived before it. Or it has left the list, as a filter no
    longer fits it: then time decides, and others of its very moment may be given twice rather than not at all.
    """
    keys = [item[listing.key] for item, _ in entries]
    if place.key in keys:
        return entries[keys.index(place.key) + 1 :], False
    assert place.at is not None
    last = datetime.fromisoformat(place.at)
    if ended or (entries and listing.instant(entries[-1][0]) < last):
        return [entry for entry in entries if listing.instant(entry[0]) <= last], False
    return entries, True


async def _page(services: Services, name: str, asked: Asked, page: str | None) -> dict[str, Any]:
    query = urlencode({**asked.filters, "limit": asked.limit} | ({"cursor": page} if page else {}))
    target = f"/{name}/v1{asked.listing.path}?{query}"
    reply = await services.ask(name, Request("GET", target, list(asked.headers)), _PATIENCE)
    if reply.status == 404:
        return {"items": [], "next": None}  # a service that has no such list
    if 400 <= reply.status < 500:
        raise _Refusal(reply)
    if reply.status != 200:
        raise bad_answer(name)
    body: dict[str, Any] = reply.json()
    return body


def encode(places: Mapping[str, Place], mark: str) -> str:
    """The common cursor, which goes on with what has this mark only."""
    plain: dict[str, Any] = {_MARK: mark} | {
        name: None if place.done else [place.page, place.key, place.at] for name, place in places.items()
    }
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str | None, names: list[str], asked: Asked) -> dict[str, Place]:
    """The places of a common cursor; a service that it does not know is read from the beginning.

    Raises: Invalid for one that is not ours, of another list or other filters, or of a service that is not there.
    """
    if cursor is None:
        return {name: Place() for name in names}
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if (
            not isinstance(plain, dict)
            or plain.pop(_MARK, None) != asked.mark
            or not plain.keys() <= set(names)
        ):
            raise bad_cursor()
        return {name: _place(plain[name]) if name in plain else Place() for name in names}
    except (ValueError, TypeError, KeyError, binascii.Error):
        raise bad_cursor() from None


def _place(plain: list[str | None] | None) -> Place:
    if plain is None:
        return Place(done=True)
    page, key, at = plain
    if any(not isinstance(part, str | None) for part in plain) or (key is None) != (at is None):
        raise ValueError
    if at is not None and datetime.fromisoformat(at).tzinfo is None:
        raise ValueError
    return Place(page, key, at)
