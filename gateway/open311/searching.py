"""Which requests Open311 asks for, and where they are: in the services, read newest first by pages."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from starlette.datastructures import QueryParams

from gateway.dispatch import Dispatch
from gateway.matters import Catalogue
from gateway.merged_lists import REQUESTS, Asked, Merged, read
from gateway.open311.forms import codes, wrong
from gateway.open311.shapes import Json, status
from gateway.services import Fields, Reply, down
from gateway.upstream import Request as Question
from kit.web.problems import FieldError, Invalid, Malformed, NotFound, Unavailable

#: The bounds of the specification: days of a search, and requests that it gives.
_DAYS, _MOST = timedelta(days=90), 1000
#: Pages that one search may turn, and their length; more is asked for by narrower times.
_MOST_PAGES, _PAGE = 60, 200
#: Requests of which the updates are given at once where no page is asked for, and those that are read at a time.
_MOST_CHANGED, _READ_TOGETHER = 5000, 50
_MOST_IDS, _MOST_CODES, _AT_ONCE = 100, 20, 8
#: Digits of a number that are read.
_MOST_DIGITS = 12


class Refused(Exception):
    """A service's own answer, which is the caller's."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True)
class Search:
    """What is asked for: by numbers, or by times, codes and states."""

    numbers: tuple[str, ...]
    codes: tuple[str, ...]
    since: datetime
    until: datetime
    updated_after: datetime | None
    updated_before: datetime | None
    statuses: frozenset[str]
    page: int
    page_size: int

    @classmethod
    def of(cls, given: QueryParams, now: datetime) -> "Search":
        """Raises: Malformed."""
        since, until = window(given, "start_date", "end_date", now)
        statuses = frozenset(codes(given.get("status")))
        if not statuses <= {"open", "closed"}:
            raise wrong("status", "只可填 open 或 closed。")
        numbers, wanted = codes(given.get("service_request_id")), codes(given.get("service_code"))
        if len(numbers) > _MOST_IDS:
            raise wrong("service_request_id", f"一次最多 {_MOST_IDS} 个，请分几次查询。")
        if len(wanted) > _MOST_CODES:
            raise wrong("service_code", f"一次最多 {_MOST_CODES} 个，请分几次查询。")
        return cls(
            tuple(dict.fromkeys(numbers)),
            tuple(dict.fromkeys(wanted)),
            since,
            until,
            moment(given, "updated_after"),
            moment(given, "updated_before"),
            statuses,
            _count(given, "page", 1, 1_000_000),
            _count(given, "page_size", _MOST, _MOST),
        )

    def fits(self, row: Json) -> bool:
        """Whether a request that a service listed is asked for."""
        if self.statuses and status(row) not in self.statuses:
            return False
        return self.updated_before is None or datetime.fromisoformat(row["updated_at"]) <= self.updated_before

    def filters(self) -> dict[str, str]:
        """The same as the services' lists understand it."""
        found = {"received_since": self.since, "received_before": self.until + timedelta(seconds=1)}
        if self.updated_after is not None:
            found["updated_since"] = self.updated_after
        return {name: at.isoformat() for name, at in found.items()}


@dataclass(frozen=True)
class Reader:
    """Reads requests for one caller, in whose name the services are asked.

    source: of what the caller itself handed in; None for who has no key.
    """

    dispatching: Dispatch
    headers: Fields
    source: str | None

    async def found(self, search: Search) -> list[Json]:
        """The requests of a search, the newest first. Raises: Malformed; Unavailable; Refused."""
        if search.numbers:
            return await self.by_numbers(search.numbers)
        catalogue = await self.dispatching.matters.catalogue()
        for code in search.codes:
            await self._must_be_known(code, catalogue)
        filters = search.filters()
        each = [filters | {"matter": code} for code in search.codes] or [filters]
        enough = min(search.page * search.page_size, _MOST)
        rows: list[Json] = []
        for one in each:
            rows += await self._first(enough, one, search)
        rows.sort(key=lambda row: datetime.fromisoformat(row["received_at"]), reverse=True)
        begin = (search.page - 1) * search.page_size
        return rows[:enough][begin : begin + search.page_size]

    async def changed(self, since: datetime, until: datetime, turn: slice | None) -> AsyncIterator[Json]:
        """The requests with their steps that may have changed between two times, few in memory at once.

        turn: which of them, the newest first; None for all. What changes meanwhile may come in two turns, never in none.

        Raises: Malformed for too many at once; Unavailable; Refused.
        """
        filters = {
            "updated_since": since.isoformat(),
            "received_before": (until + timedelta(seconds=1)).isoformat(),
        }
        enough = _MOST_CHANGED + 1 if turn is None else turn.stop
        numbers: list[str] = []
        async for row in self._listed(filters):
            numbers.append(row["number"])
            if len(numbers) == enough:
                break
        if turn is not None:
            numbers = numbers[turn]
        elif len(numbers) > _MOST_CHANGED:
            raise too_much(f"此后办理过的诉求超过 {_MOST_CHANGED} 件")
        for begin in range(0, len(numbers), _READ_TOGETHER):
            for row in await self.by_numbers(numbers[begin : begin + _READ_TOGETHER]):
                yield row

    async def by_numbers(self, numbers: Iterable[str]) -> list[Json]:
        """Those of the requests that there are. Raises: Unavailable; Refused."""
        catalogue = await self.dispatching.matters.catalogue()
        known = [
            number
            for number in numbers
            if catalogue.unknown or any(number.startswith(each["prefix"]) for each in catalogue.all())
        ]
        busy = asyncio.Semaphore(_AT_ONCE)

        async def one(number: str) -> Json | None:
            async with busy:
                return await self.one(catalogue, number)

        found = await asyncio.gather(*(one(number) for number in known))
        return [row for row in found if row is not None and self._may_show(row)]

    async def one(self, catalogue: Catalogue, number: str) -> Json | None:
        """A request with its steps; None where there is none. Raises: NotFound; Unavailable; Refused."""
        owner = catalogue.owner_of_number(number)
        target = f"/{owner}/v1/dispatch/requests/{quote(number, safe='')}"
        question = Question("GET", target, list(self.headers))
        reply = await self.dispatching.services.ask(owner, question, self.dispatching.patience)
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise Refused(reply)
        row: Json = reply.json()
        return row

    def _may_show(self, row: Json) -> bool:
        """Whether a request is the caller's to see: a secret one for who handed it in, as platforms publish what they read."""
        return not row.get("secret") or (self.source is not None and row["source"] == self.source)

    async def _must_be_known(self, code: str, catalogue: Catalogue) -> None:
        """Refuse what is nobody's matter and never was: requests of one that was given up are found by it still."""
        if all(each["code"] != code for each in catalogue.all()):
            merged = await self._page({"matter": code}, 1, None)
            if not merged.items:
                matter_of(catalogue, code)

    async def _first(self, enough: int, filters: dict[str, str], search: Search) -> list[Json]:
        rows: list[Json] = []
        async for row in self._listed(filters):
            if search.fits(row):
                rows.append(row)
                if len(rows) == enough:
                    break
        return rows

    async def _listed(self, filters: dict[str, str]) -> AsyncIterator[Json]:
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            merged = await self._page(filters, _PAGE, cursor)
            for row in filter(self._may_show, merged.items):
                yield row
            cursor = merged.next
            if cursor is None:
                return
        raise wrong("start_date, end_date", "范围内的诉求太多，请缩短时间或指定 service_code 后重试。")

    async def _page(self, filters: dict[str, str], limit: int, cursor: str | None) -> Merged:
        """A page of all services. Raises: Refused; Unavailable where one that may have more is away."""
        merged = await read(self.dispatching.services, Asked(REQUESTS, filters, limit, self.headers), cursor)
        if merged.refusal is not None:
            raise Refused(merged.refusal)
        _refuse_gaps(merged.unavailable, filters.get("matter"), await self.dispatching.matters.catalogue())
        return merged


