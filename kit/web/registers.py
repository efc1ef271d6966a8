"""The one shape of every register: list, read, enter, change and remove its entries, with an ETag each.

    EXPERTS = Register("experts", "应急专家", Expert, ExpertIn, filters=("specialty", "department", "available"))

A register is declared; its table stays in sight. What answers show is derived from what is entered, with the
register's number and times, and any further field of `shown`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from inspect import Parameter, Signature
from typing import Annotated, Any, ClassVar, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field, create_model
from pydantic.fields import FieldInfo
from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from kit.context import Context
from kit.district import units
from kit.district.citations import cite
from kit.district.clock import LocalTime
from kit.events.event import Event, exercised
from kit.personal.cipher import UNMASK
from kit.personal.phones import PhoneOut, Reachable, reveal, set_phone
from kit.storage import db
from kit.storage.keys import refused_by, taken_columns
from kit.web.access import requires
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, FieldError, Invalid, problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Grounded, shown

Change = Literal["entered", "changed", "removed"]
EntryId = Annotated[UUID, Path(description="登记编号")]


class Entry(db.Identified, db.Versioned):
    """A row of a register. `clauses`: what the documents say of it."""

    clauses: ClassVar[tuple[str, ...]] = ()
    #: Whether the row belongs to an exercise, so that its events must say so.
    exercise = False

    entered_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class EntryOut(Grounded, title="登记信息"):
    """What every entry shows besides its own fields (登记信息)."""

    id: UUID = Field(description="登记编号")
    entered_at: LocalTime = Field(description="登记时间")
    changed_at: LocalTime = Field(description="最近修改时间")


class RegisterChanged(Event, type="register.changed"):
    """An entry of a register was entered, changed or removed; each service has a type of its own."""

    kind: str
    entry: UUID
    change: Change


#: Refuses what the fields alone do not show: `check(context, body, row)`, row None on entering.
Check = Callable[[Context, Any, Any], Awaitable[None]]
Removable = Callable[[Context, Any], Awaitable[None]]


async def _nothing(*_: Any) -> None:
    """Refuses nothing."""


@dataclass(frozen=True)
class Register:
    """A register: its path and Chinese noun, its table, and what is entered.

    about: a Chinese sentence for the document; shown: the base of what answers show, where they show more than
    is entered; filters: columns that a list can be narrowed by; search: the column that `q` looks into;
    lacking: what there should be none of, in Chinese, and the condition of such entries; check, removable: what
    refuses a write, `removable` None where entries stay for ever; told: the event of a change, where it is not
    the common one.
    """

    path: str
    noun: str
    model: type[Any]
    entry: type[Body]
    about: str = ""
    shown: type[EntryOut] = EntryOut
    filters: tuple[str, ...] = ()
    search: str = "name"
    lacking: tuple[str, ColumnElement[bool]] | None = None
    check: Check = _nothing
    removable: Removable | None = _nothing
    told: Callable[[Any, Change], Event] | None = None

    @cached_property
    def out(self) -> type[EntryOut]:
        """What answers show: the fields of `shown`, and of what is entered those that it does not name."""
        own: dict[str, Any] = {
            name: (shown(_typed(field)), Field(description=field.description))
            for name, field in self.entry.model_fields.items()
            if name not in self.shown.model_fields
        }
        name = self.entry.__name__.removesuffix("In") + "Out"
        keywords = {"title": f"{self.noun}信息", "clauses": self.model.clauses}
        return cast(type[EntryOut], create_model(name, __base__=self.shown, __cls_kwargs__=keywords, **own))

    @cached_property
    def columns(self) -> list[ColumnElement[Any]] | None:
        """What a list shows, as columns; None where an answer shows more than its row's own."""
        own = {column.name: column for column in self.model.__table__.columns}
        if issubclass(self.model, Reachable):
            own["phone"] = own["phone_masked"].label("phone")
        shown = self.out.model_fields.keys() - {"basis"}
        return [own[name] for name in sorted(shown)] if shown <= own.keys() else None

    @cached_property
    def page(self) -> Any:
        """The response model of a list of entries."""
        return Page[self.out]  # type: ignore[name-defined]

    @cached_property
    def derived(self) -> list[str]:
        """The attributes that are no columns of the row: lists of other rows, and what the database computes."""
        columns = self.model.__table__.columns.keys()
        return [each.key for each in inspect(self.model).attrs if each.key not in columns]

    @property
    def missing(self) -> str:
        """The sentence of an id that no entry has."""
        return f"没有这条{self.noun}，请核对编号。"

    @property
    def slug(self) -> str:
        """The path as a part of names in code."""
        return self.path.replace("-", "_")

    @property
    def clauses(self) -> dict[str, Any]:
        """`openapi_extra` of its operations."""
        return clauses(*self.model.clauses)


