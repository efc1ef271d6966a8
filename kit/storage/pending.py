"""What a transaction leaves behind beside its rows: events, audit entries and jobs, committed with it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass
class DeferredJob:
    """A job to be put into the queue when the transaction commits."""

    name: str
    arguments: dict[str, Any]
    lock: str | None = None
    at: datetime | None = None


@dataclass
class Pending:
    """What the transaction will leave behind; kept in `session.info`."""

    events: list[dict[str, Any]] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[DeferredJob] = field(default_factory=list)


def pending(session: AsyncSession) -> Pending:
    """The transaction's list of what it will leave behind."""
    found: Pending = session.info.setdefault("pending", Pending())
    return found


def defer(
    session: AsyncSession, name: str, *, lock: str | None = None, at: datetime | None = None, **arguments: Any
) -> None:
    """Put a job into the queue when the transaction commits; jobs with the same lock run one at a time."""
    pending(session).jobs.append(DeferredJob(name, arguments, lock, at))
