"""The one shape of every register's endpoints: list, read, enter, change and remove entries, with an ETag each."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.events.event import Event, exercised
from kit.personal.cipher import UNMASK
from kit.personal.kept import Kept, marks_of
from kit.personal.masking import mask_name
from kit.personal.phones import PhoneOut, Reachable, reveal, set_phone
from kit.storage import db
from kit.storage.keys import refused_by, taken_columns
from kit.web.access import requires
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import PageRequest
from kit.web.problems import MERGED, Conflict, FieldError, Invalid, problems
from kit.web.registers import (
    Change,
    Entry,
    EntryId,
    Register,
    RegisterChanged,
    Removable,
    must_hold,
    page_of,
    typed,
)
from kit.web.shapes import Body


def add_register(router: APIRouter, service: str, register: Register) -> None:
    """Give the router the endpoints of a register of a service."""
    _changed(service)  # so that its type is known to subscribers before the first change
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
    Reader = Annotated[Context, requires(f"{service}:read", whose=register.belongs.whose)]  # noqa: N806 - a type

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
        query = context.within(select(register.model).where(condition), register.belongs)
        return await page_of(context, paging, query, register)


def _add_reading(router: APIRouter, service: str, register: Register) -> None:
    model, out = register.model, register.out
    Reader = Annotated[Context, requires(f"{service}:read", whose=register.belongs.whose)]  # noqa: N806 - a type
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
    ) -> Any:
        """The entries in the order they were made."""
        q = filters.pop("q", None)
        query = context.within(select(model).filter_by(**filters), register.belongs)
        if register.listed is not None:
            query = query.where(register.listed)
        if q:
            query = query.where(register.containing(q))
        return await page_of(context, paging, query, register)

    @router.get(
        f"/{register.path}/{{id}}",
        name=f"read_{register.slug}_entry",
        response_model=out,
        summary=f"查看一条{register.noun}",
        description=f"{register.about}ETag 供修改时使用。",
        responses=problems(404) | (MERGED if hasattr(model, "merged_into_id") else {}),
        openapi_extra=register.clauses,
    )
    async def read_entry(id: EntryId, context: Reader, response: Response) -> Any:
        """An entry with its ETag."""
        row = await db.found(context.session, model, id, register.missing)
        await must_hold(context, register, id)
        set_etag(response, row)
        return out.of(row)


def _add_writing(router: APIRouter, service: str, register: Register) -> None:
    model, out = register.model, register.out
    whose = register.belongs.whose
    Writer = Annotated[Context, requires(f"{service}:write", one_of=register.writers, whose=whose)]  # noqa: N806 - a type
    Entered = register.entry  # noqa: N806 - a type
    kept = "电话不填写表示不变。" if issubclass(model, Reachable) else ""

    @router.post(
        f"/{register.path}",
        name=f"enter_{register.slug}_entry",
        status_code=201,
        response_model=out,
        summary=f"登记{register.noun}",
        description=f"{register.about}登记一条。",
        responses=problems(*((404, 409) if whose.by_thing else (409,))),
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
        await must_hold(context, register, id)
        if_match.check(row)
        await register.check(context, body, row)
        _fill(context, row, body)
        row.changed_at = context.now
        await _write(context, service, register, row, "changed")
        set_etag(response, row)
        return out.of(row)


def _add_removing(router: APIRouter, service: str, register: Register, removable: Removable) -> None:
    whose = register.belongs.whose
    Writer = Annotated[Context, requires(f"{service}:write", one_of=register.writers, whose=whose)]  # noqa: N806 - a type

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
        await must_hold(context, register, id)
        if_match.check(row)
        await removable(context, row)
        await context.session.delete(row)
        await _write(context, service, register, row, "removed")


def _add_phone(router: APIRouter, service: str, register: Register) -> None:
    whose = register.belongs.whose
    Unmasked = Annotated[Context, requires(f"{service}:read", UNMASK, whose=whose)]  # noqa: N806 - a type

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
        await must_hold(replace(context, writes=True), register, id)  # a look is more than reading the list
        context.audit(f"{service}.phone.revealed", str(id), register=register.path)
        return reveal(context, row)


def _filters(register: Register) -> Callable[..., Awaitable[dict[str, Any]]]:
    """A dependency with a query parameter for each filter, and `q`: the values that were asked for, by name."""
    fields = register.shown.model_fields | register.entry.model_fields

    # Asynchronous, since FastAPI runs any other dependency in a thread.
    async def asked(**given: Any) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value is not None}

    parameters = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[typed(fields[name]) | None, Query(description=fields[name].description)],
        )
        for name in register.filters
    ]
    if register.search is not None:
        named = Annotated[str | None, Query(max_length=100, description="名称中含有的文字")]
        parameters.append(Parameter("q", Parameter.KEYWORD_ONLY, default=None, annotation=named))
    asked.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return asked


def _fill(context: Context, row: Any, body: Body) -> None:
    marks = marks_of(body)
    for name, value in body.model_dump(exclude={"phone"}).items():
        # Of a person's name the row has what answers show; in full it is sealed with the originals.
        setattr(row, name, mask_name(value) if value and marks[name] is Kept.NAME else value)
    # A number is read masked, so leaving it out keeps it; null removes it.
    if isinstance(row, Reachable) and "phone" in body.model_fields_set:
        set_phone(context, row, getattr(body, "phone", None))


async def _write(context: Context, service: str, register: Register, row: Entry, change: Change) -> None:
    """Write the row and record the fact; what the database's keys refuse is the caller's answer."""
    written = dict(vars(row))
    try:
        await context.session.flush()
    except IntegrityError as error:
        raise await _refused(context, register, written, error) from None
    if change != "removed":
        await context.must_hold(register.belongs, register.model.id == row.id)
    if register.derived and change != "removed":
        await context.session.refresh(row, register.derived)
    context.record(told(service, register, row, change), str(row.id))


def told(service: str, register: Register, row: Entry, change: Change) -> Event:
    """The event of a change."""
    if register.told is not None:
        return register.told(row, change)
    kind = exercised(_changed(service)) if row.exercise else _changed(service)
    return kind(kind=register.path, entry=row.id, change=change)


@cache
def _changed(service: str) -> type[RegisterChanged]:
    """The service's own type of the common event."""

    class Changed(RegisterChanged, type=f"{service}.register.changed", title="登记变更"):
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
                for name in sorted(
                    {each.removesuffix("_key") for each in taken} & register.entry.model_fields.keys()
                )
            ],
        )
    for key in register.model.__table__.foreign_key_constraints:
        if key.name == constraint:
            return Invalid(
                "unknown-reference",
                "填写的编号没有登记，请先登记，或核对编号。",
                errors=[FieldError(pointer=f"/{name}", reason="没有登记过") for name in key.column_keys],
            )
    if constraint.startswith("ex_"):
        begins = "begins_at" if "begins_at" in register.entry.model_fields else "begins_on"
        raised = FieldError(pointer=f"/{begins}", reason="与已登记的一段时间重叠")
        return Conflict(
            "overlapping-period", register.overlap, errors=[raised], clauses=register.model.clauses
        )
    if constraint.startswith("fk_"):
        return Conflict("still-referred-to", f"这条{register.noun}与其他登记相互引用，请先改正那些登记。")
    return error
