"""Facts that happened, told to other systems: recorded in the transaction that makes them true."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from types import new_class
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from kit import spans
from kit.personal.masking import within
from kit.storage.db import new_id
from kit.storage.pending import as_json, pending

#: What the types of an exercise's events begin with.
EXERCISE = "exercise."


class Event(BaseModel, json_schema_serialization_defaults_required=True):
    """A fact in the past tense: `class CompanyRegistered(Event, type="…", title="物业企业登记")`.

    A subclass without a type of its own is nothing but the base of others.
    """

    type: ClassVar[str] = ""

    def __init_subclass__(cls, *, type: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.type = type


Kind = TypeVar("Kind", bound=Event)


@cache
def exercised(kind: type[Kind]) -> type[Kind]:
    """The type of event that stands for this one in an exercise; nobody gets it who does not ask for it."""
    return new_class(f"Exercise{kind.__name__}", (kind,), {"type": EXERCISE + kind.type})


def types_of(service: str) -> set[str]:
    """Every type of event that a service tells of, an exercise's too."""
    real = {kind.type for kind in kinds_of(service)}
    return real | {EXERCISE + type for type in real}


def kinds_of(service: str) -> list[type[Event]]:
    """Every kind of event that a service tells of, by type; an exercise's stand for these."""
    told = {
        kind for kind in _kinds_below(Event) if kind.type.split(".")[0] in (service, "dispatch", "webhook")
    }
    return sorted(told, key=lambda kind: kind.type)


def _kinds_below(kind: type[Event]) -> Iterator[type[Event]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds_below(each)


def tell(
    session: AsyncSession, event: Event, subject: str, now: datetime, concerns: str | None = None
) -> None:
    """Leave an event behind when the transaction commits; it tells nobody a person's number.

    concerns: the client that handed in what it is about.
    """
    data = as_json(within(event.model_dump(mode="json")))
    trace = spans.current() or None
    pending(session).events.append((new_id(), event.type, subject, now, data, concerns, trace))
