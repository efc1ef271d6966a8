"""How companies come under evaluation (the property service tells, its newest word counts) and are found."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, ValidationError
from sqlalchemy import Select, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.events.event import Event
from kit.events.subscriptions import CloudEvent
from kit.web.caller import Caller
from kit.web.problems import FieldError, Invalid
from kit.web.validation import field_errors
from services.credit.companies.models import Company


class CompanyListed(Event, type="credit.company.listed"):
    """A company came under evaluation."""

    company: UUID
    name: str
    uscc: str | None


class _Told(BaseModel):
    """An event of the property service about a company; uscc is null where nobody has entered it."""

    id: UUID
    time: datetime
    company: UUID
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    uscc: str | None = Field(pattern=r"^[0-9A-Z]{18}$")


async def take_in(context: Context, event: CloudEvent) -> None:
    """Put a company under evaluation, or bring its entry up to date (P-2.3.2b).

    Events may come late, repeated or at the same time: the entry is always what the newest of them says, the
    later id where two bear the same time.

    Raises: Invalid when the event does not say what was agreed; the sender tries again later.
    """
    told = _read(event)
    context = replace(context, caller=Caller(client=event.source.removeprefix("/")))
    subject = str(told.company)
    entry = {"name": told.name, "uscc": told.uscc, "told_at": told.time, "told_by": told.id}
    listing = insert(Company).values(id=told.company, listed_at=context.now, **entry).on_conflict_do_nothing()
    if await context.session.scalar(listing.returning(Company.id)) is not None:
        context.record(CompanyListed(company=told.company, name=told.name, uscc=told.uscc), subject)
        return
    known = tuple_(Company.told_at, Company.told_by)
    newer = update(Company).where(Company.id == told.company, known < tuple_(told.time, told.id))
    if await context.session.scalar(newer.values(entry).returning(Company.id)) is not None:
        context.audit("credit.company.updated", subject, name=told.name, uscc=told.uscc, event=event.id)


def matching(name: str | None, uscc: str | None) -> Select[Company]:
    """The companies whose name contains `name` and whose code is `uscc`, where these are given."""
    query = select(Company)
    if name is not None:
        query = query.where(Company.name.contains(name, autoescape=True))
    if uscc is not None:
        query = query.where(Company.uscc == uscc)
    return query


def _read(event: CloudEvent) -> _Told:
    told = event.data | {"id": event.id, "time": event.time}
    try:
        return _Told.model_validate(told)
    except ValidationError as error:
        found = [
            FieldError(pointer=pointer if pointer == "/id" else f"/data{pointer}", reason=reason)
            for pointer, reason in field_errors(error.errors(), told)
        ]
        raise Invalid(
            "bad-event-data", f"{event.type} 事件的内容不符合约定，请发送方改正。", errors=found
        ) from None
