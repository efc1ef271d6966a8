"""How companies come under evaluation (the property service tells, its newest word counts) and are found."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, ValidationError
from sqlalchemy import Select, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.district.names import name_key
from kit.events.event import Event
from kit.events.receiving import in_name_of
from kit.events.subscriptions import CloudEvent
from kit.storage.named import spelled
from kit.web.problems import FieldError, Invalid
from kit.web.validation import field_errors
from services.credit.companies.models import Company


class CompanyListed(Event, type="credit.company.listed", title="企业纳入信用评价"):
    """A company came under evaluation."""

    company: UUID = Field(description="企业登记编号，与物业服务中的相同")
    name: str = Field(description="企业名称")
    uscc: str | None = Field(description="统一社会信用代码；不知道时为空")


class CompanyLeft(Event, type="credit.company.left", title="企业退出信用评价"):
    """A company left the evaluation: the property service has taken its entry back."""

    company: UUID = Field(description="企业登记编号，与物业服务中的相同")
    name: str = Field(description="企业名称")


class _About(BaseModel):
    """An event of the property service about a company."""

    id: UUID
    time: datetime
    company: UUID
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Told(_About):
    """One that says what is known of the company; uscc is null where nobody has entered it."""

    uscc: str | None = Field(pattern=r"^[0-9A-Z]{18}$")


Read = TypeVar("Read", bound=_About)


async def take_in(context: Context, event: CloudEvent) -> None:
    """Put a company under evaluation, or bring its entry up to date (P-2.3.2b).

    Events may come late, repeated or at the same time: the entry is always what the newest of them says, the
    later id where two bear the same time.

    Raises: Invalid when the event does not say what was agreed; the sender tries again later.
    """
    told = _read(event, _Told)
    context = in_name_of(context, event)
    subject = str(told.company)
    written = await _write(context, told, {"uscc": told.uscc, "left_at": None})
    if written == "new":
        context.record(CompanyListed(company=told.company, name=told.name, uscc=told.uscc), subject)
    elif written == "newer":
        context.audit("credit.company.updated", subject, name=told.name, uscc=told.uscc, event=event.id)


async def take_out(context: Context, event: CloudEvent) -> None:
    """Let a company leave the evaluation that the property service has taken back (P-2.3.2b).

    Its entry stays, so that an older word that comes later does not bring it back.

    Raises: Invalid when the event does not say what was agreed; the sender tries again later.
    """
    told = _read(event, _About)
    context = in_name_of(context, event)
    written = await _write(context, told, {"uscc": None, "left_at": context.now})
    if written is not None:
        context.record(CompanyLeft(company=told.company, name=told.name), str(told.company))


async def _write(context: Context, told: _About, more: dict[str, Any]) -> Literal["new", "newer"] | None:
    """Write what an event says of a company, unless something newer is known."""
    entry = {**spelled(told.name), "told_at": told.time, "told_by": told.id, **more}
    listing = insert(Company).values(id=told.company, listed_at=context.now, **entry).on_conflict_do_nothing()
    if await context.session.scalar(listing.returning(Company.id)) is not None:
        return "new"
    known = tuple_(Company.told_at, Company.told_by)
    newer = update(Company).where(Company.id == told.company, known < tuple_(told.time, told.id))
    changed = await context.session.scalar(newer.values(entry).returning(Company.id))
    return "newer" if changed is not None else None


def matching(name: str | None, uscc: str | None) -> Select[Company]:
    """The companies under evaluation whose name contains `name` and whose code is `uscc`, where these are given."""
    query = select(Company).where(Company.left_at.is_(None))
    if name is not None:
        query = query.where(Company.name_key.contains(name_key(name), autoescape=True))
    if uscc is not None:
        query = query.where(Company.uscc == uscc)
    return query


def _read(event: CloudEvent, kind: type[Read]) -> Read:
    told = event.data | {"id": event.id, "time": event.time}
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        found = [
            FieldError(pointer=pointer if pointer == "/id" else f"/data{pointer}", reason=reason)
            for pointer, reason in field_errors(error.errors(), told)
        ]
        raise Invalid(
            "bad-event-data", f"{event.type} 事件的内容不符合约定，请发送方改正。", errors=found
        ) from None
