"""Who acts, when and in which transaction: one object, the first parameter of whatever acts below the API."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.clock import AHEAD, local_day
from kit.events.event import Event, tell
from kit.personal.cipher import Cipher
from kit.personal.masking import within
from kit.storage.files.store import FileStore
from kit.storage.pending import as_json, pending
from kit.storage.transactions import cipher_of, files_of
from kit.web.caller import SYSTEM, Caller
from kit.web.ownership import UNKNOWN, Belonging, Owner, street_name
from kit.web.problems import FieldError, Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Context:
    """The transaction's session, the caller and the time; made without I/O for each request, job and command.

    writes: whether the request may change something; a street reads what is the district's, and no more.
    """

    session: AsyncSession
    caller: Caller
    now: datetime
    writes: bool = True

    def __post_init__(self) -> None:
        # What a service's tables keep of time by themselves goes by this time (the gateway keeps no rows).
        if self.session is not None:
            self.session.info["now"] = self.now

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

    @property
    def files(self) -> FileStore:
        """Where the service keeps files, by their hashes."""
        return files_of(self.session)

    def record(self, event: Event, subject: str, concerns: str | None = None) -> None:
        """Record a fact about a subject: an event for others, and an audit entry for us.

        concerns: the client that handed in what it is about, for subscriptions to one's own; it is told to nobody.
        """
        self.tell(event, subject, concerns)
        self.audit(event.type, subject, **event.model_dump(mode="json"))

    def tell(self, event: Event, subject: str, concerns: str | None = None) -> None:
        """Tell others only: of a bulk write's many facts, which one audit entry sums up."""
        tell(self.session, event, subject, self.now, concerns)

    def audit(self, action: str, subject: str, /, **details: Any) -> None:
        """Leave an entry in the audit when the transaction commits, without telling other systems.

        details: JSON values; a person's number in them is masked.
        """
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        person = self.caller.person
        entry = (
            self.now,
            self.caller.client,
            person.id if person else None,
            person.name if person else None,
            self.caller.unit,
            action,
            subject,
            request_id,
            as_json(within(details)),
        )
        found = pending(self.session)
        found.audits.append(entry)
        found.by = self.caller.by

    def owns(self, owner: Owner) -> bool:
        """Whether the caller may do with what is this owner's what the request does."""
        pending(self.session).owner_asked = True
        return owner.lets(self.caller, writes=self.writes)

    def must_own(self, owner: Owner, missing: str) -> None:
        """Refuse a caller who may not touch a thing of this owner's: what it may not even read is not there.

        missing: the Chinese sentence of what is not there. Raises: NotFound; Forbidden.
        """
        if self.owns(owner):
            return
        if owner.lets(self.caller, writes=False):
            raise limited_away(self.caller, owner.division)
        raise NotFound("not-found", missing)

    def must_cover(self, division: str | None, company: str | None = None) -> None:
        """Refuse to enter what is another street's or town's, or, None, the district's, or another company's.

        Raises: Forbidden.
        """
        if not self.owns(Owner(division, company)):
            raise limited_away(self.caller, division)

    def within(self, query: Select[Any], belonging: Belonging) -> Select[Any]:
        """The rows of a query that the caller may read."""
        pending(self.session).owner_asked = True
        return belonging.narrow(self.caller, query)

    def limits(self) -> Caller:
        """Whom the caller is limited to, and nothing else of it: `Belonging.narrow` of a statement that is kept for all such."""
        pending(self.session).owner_asked = True
        return Caller(client="", division=self.caller.division, company=self.caller.company)

    def own_street(self, asked: str | None) -> str | None:
        """The street that an answer is narrowed to: the one asked for, and of a street's token always its own.

        Raises: Forbidden for another street's, and for a company.
        """
        street = asked or self.caller.division
        self.must_cover(street)
        return street

    async def must_hold(
        self, belonging: Belonging, row: ColumnElement[bool], missing: str | None = None
    ) -> None:
        """Refuse a caller who may not touch a row of a table, as `must_own`; without `missing` always openly.

        Raises: NotFound; Forbidden.
        """
        pending(self.session).owner_asked = True
        if not self.caller.limited:
            return
        asked = select(
            *(null() if each is None else each for each in (belonging.division, belonging.company))
        )
        found = (await self.session.execute(asked.where(row))).one_or_none()
        division, company = found if found is not None else (UNKNOWN, None)
        owner = Owner(division, company)
        if missing is not None:
            self.must_own(owner, missing)
        elif not self.owns(owner):
            raise limited_away(self.caller, division)

    def when(self, told: datetime | None) -> datetime:
        """When something happened: as told, now if it was not told, and now where the teller's clock is a little ahead."""
        return min(told or self.now, self.now)

    def refuse_future(self, prefix: str = "", **times: date | datetime | None) -> None:
        """Refuse what is said to have happened later than now, clocks being up to five minutes apart.

        prefix: JSON pointer to what holds the fields. Raises: Invalid with a pointer to each field.
        """
        late = [name for name, time in times.items() if time is not None and self.is_ahead(time)]
        if late:
            raise Invalid(
                "in-the-future",
                "时间不能晚于现在，请核对日期、时刻和时区。",
                errors=[FieldError(pointer=f"{prefix}/{name}", reason="晚于现在") for name in late],
            )

    def is_ahead(self, time: date | datetime) -> bool:
        """Whether something is said to happen later than now, clocks being up to five minutes apart."""
        return time > self.now + AHEAD if isinstance(time, datetime) else time > self.today


def limited_away(caller: Caller, division: str | None = None) -> Forbidden:
    """The refusal of a caller who is limited to others than it asks for; division: whose the thing is, None the district's."""
    if caller.company is not None:
        return Forbidden("another-company", "您的令牌只能办理本企业的业务。")
    mine = f"您的令牌只能办理{caller.division}的业务"
    if division is None:
        return Forbidden("district-only", f"{mine}，全区的业务请由区级单位办理。")
    return Forbidden("another-division", f"{mine}，不能办理{street_name(division)}的业务。")