def _typed(field: FieldInfo) -> Any:
    """The annotation of a field, with its bounds."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def add_register(router: APIRouter, service: str, register: Register) -> None:
    """Give the router the endpoints of a register of a service."""
    if register.lacking is not None:
        _add_lacking(router, service, register, *register.lacking)
    _add_reading(router, service, register)
    _add_writing(router, service, register)
    if register.removable is not None:
        _add_removing(router, service, register, register.removable)
    if issubclass(register.model, Reachable):
        _add_phone(router, service, register)


def _add_lacking(
    router: APIRouter, service: str, register: Register, what: str, condition: ColumnElement[bool]
) -> None:
    Reader = Annotated[Context, requires(f"{service}:read")]  # noqa: N806 - a type

    @router.get(
        f"/{register.path}/lacking",
        name=f"list_{register.slug}_lacking",
        response_model=register.page,
        summary=f"列出{what}",
        description=f"{what}，按登记先后分页列出。",
        openapi_extra=register.clauses,
    )
    async def list_lacking(context: Reader, paging: PageRequest) -> Any:
        """The entries that lack something, in the order they were made."""
        return await page_of(context, paging, select(register.model).where(condition), register)


def _add_reading(router: APIRouter, service: str, register: Register) -> None:
    model, out = register.model, register.out
    Reader = Annotated[Context, requires(f"{service}:read")]  # noqa: N806 - a type
    asked = _filters(register)

    @router.get(
        f"/{register.path}",
        name=f"list_{register.slug}_register",
        response_model=register.page,
        summary=f"列出{register.noun}",
        description=f"{register.about}按登记先后分页列出，可筛选。",
        openapi_extra=register.clauses,
    )
    async def list_entries(
        context: Reader,
        paging: PageRequest,
        filters: Annotated[Any, Depends(asked)],
        q: Annotated[str | None, Query(max_length=100, description="名称中含有的文字")] = None,
    ) -> Any:
        """The entries in the order they were made."""
        query = select(model).filter_by(**filters)
        if q:
            query = query.where(getattr(model, register.search).contains(q, autoescape=True))
        return await page_of(context, paging, query, register)

    @router.get(
        f"/{register.path}/{{id}}",
        name=f"read_{register.slug}_entry",
        response_model=out,
        summary=f"查看一条{register.noun}",
        description=f"{register.about}ETag 供修改时使用。",
        responses=problems(404),
        openapi_extra=register.clauses,
    )
    async def read_entry(id: EntryId, context: Reader, response: Response) -> Any:
        """An entry with its ETag."""
        row = await db.found(context.session, model, id, register.missing)
        set_etag(response, row)
        return out.of(row)


def _add_writing(router: APIRouter, service: str, register: Register) -> None:
    model, out = register.model, register.out
    Writer = Annotated[Context, requires(f"{service}:write")]  # noqa: N806 - a type
    Entered = register.entry  # noqa: N806 - a type
    kept = "电话不填写表示不变。" if issubclass(model, Reachable) else ""

    @router.post(
        f"/{register.path}",
        name=f"enter_{register.slug}_entry",
        status_code=201,
        response_model=out,
        summary=f"登记{register.noun}",
        description=f"{register.about}登记一条。",
        responses=problems(409),
        openapi_extra=register.clauses,
    )
    async def enter(body: Entered, context: Writer, response: Response) -> Any:  # type: ignore[valid-type]
        """Make an entry."""
        await register.check(context, body, None)
        row = model(id=db.new_id(), entered_at=context.now, changed_at=context.now)
        _fill(context, row, body)
        context.session.add(row)
        await _write(context, service, register, row, "entered")
        response.headers["Location"] = f"/{service}/v1/{register.path}/{row.id}"
        set_etag(response, row)
        return out.of(row)

    @router.put(
        f"/{register.path}/{{id}}",
        name=f"change_{register.slug}_entry",
        response_model=out,
        summary=f"修改{register.noun}",
        description=f"{register.about}先读取，再带 If-Match 整条提交。{kept}",
        responses=problems(404, 409, 412, 428),
        openapi_extra=register.clauses,
    )
    async def change(
        id: EntryId,
        body: Entered,  # type: ignore[valid-type]
        context: Writer,
        if_match: IfMatch,
        response: Response,
    ) -> Any:
        """Replace an entry that nobody changed since the caller read it."""
        row = await db.locked(context.session, model, id, register.missing)
        if_match.check(row)
        _must_cover(context, row)
        await register.check(context, body, row)
        _fill(context, row, body)
        row.changed_at = context.now
        await _write(context, service, register, row, "changed")
        set_etag(response, row)
        return out.of(row)


def _add_removing(router: APIRouter, service: str, register: Register, removable: Removable) -> None:
    Writer = Annotated[Context, requires(f"{service}:write")]  # noqa: N806 - a type

    @router.delete(
        f"/{register.path}/{{id}}",
        name=f"remove_{register.slug}_entry",
        status_code=204,
        summary=f"删除{register.noun}",
        description="先读取，再带 If-Match 删除。被其他登记引用的不能删除。",
        responses=problems(404, 409, 412, 428),
        openapi_extra=register.clauses,
    )
    async def remove(id: EntryId, context: Writer, if_match: IfMatch) -> None:
        """Remove an entry that nothing hangs on."""
        row = await db.locked(context.session, register.model, id, register.missing)
        if_match.check(row)
        await removable(context, row)
        await context.session.delete(row)
        await _write(context, service, register, row, "removed")


def _add_phone(router: APIRouter, service: str, register: Register) -> None:
    Unmasked = Annotated[Context, requires(f"{service}:read", UNMASK)]  # noqa: N806 - a type

    @router.get(
        f"/{register.path}/{{id}}/phone",
        name=f"reveal_{register.slug}_phone",
        summary=f"查看{register.noun}的完整电话",
        description=f"需要 {UNMASK} 权限；每次查看都记入审计。",
        responses=problems(404),
        openapi_extra=register.clauses,
    )
    async def reveal_phone(id: EntryId, context: Unmasked) -> PhoneOut:
        """The number in full; the look is audited."""
        row = await db.found(context.session, register.model, id, register.missing)
        _must_cover(context, row)
        context.audit(f"{service}.phone.revealed", str(id), register=register.path)
        return reveal(context, row)


async def page_of(context: Context, paging: PageRequest, query: Any, register: Register) -> Page[Any]:
    """A page of a register's entries, in the order they were made."""
    order = register.model.id
    if register.columns is None:
        return await paging.page(context.session, query, register.out.of, order)
    rows, following = await paging.fetch(context.session, query.with_only_columns(*register.columns), order)
    basis = cite(*register.model.clauses)
    names = ("basis", *(column.key for column in register.columns))
    items = [dict(zip(names, (basis, *row), strict=True)) for row in rows]
    page: Page[Any] = register.page.model_validate({"items": items, "next": following})
    return page


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


