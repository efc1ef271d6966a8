"""The audit of what is done to people and their sessions: the kit's chain, in the console's database."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from kit.audit.auditing import BATCH, seal
from kit.logs import log
from kit.personal.masking import within
from kit.storage.tables import AuditRow

#: Seconds between two looks for entries to seal.
_EVERY = 1.0


@dataclass(frozen=True)
class Actor:
    """Who does something, from where: a person who is signed in, or nobody yet."""

    person: str | None = None
    name: str | None = None
    unit: str | None = None
    address: str | None = None


#: The command line of the server, whoever has it.
SYSTEM = Actor(name="系统")


@dataclass(frozen=True)
class Acting:
    """Who does something to accounts, when, and in which transaction."""

    session: AsyncSession
    now: datetime
    actor: Actor

    async def note(self, action: str, subject: str, **details: Any) -> None:
        """Leave an entry in the audit, in the transaction that it tells of; details: JSON values, never a password."""
        if self.actor.address is not None:
            details["address"] = self.actor.address
        await self.session.execute(
            insert(AuditRow).values(
                at=self.now,
                client="console",
                unit=self.actor.unit,
                action=action,
                subject=subject,
                request_id=structlog.contextvars.get_contextvars().get("request_id"),
                details=within(details),
                person=self.actor.person,
                person_name=self.actor.name,
            )
        )


async def newest(session: AsyncSession, before: int | None, count: int) -> list[Any]:
    """The newest entries before an id, the newest first: id, at, person_name, action, subject, details."""
    shown = (
        AuditRow.id,
        AuditRow.at,
        AuditRow.person_name,
        AuditRow.unit,
        AuditRow.action,
        AuditRow.subject,
        AuditRow.details,
    )
    query = select(*shown).order_by(AuditRow.id.desc()).limit(count)
    return list(await session.execute(query if before is None else query.where(AuditRow.id < before)))


async def seal_for_ever(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Seal what has been committed, again and again, until cancelled; several processes take turns."""
    while True:
        try:
            sealed = BATCH
            while sealed == BATCH:
                async with sessions.begin() as session:
                    sealed = await seal(session)
        except Exception as error:
            log.error("sealing-interrupted", error=type(error).__name__)
        await asyncio.sleep(_EVERY)
