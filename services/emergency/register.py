"""The one shape of every register: list, read, enter, change and remove its entries, with an ETag each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from kit.audit.auditing import audit
from kit.district import units as canon
from kit.district.citations import Basis, Citation, cite
from kit.district.clock import LocalTime, Now
from kit.district.natural_time import AHEAD, local_day
from kit.events.event import Event, record
from kit.personal.cipher import UNMASK
from kit.personal.phones import PhoneOut, Reachable, reveal, set_phone
from kit.storage import db
from kit.storage.transactions import Session
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, FieldError, Invalid, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.case.exercise import exercised

Reader = Annotated[Caller, requires("emergency:read")]
Writer = Annotated[Caller, requires("emergency:write")]
Unmasked = Annotated[Caller, requires("emergency:read", UNMASK)]


class Entry(db.Identified, db.Versioned):
    """A row of a register. `clauses`: what the plan says of it."""

    clauses: ClassVar[tuple[str, ...]]
    #: Whether the row belongs to an exercise, so that its events must say so.
    exercise = False

    entered_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def basis(self) -> list[Citation]:
        """The clauses as an answer shows them."""
        return cite(*self.clauses)


class EntryOut(BaseModel):
    """What every entry shows besides its own fields."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="登记编号")
    entered_at: LocalTime = Field(description="登记时间")
    changed_at: LocalTime = Field(description="最近修改时间")
    basis: Basis


class RegisterChanged(Event, type="emergency.register.changed"):
    """An entry of a register was entered, changed or removed."""

    kind: str
    entry: UUID
    change: Literal["entered", "changed", "removed"]


@dataclass
class NoFilter:
    """A register that is only listed whole."""


#: Refuses what the fields alone do not show: `check(session, body, row, now)`; row None on entering.
Check = Callable[[AsyncSession, Any, Any, datetime], Awaitable[None]]


async def _anything(_session: AsyncSession, _body: Any, _row: Any, _now: datetime) -> None:
    """No further check."""


async def _removable(_session: AsyncSession, _row: Any) -> None:
    """Every entry can be removed."""


@dataclass(frozen=True, kw_only=True)
class Register:
    """A register: its path, Chinese noun and description, its table, and what goes in and comes out.

    filters: a dataclass of query parameters named after columns, None where nothing is asked;
    search: the column that `q` looks into; check, removable: what refuses a write.
    """

    path: str
    noun: str
    about: str
    model: type[Any]
    entry: type[BaseModel]
    shown: type[EntryOut]
    filters: type[Any] = NoFilter
    search: str = "name"
    check: Check = _anything
    removable: Callable[[AsyncSession, Any], Awaitable[None]] = _removable


def keep(router: APIRouter, register: Register) -> None:
    """Give the router the endpoints of a register."""
    _keep_reading(router, register)
    _keep_writing(router, register)
    if issubclass(register.model, Reachable):
        _keep_phone(router, register)


def _keep_reading(router: APIRouter, register: Register) -> None:
    model, shown, noun, slug = register.model, register.shown, register.noun, register.path.replace("-", "_")
    Filters = register.filters  # noqa: N806 - a type

    @router.get(
        f"/{register.path}",
        name=f"list_{slug}_register",
        response_model=Page[shown],  # type: ignore[valid-type]
        summary=f"列出{noun}",
        description=f"{register.about}按登记先后分页列出，可筛选。",
        openapi_extra=clauses(*model.clauses),
    )
    async def list_entries(
        session: Session,
        _caller: Reader,
        paging: PageRequest,
        filters: Annotated[Filters, Depends()],  # type: ignore[valid-type]
        q: Annotated[str | None, Query(max_length=100, description="名称中含有的文字")] = None,
    ) -> Any:
        """The entries in the order they were made."""
        query = select(model).where(*_asked(model, filters))
        if q:
            query = query.where(getattr(model, register.search).contains(q, autoescape=True))
        return await page_of(session, paging, query, register)

    @router.get(
        f"/{register.path}/{{id}}",
        name=f"read_{slug}_entry",
        response_model=shown,
        summary=f"查看一条{noun}",
        description=f"{register.about}ETag 供修改时使用。",
        responses=problems(404),
        openapi_extra=clauses(*model.clauses),
    )
    async def read_entry(id: UUID, session: Session, _caller: Reader, response: Response) -> Any:
        """An entry with its ETag."""
        row = await db.found(session, model, id, _missing(register))
        set_etag(response, row)
        return shown.model_validate(row)