def _filters(register: Register) -> Callable[..., Awaitable[dict[str, Any]]]:
    """A dependency with a query parameter for each filter: the values that were asked for, by column."""
    fields = register.shown.model_fields | register.entry.model_fields

    # Asynchronous, since FastAPI runs any other dependency in a thread.
    async def asked(**given: Any) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value is not None}

    parameters = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[_typed(fields[name]) | None, Query(description=fields[name].description)],
        )
        for name in register.filters
    ]
    asked.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return asked


def _fill(context: Context, row: Any, body: Body) -> None:
    for name, value in body.model_dump(exclude={"phone"}).items():
        setattr(row, name, value)
    # A number is read masked, so leaving it out keeps it; null removes it.
    if isinstance(row, Reachable) and "phone" in body.model_fields_set:
        set_phone(context, row, getattr(body, "phone", None))


def _must_cover(context: Context, row: Entry) -> None:
    if street := getattr(row, "street", None):
        context.caller.must_cover(units.unit(street).name)


async def _write(context: Context, service: str, register: Register, row: Entry, change: Change) -> None:
    """Write the row and record the fact; what the database's keys refuse is the caller's answer."""
    _must_cover(context, row)
    written = dict(vars(row))
    try:
        await context.session.flush()
    except IntegrityError as error:
        raise await _refused(context, register, written, error) from None
    if register.derived and change != "removed":
        await context.session.refresh(row, register.derived)
    context.record(_told(service, register, row, change), str(row.id))


def _told(service: str, register: Register, row: Entry, change: Change) -> Event:
    if register.told is not None:
        return register.told(row, change)
    kind = exercised(_changed(service)) if row.exercise else _changed(service)
    return kind(kind=register.path, entry=row.id, change=change)


@cache
def _changed(service: str) -> type[RegisterChanged]:
    """The service's own type of the common event."""

    class Changed(RegisterChanged, type=f"{service}.register.changed"):
        """An entry of a register of this service was entered, changed or removed."""

    return Changed


async def _refused(
    context: Context, register: Register, row: dict[str, Any], error: IntegrityError
) -> Exception:
    """What the keys refuse, as an answer that names every field that is taken."""
    constraint = refused_by(error)
    if constraint.startswith("uq_"):
        taken = await taken_columns(context.session, register.model.__table__, row, constraint)
        return Conflict(
            "already-entered",
            f"已经登记过相同的{register.noun}，请修改原有的一条，不要重复登记。",
            errors=[
                FieldError(pointer=f"/{name}", reason="与已登记的相同")
                for name in sorted(taken & register.entry.model_fields.keys())
            ],
        )
    if constraint.startswith("fk_"):
        return Conflict("still-referred-to", f"这条{register.noun}与其他登记相互引用，请先改正那些登记。")
    return error
