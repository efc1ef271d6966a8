"""Who is signed in: a cookie's hash in the database, with an end that each act moves and one that nothing moves."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.people.audit import Actor
from console.people.roles import Role, role_of
from console.people.tables import Person, Session
from console.settings import ConsoleSettings

#: How old a note of the last act may become before it is written anew; far below every idle end.
_NOTED: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Browser:
    """Where somebody sits: the address, and what the browser calls itself; outside: whether an identity provider says who."""

    address: str
    agent: str
    outside: bool = False


@dataclass(frozen=True)
class Seat:
    """Somebody who is signed in, on one browser. outside: by an identity provider, to whom our passwords are nothing."""

    key: bytes
    id: UUID
    login: str
    name: str
    role: Role | None
    role_id: str | None
    unit: str | None
    division: str | None
    company: str | None
    to_change: bool
    idle_at: datetime
    ends_at: datetime
    address: str
    outside: bool = False

    @property
    def actor(self) -> Actor:
        """Who it is to the audit."""
        return Actor(str(self.id), self.name, self.unit, self.address)

    @property
    def scopes(self) -> frozenset[str]:
        """What the person may do at the services."""
        return frozenset(self.role.scopes) if self.role and not self.to_change else frozenset()


def key_of(cookie: str) -> bytes:
    """What is kept of a cookie."""
    return hashlib.sha256(cookie.encode()).digest()


async def open_for(
    session: AsyncSession, person: Person, settings: ConsoleSettings, now: datetime, browser: Browser
) -> str:
    """Sign a person in; the new cookie."""
    cookie = secrets.token_urlsafe(32)
    role = role_of(person.role)
    wall = role is not None and role.wall
    idle = timedelta(seconds=settings.wall if wall else settings.idle)
    ends = timedelta(seconds=settings.wall if wall else settings.longest)
    session.add(
        Session(
            key=key_of(cookie),
            person_id=person.id,
            made_at=now,
            seen_at=now,
            idle_at=now + idle,
            ends_at=now + ends,
            address=browser.address,
            agent=browser.agent[:200],
            outside=browser.outside,
        )
    )
    person.signed_in_at = now
    return cookie


async def find(session: AsyncSession, cookie: str, now: datetime) -> Seat | None:
    """Who is signed in by a cookie; None where nobody is any more."""
    query = (
        select(Session, Person)
        .join(Person, Person.id == Session.person_id)
        .where(Session.key == key_of(cookie), Session.idle_at > now, Session.ends_at > now, Person.active)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    kept, person = found
    return Seat(
        key=kept.key,
        id=person.id,
        login=person.login,
        name=person.name,
        role=role_of(person.role),
        role_id=person.role,
        unit=person.unit,
        division=person.division,
        company=person.company,
        to_change=person.to_change and not kept.outside,
        idle_at=kept.idle_at,
        ends_at=kept.ends_at,
        address=kept.address,
        outside=kept.outside,
    )


async def acted(session: AsyncSession, seat: Seat, settings: ConsoleSettings, now: datetime) -> datetime:
    """Note that the person did something; until when the session lasts without another act."""
    until = min(now + timedelta(seconds=settings.idle), seat.ends_at)
    if (seat.role is not None and seat.role.wall) or until - seat.idle_at < _NOTED:
        return seat.idle_at
    await session.execute(update(Session).where(Session.key == seat.key).values(seen_at=now, idle_at=until))
    return until


async def end(session: AsyncSession, key: bytes) -> None:
    """End one session."""
    await session.execute(delete(Session).where(Session.key == key))


async def end_all(session: AsyncSession, person: UUID, *, but: bytes | None = None) -> int:
    """End every session of a person, or every other one; how many there were."""
    query = delete(Session).where(Session.person_id == person)
    ended = await session.execute(
        (query if but is None else query.where(Session.key != but)).returning(Session.key)
    )
    return len(ended.all())


async def of_person(session: AsyncSession, person: UUID, now: datetime) -> list[Session]:
    """A person's sessions, the newest first."""
    query = select(Session).where(Session.person_id == person, Session.idle_at > now, Session.ends_at > now)
    return list(await session.scalars(query.order_by(Session.made_at.desc())))


async def how_many(session: AsyncSession, now: datetime) -> dict[UUID, int]:
    """How many sessions each person has."""
    query = select(Session.person_id, func.count()).where(Session.idle_at > now, Session.ends_at > now)
    rows = await session.execute(query.group_by(Session.person_id))
    return {row[0]: row[1] for row in rows}


async def forget_ended(session: AsyncSession, now: datetime) -> None:
    """Remove sessions that have ended by themselves."""
    await session.execute(delete(Session).where((Session.idle_at < now) | (Session.ends_at < now)))