def _keep_writing(router: APIRouter, register: Register) -> None:
    model, shown, noun, slug = register.model, register.shown, register.noun, register.path.replace("-", "_")
    Body = register.entry  # noqa: N806 - a type
    kept = "电话不填写表示不变。" if issubclass(model, Reachable) else ""

    @router.post(
        f"/{register.path}",
        name=f"enter_{slug}_entry",
        status_code=201,
        response_model=shown,
        summary=f"登记{noun}",
        description=f"{register.about}登记一条。",
        responses=problems(409),
        openapi_extra=clauses(*model.clauses),
    )
    async def enter(
        body: Body,  # type: ignore[valid-type]
        session: Session,
        caller: Writer,
        now: Now,
        response: Response,
    ) -> Any:
        """Make an entry."""
        await register.check(session, body, None, now)
        row = model(id=db.new_id(), entered_at=now, changed_at=now)
        _fill(session, row, body)
        session.add(row)
        await _write(session, register, row, caller, now, "entered")
        response.headers["Location"] = f"/emergency/v1/{register.path}/{row.id}"
        set_etag(response, row)
        return shown.model_validate(row)

    @router.put(
        f"/{register.path}/{{id}}",
        name=f"change_{slug}_entry",
        response_model=shown,
        summary=f"修改{noun}",
        description=f"{register.about}先读取，再带 If-Match 整条提交。{kept}",
        responses=problems(404, 409, 412, 428),
        openapi_extra=clauses(*model.clauses),
    )
    async def change(
        id: UUID,
        body: Body,  # type: ignore[valid-type]
        session: Session,
        caller: Writer,
        now: Now,
        if_match: IfMatch,
        response: Response,
    ) -> Any:
        """Replace an entry that nobody changed since the caller read it."""
        row = await db.locked(session, model, id, _missing(register))
        if_match.check(row)
        _must_cover(caller, row)
        await register.check(session, body, row, now)
        _fill(session, row, body)
        row.changed_at = now
        await _write(session, register, row, caller, now, "changed")
        set_etag(response, row)
        return shown.model_validate(row)

    @router.delete(
        f"/{register.path}/{{id}}",
        name=f"remove_{slug}_entry",
        status_code=204,
        summary=f"删除{noun}",
        description="先读取，再带 If-Match 删除。被其他登记引用的不能删除。",
        responses=problems(404, 409, 412, 428),
        openapi_extra=clauses(*model.clauses),
    )
    async def remove(id: UUID, session: Session, caller: Writer, now: Now, if_match: IfMatch) -> None:
        """Remove an entry that nothing hangs on."""
        row = await db.locked(session, model, id, _missing(register))
        if_match.check(row)
        await register.removable(session, row)
        await session.delete(row)
        await _write(session, register, row, caller, now, "removed")


def _keep_phone(router: APIRouter, register: Register) -> None:
    @router.get(
        f"/{register.path}/{{id}}/phone",
        name=f"reveal_{register.path.replace('-', '_')}_phone",
        summary=f"查看{register.noun}的完整电话",
        description=f"需要 {UNMASK} 权限；每次查看都记入审计。",
        responses=problems(404),
        openapi_extra=clauses(*register.model.clauses),
    )
    async def reveal_phone(id: UUID, session: Session, caller: Unmasked, now: Now) -> PhoneOut:
        """The number in full; the look is audited."""
        row = await db.found(session, register.model, id, _missing(register))
        _must_cover(caller, row)
        audit(session, "emergency.phone.revealed", str(id), caller, now, {"register": register.path})
        return reveal(session, row)


async def page_of(session: AsyncSession, paging: PageRequest, query: Any, register: Register) -> Page[Any]:
    """A page of a register's entries, in the order they were made."""
    rows, following = await paging.fetch(session, query, register.model.id)
    return Page(items=[register.shown.model_validate(row) for row in rows], next=following)


async def must_exist(
    session: AsyncSession, model: type[Any], id: UUID | None, pointer: str, noun: str
) -> None:
    """Refuse an entry that names another one which is not there.

    Raises: Invalid pointing at the field.
    """
    if id is not None and await session.get(model, id) is None:
        raise Invalid(
            "unknown-reference",
            f"没有这个{noun}，请先登记，或核对编号。",
            errors=[FieldError(pointer=pointer, reason=f"没有编号为 {id} 的{noun}")],
        )


def must_be_past(happened: date | datetime, now: datetime, pointer: str) -> None:
    """Refuse what is said to have happened later than now, clocks being up to five minutes apart.

    Raises: Invalid pointing at the field.
    """
    late = happened > now + AHEAD if isinstance(happened, datetime) else happened > local_day(now)
    if late:
        raise Invalid(
            "in-the-future",
            "时间不能晚于现在，请核对。",
            errors=[FieldError(pointer=pointer, reason="晚于现在")],
        )


def _missing(register: Register) -> str:
    return f"没有这条{register.noun}，请核对编号。"


def _asked(model: type[Entry], filters: Any) -> list[ColumnElement[bool]]:
    asked = ((field.name, getattr(filters, field.name)) for field in fields(filters))
    return [getattr(model, name) == value for name, value in asked if value is not None]


def _fill(session: AsyncSession, row: Any, body: BaseModel) -> None:
    facts = body.model_dump(exclude={"phone"})
    for name, value in facts.items():
        setattr(row, name, value)
    # A number is read masked, so leaving it out keeps it; null removes it.
    if isinstance(row, Reachable) and "phone" in body.model_fields_set:
        set_phone(session, row, getattr(body, "phone", None))


def _must_cover(caller: Caller, row: Entry) -> None:
    street = getattr(row, "street", None)
    if street is not None:
        caller.must_cover(canon.unit(street).name)


async def _write(
    session: AsyncSession,
    register: Register,
    row: Entry,
    caller: Caller,
    now: datetime,
    change: Literal["entered", "changed", "removed"],
) -> None:
    """Write the row and record the fact; what the database's keys refuse is the caller's answer."""
    _must_cover(caller, row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise _refused(register, error) from None
    if change != "removed":
        await session.refresh(row)
    kind = exercised(RegisterChanged) if row.exercise else RegisterChanged
    record(session, kind(kind=register.path, entry=row.id, change=change), str(row.id), caller, now)


def _refused(register: Register, error: IntegrityError) -> Exception:
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
    if constraint.startswith(("uq_", "pk_")):
        return Conflict(
            "already-entered", f"已经登记过相同的{register.noun}，请修改原有的一条，不要重复登记。"
        )
    if constraint.startswith("fk_"):
        return Conflict("still-referred-to", f"这条{register.noun}与其他登记相互引用，请先改正那些登记。")
    return error
