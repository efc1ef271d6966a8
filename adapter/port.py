"""The port: what a city's 12345 platform and the district tell each other, in the district's words.

Whoever joins another platform writes one class that does what `Platform` says; all else here stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

#: What is told of a request; `received` is what the platform knows by itself.
STATES = ("received", "accepted", "answered", "closed", "declined")

Row = TypeVar("Row")


class Away(Exception):
    """A side gives no answer now, or none that can be read; whether what was asked was done is not known."""


class Refused(Exception):
    """A side says no, and would again. code: its own; fields: pointers to what it does not take."""

    def __init__(self, code: str, fields: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code, self.fields = code, tuple(fields)


@dataclass(frozen=True)
class Order:
    """An order (工单) of the platform. matter: ours, None where its code is on no list; raw: its other fields as they came."""

    number: str
    at: datetime
    summary: str
    text: str = ""
    matter: str | None = None
    matter_code: str = ""
    division: str | None = None
    address: str | None = None
    urgency: str | None = None
    secret: bool = False
    caller: str | None = None
    phone: str | None = None
    attachments: tuple[str, ...] = ()
    coordinates: Mapping[str, Any] | None = None
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Telling:
    """What the platform is told of an order: one of `STATES`, and what its citizen is answered."""

    state: str
    text: str = ""


@dataclass(frozen=True)
class Standing:
    """How an order stands with one side."""

    number: str
    at: datetime
    telling: Telling


@dataclass(frozen=True)
class Listed(Generic[Row]):
    """A list as it was read. unread: what could not be, by number or place; whole: nothing is known to be missing."""

    items: tuple[Row, ...]
    unread: tuple[str, ...] = ()
    whole: bool = True


class Platform(Protocol):
    """A city's platform. Each raises Away and Refused."""

    def orders(self, since: datetime, until: datetime) -> Listed[Order]:
        """The orders that were sent to the district between two moments."""

    def told(self, number: str) -> Sequence[Telling]:
        """What the platform has been told of an order, the last at the end."""

    def tell(self, number: str, telling: Telling, at: datetime) -> None:
        """Tell it of an order. A platform without an idempotency key has it twice when it is told twice."""

    def kept(self, telling: Telling) -> Telling:
        """A telling as the platform gives it back: cut, spaced, in its states. Pure."""

    def standings(self, since: datetime, until: datetime) -> Sequence[Standing]:
        """How each order stands that was sent between two moments; all of them, or Away."""
