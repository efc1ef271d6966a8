"""A platform of a made-up kind, as unpublished ones are: forms in, HTTP 200 out whatever happened, lists by comma.

Times are local, without zone. Nothing makes a repeated POST harmless, so who tells must have asked first what is there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import httpx2
from pydantic import BaseModel, Field, ValidationError

from adapter.codes import Codes
from adapter.phones import phone_in
from adapter.port import Away, Listed, Order, Refused, Standing, Telling
from kit.district.clock import SHANGHAI

_WRITTEN: Final = "%Y-%m-%d %H:%M:%S"
_PAGE, _MOST_PAGES, _TRIES = 200, 500, 3
#: How long an answer to a citizen may be there.
LONGEST: Final = 1000
#: What an order says of persons; it goes where it is sealed, and nowhere else.
_PERSONAL: Final = frozenset({"LDRXM", "LDDH"})
#: The datum of the platform's map.
_DATUM: Final = "GCJ-02"

_Row = dict[str, Any]
_Read = TypeVar("_Read")


class _Envelope(BaseModel):
    code: str = Field(coerce_numbers_to_str=True)
    data: Any = None


class _Page(BaseModel):
    total: int
    rows: list[_Row]


@dataclass(frozen=True)
class Account:
    """Where the platform is, and by whom it is asked."""

    url: str
    app_id: str
    secret: str


class FormPlatform:
    """The port to such a platform."""

    def __init__(self, http: httpx2.Client, account: Account, codes: Codes) -> None:
        self._http, self._account, self._codes = http, account, codes
        self._token: str | None = None

    # ------------------------------------------------------------------------------ the port
    def orders(self, since: datetime, until: datetime) -> Listed[Order]:
        """The orders that were sent to the district between two moments."""
        return self._list("/order/list", since, until, lambda row: _order(row, self._codes))

    def told(self, number: str) -> Sequence[Telling]:
        """What the platform has been told of an order."""
        try:
            rows = _Page.model_validate(self._ask("/order/replies", GDBH=number)).rows
            return [Telling(self._codes.state(_text(row, "ZT")), _plain(_text(row, "NR"))) for row in rows]
        except ValidationError:
            raise Away("unreadable") from None

    def tell(self, number: str, telling: Telling, at: datetime) -> None:
        """Tell it of an order."""
        kept = self.kept(telling)
        self._ask(
            "/order/reply",
            GDBH=number,
            ZT=self._codes.states[kept.state],
            NR=kept.text,
            SJ=written(at),
        )

    def kept(self, telling: Telling) -> Telling:
        """A telling as the platform gives it back: blanks made one, cut to its length."""
        text = _plain(telling.text)
        return Telling(telling.state, text if len(text) <= LONGEST else text[: LONGEST - 2].rstrip() + "……")

    def standings(self, since: datetime, until: datetime) -> Sequence[Standing]:
        """How each order stands; read again where it changed meanwhile."""
        for _ in range(_TRIES):
            found = self._list("/order/standings", since, until, self._standing)
            if found.whole and not found.unread:
                return found.items
        raise Away("unreadable" if found.unread else "changing")

    # ---------------------------------------------------------------------------- how it asks
    def _standing(self, row: _Row) -> Standing:
        telling = Telling(self._codes.state(_text(row, "ZT")), _plain(_text(row, "DFNR")))
        return Standing(_needed(row, "GDBH"), moment(_needed(row, "PDSJ")), telling)

    def _list(
        self, path: str, since: datetime, until: datetime, read: Callable[[_Row], _Read]
    ) -> Listed[_Read]:
        """Page by page. Rows move to other pages while they are read, so they are counted by number against the total."""
        items: dict[str, _Read] = {}
        unread: dict[str, None] = {}
        total = 0
        for number, page in enumerate(self._pages(path, since, until), start=1):
            total = page.total
            for place, row in enumerate(page.rows, start=1):
                name = _text(row, "GDBH") or f"page {number}, row {place}"
                try:
                    items[name] = read(row)
                except ValueError:
                    unread[name] = None
            if not page.rows or len(items) + len(unread) >= total:
                break
        return Listed(tuple(items.values()), tuple(unread), len(items) + len(unread) >= total)

    def _pages(self, path: str, since: datetime, until: datetime) -> Iterator[_Page]:
        for number in range(1, _MOST_PAGES + 1):
            data = self._ask(
                path,
                startTime=written(since),
                endTime=written(until),
                pageNum=str(number),
                pageSize=str(_PAGE),
            )
            try:
                yield _Page.model_validate(data)
            except ValidationError:
                raise Away("unreadable") from None

    def _ask(self, path: str, **form: str) -> Any:
        """What the platform answers to a form; once more with a new token where it asks for one."""
        if self._token is None:
            self._token = self._log_in()
        answer = self._post(path, form | {"token": self._token})
        if answer.code in self._codes.login:
            self._token = self._log_in()
            answer = self._post(path, form | {"token": self._token})
        if answer.code in self._codes.login:
            self._token = None
        return self._data(answer)

    def _log_in(self) -> str:
        answer = self._post("/token", {"appId": self._account.app_id, "appSecret": self._account.secret})
        if answer.code != self._codes.success:  # nothing that an order could be at fault for
            raise Away(f"login {answer.code}")
        if not isinstance(answer.data, Mapping) or not isinstance(answer.data.get("token"), str):
            raise Away("unreadable")
        return str(answer.data["token"])

    def _data(self, answer: _Envelope) -> Any:
        if answer.code == self._codes.success:
            return answer.data
        if answer.code in self._codes.retry | self._codes.login:
            raise Away(answer.code)
        raise Refused(answer.code)

    def _post(self, path: str, form: Mapping[str, str]) -> _Envelope:
        try:
            answer = self._http.post(self._account.url + path, data=dict(form))
        except httpx2.HTTPError as error:
            raise Away(type(error).__name__) from None
        if answer.status_code != 200:
            raise Away(f"HTTP {answer.status_code}")
        try:
            return _Envelope.model_validate_json(answer.content)
        except ValidationError:  # a page of something on the way
            raise Away("unreadable") from None


def _order(row: _Row, codes: Codes) -> Order:
    """Raises: ValueError where it has no number, no time, or says nothing."""
    said, title = _text(row, "GDNR"), _plain(_text(row, "GDBT"))
    if not (title or said):
        raise ValueError("it says nothing")
    code = _text(row, "SXBM")
    return Order(
        number=_needed(row, "GDBH"),
        at=moment(_needed(row, "PDSJ")),
        summary=title or _plain(said),
        text=said,
        matter=codes.matter(code),
        matter_code=code,
        division=codes.division(_text(row, "SSQH")),
        address=_text(row, "DZ") or None,
        urgency=codes.urgencies.get(_text(row, "JJCD")),
        secret=_text(row, "SFBM") == "1",
        caller=_text(row, "LDRXM") or None,
        phone=phone_in(_text(row, "LDDH")),
        attachments=tuple(filter(None, (each.strip() for each in _text(row, "FJ").split(",")))),
        coordinates=_coordinates(row),
        raw={name: _text(row, name) for name in row if name not in _PERSONAL and _text(row, name)},
    )


def _coordinates(row: _Row) -> dict[str, Any] | None:
    try:
        longitude, latitude = float(_text(row, "JD")), float(_text(row, "WD"))
    except ValueError:
        return None
    return {"longitude": longitude, "latitude": latitude, "datum": _DATUM} if longitude and latitude else None


def _text(row: _Row, name: str) -> str:
    """A field as text; numbers come with and without quotation marks, and what is missing as null or not at all."""
    value = row.get(name)
    return "" if value is None or value == "null" else str(value).replace("\x00", "").strip()


def _needed(row: _Row, name: str) -> str:
    if not (value := _text(row, name)):
        raise ValueError(f"without {name}")
    return value


def _plain(text: str) -> str:
    return " ".join(text.split())


def moment(local: str) -> datetime:
    """A local time without zone as a moment. Raises: ValueError."""
    return datetime.strptime(local, _WRITTEN).replace(tzinfo=SHANGHAI)


def written(at: datetime) -> str:
    """A moment as the platform writes it, in Shanghai and to the second."""
    return at.astimezone(SHANGHAI).strftime(_WRITTEN)