def _refuse_gaps(unavailable: Sequence[str], matter: str | None, catalogue: Catalogue) -> None:
    """Refuse to answer without the requests of a service that is away: nobody who reads by times would find them later."""
    missing = set(unavailable)
    if matter is not None and matter in {each["code"] for each in catalogue.all()}:
        missing &= {catalogue.owner(matter)}
    if missing:
        raise _away(missing)


def matter_of(catalogue: Catalogue, code: str) -> Json:
    """The matter that a service_code means. Raises: NotFound, as the specification has it; Unavailable."""
    try:
        catalogue.owner(code)
    except Invalid:
        reason = f"没有 {code}，请从 services 中选择。"
        error = FieldError(pointer="service_code", reason=reason)
        raise NotFound("unknown-service-code", f"service_code：{reason}", errors=[error]) from None
    return next(each for each in catalogue.all() if each["code"] == code)


def all_matters(catalogue: Catalogue) -> list[Json]:
    """Every matter. Raises: Unavailable where some are not known: who keeps the list would strike them out."""
    if catalogue.unknown:
        raise _away(catalogue.unknown)
    return catalogue.all()


def _away(names: Iterable[str]) -> Unavailable:
    missing = sorted(names)
    return down(*missing, unavailable=missing)


def window(given: QueryParams, begin: str, end: str, now: datetime) -> tuple[datetime, datetime]:
    """The times between which to look: 90 days at most, and the last 90 where none is given. Raises: Malformed."""
    since, until = moment(given, begin), moment(given, end)
    if since is None and until is None:
        since, until = now - _DAYS, now
    elif since is None:
        assert until is not None
        since = until - _DAYS
    elif until is None:
        until = since + _DAYS
    if until < since:
        raise wrong(end, f"不应早于 {begin}。")
    if until - since > _DAYS:
        raise wrong(f"{begin}, {end}", "相隔不应超过 90 天，请分几次查询。")
    return since, until


def too_much(why: str) -> Malformed:
    """The problem of updates that are too many, or take too long, for one answer."""
    return wrong("start_date", f"{why}，请缩短时间，或用 page 和 page_size 分页。")


def turn_of(given: QueryParams) -> slice | None:
    """Which requests' updates a page asks for; None where no page is asked for. Raises: Malformed."""
    if not (given.get("page", "").strip() or given.get("page_size", "").strip()):
        return None
    page, size = _count(given, "page", 1, 1_000_000), _count(given, "page_size", _MOST, _MOST)
    return slice((page - 1) * size, page * size)


def moment(given: QueryParams, name: str) -> datetime | None:
    """A time with its offset, None where none is given. Raises: Malformed."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        # A plus sign that was not escaped arrives as a blank.
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise _no_time(name) from None
    if found.tzinfo is None or not 1900 <= found.year <= 2200:
        raise _no_time(name)
    return found.astimezone(UTC)


def _no_time(name: str) -> Malformed:
    return wrong(name, "应为带时区的时间，例如 2024-06-24T09:30:00+08:00。")


def _count(given: QueryParams, name: str, otherwise: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return otherwise
    if len(text) > _MOST_DIGITS or not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
        raise wrong(name, f"应为 1 到 {most} 的整数。")
    return int(text)
