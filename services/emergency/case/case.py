"""An accident with whoever acts on it and when: what every capability acts on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from kit.context import Context
from kit.events.event import Event, exercised
from kit.personal.masking import masked
from kit.storage.db import found, locked
from kit.web.caller import Caller
from kit.web.problems import Conflict, FieldError, Invalid, NotFound
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import TimelineEntry, add_entry

Row = TypeVar("Row")
Key = Annotated[
    str,
    Path(
        description="事故编号，例如 DS-E-20240624-0001，或其 UUID",
        examples=["DS-E-20240624-0001"],
        max_length=40,
    ),
]


class IncidentEvent(Event):
    """What every event of an incident carries."""

    number: str = Field(default="", description="事故编号")
    exercise: bool = Field(default=False, description="是否演练")


@dataclass(frozen=True, slots=True)
class Case:
    """An accident (事故) in a context. Whoever writes to it, or to what hangs on it, has opened it: its row is locked."""

    context: Context
    incident: Incident

    @classmethod
    async def see(cls, context: Context, key: str) -> Self:
        """The accident by its id or number, to be read.

        Raises: NotFound, also for one in another division than the caller's.
        """
        return cls(context, await _incident(context, key, lock=False))

    @classmethod
    async def open(cls, context: Context, key: str | UUID) -> Self:
        """The accident by its id or number, locked to be written to.

        Raises: NotFound; Conflict when its file is closed.
        """
        case = await cls.lock(context, key)
        incident = case.incident
        if incident.closed_at is not None:
            raise Conflict(
                "incident-closed",
                f"事故 {incident.number} 已并入 {incident.joined_into}，请在那里续报。"
                if incident.joined_into
                else f"事故 {incident.number} 已结案归档，不能再改。"
                "有新情况请由区指挥部办公室重新打开案卷（reopen）后再报。",
                clauses=("E-4.1e",),
            )
        return case

    @classmethod
    async def lock(cls, context: Context, key: str | UUID) -> Self:
        """The accident by its id or number, locked though its file may be closed. Raises: NotFound."""
        return cls(context, await _incident(context, str(key), lock=True))

    @classmethod
    async def open_with(cls, context: Context, model: type[Row], id: UUID, missing: str) -> tuple[Self, Row]:
        """The accident that a row hangs on (by its `incident_id`), and the row, both locked to be written to.

        missing: the Chinese sentence of an id that no row has. Raises: NotFound; Conflict as `open`.
        """
        known: Any = await found(context.session, model, id, missing)
        case = await cls.open(context, known.incident_id)
        return case, await locked(context.session, model, id, missing)

    @property
    def session(self) -> AsyncSession:
        """The transaction's session."""
        return self.context.session

    @property
    def caller(self) -> Caller:
        """Who acts."""
        return self.context.caller

    @property
    def now(self) -> datetime:
        """When it is done."""
        return self.context.now

    @property
    def until(self) -> datetime:
        """Until when its clocks run: now, or when its file was closed."""
        return self.incident.closed_at or self.now

    def includes(self, incident_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
        """Whether a row hangs on this accident, or on a call that was joined to it, by its column."""
        joined = select(Incident.id).where(Incident.joined_into == self.incident.number)
        return or_(incident_id == self.incident.id, incident_id.in_(joined))

    def at(
        self, told: datetime | None, *, after: datetime | None = None, field: str = "occurred_at"
    ) -> datetime:
        """When something of this accident happened: as told, or now; nothing precedes the accident, or what it answers.

        after: when what it answers happened; field: where the time was told. Raises: Invalid, also for a time to come.
        """
        self.context.refuse_future("", **{field: told})
        at, floor = self.context.when(told), self.incident.began_at
        if told is not None and (at < floor or (after is not None and at < after)):
            earliest = max(floor, after or floor)
            raise Invalid(
                "before-it-began",
                f"时间早于所答复的事项或事故本身（{earliest:%Y-%m-%d %H:%M}），请核对日期和时刻。",
                errors=[FieldError(pointer=f"/{field}", reason=f"早于 {earliest:%Y-%m-%d %H:%M}")],
            )
        return at

    def happened(
        self,
        kind: str,
        text: str,
        clause: str,
        *,
        at: datetime | None = None,
        event: IncidentEvent | None = None,
    ) -> None:
        """Keep that something happened: in the timeline, as an event where others are told, and in the audit.

        kind: what sort of thing, e.g. `report`; text: Chinese, for people; clause: of the ledger; at: when it
        happened, now if left out. No entry can be altered later, so a person's number in the text is masked
        before; of an exercise everything is marked.
        """
        said = masked(text)
        entry = TimelineEntry(
            kind=kind,
            text=f"{self.incident.mark}{said}",
            occurred_at=at or self.now,
            recorded_at=self.now,
            client=self.caller.by,
            client_unit=self.caller.unit,
            clause=clause,
        )
        add_entry(self.session, self.incident, entry)
        if event is not None:
            self.tell(event)
        else:
            self.context.audit(f"emergency.incident.{kind}", self.incident.number, text=said, clause=clause)

    def tell(self, event: Event, subject: str | None = None) -> None:
        """Record an event and audit it, as an exercise's where it is one; of the accident itself without a subject."""
        incident = self.incident
        kind = exercised(type(event)) if incident.exercise else type(event)
        marks = {"number": incident.number, "exercise": incident.exercise}
        self.context.record(kind.model_validate(dict(event) | marks), subject or incident.number)


async def _incident(context: Context, key: str, *, lock: bool) -> Incident:
    query = select(Incident).where(_matches(key))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    incident = (await context.session.scalars(query)).one_or_none()
    if incident is None or not context.owns(incident.owner):
        raise NotFound("not-found", f"没有编号为 {key} 的事故。")
    return incident


async def case_of_number(context: Context, number: str) -> Case | None:
    """The accident with this number, locked, where there is one."""
    query = select(Incident).where(Incident.number == number).with_for_update()
    found = await context.session.scalars(query.execution_options(populate_existing=True))
    incident = found.one_or_none()
    return Case(context, incident) if incident is not None else None


def _matches(key: str) -> ColumnElement[bool]:
    try:
        return Incident.id == UUID(key)
    except ValueError:
        return Incident.number == key.upper()
