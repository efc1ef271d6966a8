"""Who acts, when and in which transaction: one object, the first parameter of whatever acts below the API."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.clock import AHEAD, local_day
from kit.events.event import Event, tell
from kit.personal.cipher import Cipher
from kit.storage.pending import as_json, pending
from kit.storage.transactions import cipher_of
from kit.web.caller import SYSTEM, Caller
from kit.web.problems import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class Context:
    """The transaction's session, the caller and the time; made without I/O for each request, job and command."""

    session: AsyncSession
    caller: Caller
    now: datetime

    @classmethod
    def of_system(cls, session: AsyncSession, now: datetime) -> "Context":
        """The context of a job or a command of the service itself."""
        return cls(session, SYSTEM, now)

    @property
    def today(self) -> date:
        """The district's calendar day."""
        return local_day(self.now)

    @property
    def cipher(self) -> Cipher:
        """The cipher for personal data of the service."""
        return cipher_of(self.session)

    def record(self, event: Event, subject: str) -> None:
        """Record a fact about a subject: an event for others, and an audit entry for us."""
        tell(self.session, event, subject, self.now)
        self.audit(event.type, subject, **event.model_dump(mode="json"))

    def tell(self, event: Event, subject: str) -> None:
        """Tell others only: of a bulk write's many facts, which one audit entry sums up."""
        tell(self.session, event, subject, self.now)

    def audit(self, action: str, subject: str, /, **details: Any) -> None:
        """Leave an entry in the audit when the transaction commits, without telling other systems.

        details: JSON values.
        """
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        entry = (
            self.now,
            self.caller.client,
            self.caller.unit,
            action,
            subject,
            request_id,
            as_json(details),
        )
        pending(self.session).audits.append(entry)

    def refuse_future(self, prefix: str = "", **times: date | datetime | None) -> None:
        """Refuse what is said to have happened later than now, clocks being up to five minutes apart.

        prefix: JSON pointer to what holds the fields. Raises: Invalid with a pointer to each field.
        """
        late = [name for name, time in times.items() if time is not None and self._is_ahead(time)]
        if late:
            raise Invalid(
                "in-the-future",
                "时间不能晚于现在，请核对日期、时刻和时区。",
                errors=[FieldError(pointer=f"{prefix}/{name}", reason="晚于现在") for name in late],
            )

    def _is_ahead(self, time: date | datetime) -> bool:
        return time > self.now + AHEAD if isinstance(time, datetime) else time > self.today
