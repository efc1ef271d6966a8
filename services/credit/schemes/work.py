"""How schemes are loaded, and which one is in force."""

from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Date, Select, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.district.reference import read
from kit.web.problems import Conflict, FieldError, Invalid, NotFound
from services.credit.plan.consistency import inconsistencies
from services.credit.plan.scheme import Scheme
from services.credit.schemes.models import SchemeRow

DEFAULT: Final = Path(__file__).parents[1] / "plan" / "data" / "default-2026-1.yaml"
CLAUSES = ("P-2.3.2a",)


def must_hold_together(scheme: Scheme) -> None:
    """Refuse a scheme that contradicts itself, with all that is wrong at once. Raises: Invalid."""
    if found := inconsistencies(scheme):
        raise Invalid(
            "inconsistent-scheme",
            "评价方案前后不一致，请按 errors 逐项改正。",
            errors=[FieldError(pointer=pointer, reason=reason) for pointer, reason in found],
            clauses=CLAUSES,
        )


async def load_default(context: Context) -> None:
    """Bring the default scheme in, where no scheme is."""
    scheme = Scheme.of(read(DEFAULT))
    values = _values(context, scheme)
    await context.session.execute(insert(SchemeRow).values(values).on_conflict_do_nothing())


async def load(context: Context, scheme: Scheme) -> SchemeRow:
    """Keep a scheme; the same again changes nothing.

    Raises: Invalid where it contradicts itself, or would change earlier scores; Conflict where its code or its first day
    is another's.
    """
    must_hold_together(scheme)
    values = _values(context, scheme)
    known = await context.session.get(SchemeRow, scheme.code)
    if known is not None and known.document == values["document"]:
        return known
    if scheme.effective_from < context.today:
        raise Invalid(
            "scheme-backdated",
            "评价方案自今天或以后施行，以前的得分不因后来的方案改变；要用它计算以前的，请在查询或启动评价时指定方案编号。",
            errors=[FieldError(pointer="/effective_from", reason="早于今天")],
            clauses=CLAUSES,
        )
    row = SchemeRow(**values)
    try:
        async with context.session.begin_nested():
            context.session.add(row)
    except IntegrityError:
        raise Conflict(
            "scheme-exists",
            "已有同编号或同日施行的评价方案。方案不能修改，请用新的编号和施行日期。",
            clauses=CLAUSES,
        ) from None
    context.audit("credit.scheme.loaded", scheme.code, effective_from=str(scheme.effective_from))
    return row


def _values(context: Context, scheme: Scheme) -> dict[str, object]:
    return {
        "code": scheme.code,
        "effective_from": scheme.effective_from,
        "document": scheme.model_dump(mode="json"),
        "loaded_at": context.now,
        "client": context.caller.by,
    }


_BY_CODE: Final = select(SchemeRow.digest).where(SchemeRow.code == bindparam("code"))
_IN_FORCE: Final = (
    select(SchemeRow.digest)
    .where(SchemeRow.effective_from <= bindparam("day", type_=Date))
    .order_by(SchemeRow.effective_from.desc())
    .limit(1)
)
#: Schemes by their digests, as they were read: one never changes, is much to read, and there are few.
_READ: Final[dict[str, Scheme]] = {}


async def _the_one(session: AsyncSession, which: Select[str], asked: dict[str, Any]) -> Scheme | None:
    """The scheme whose digest a query tells; read once in a process."""
    digest = await session.scalar(which, asked)
    if digest is None:
        return None
    if digest not in _READ:
        document = await session.scalar(select(SchemeRow.document).where(SchemeRow.digest == digest).limit(1))
        _READ[digest] = Scheme.of(document)
    return _READ[digest]


async def every_scheme(session: AsyncSession) -> list[Scheme]:
    """All schemes, by their first day."""
    rows = await session.scalars(select(SchemeRow.document).order_by(SchemeRow.effective_from))
    return [Scheme.of(each) for each in rows]


async def scheme_on(session: AsyncSession, day: date) -> Scheme | None:
    """The scheme in force on a day; None where none is yet."""
    return await _the_one(session, _IN_FORCE, {"day": day})


async def the_scheme(session: AsyncSession, code: str | None, day: date) -> Scheme:
    """The scheme under a code, or without one the one in force on a day. Raises: NotFound."""
    if code is None:
        found, missing = await scheme_on(session, day), f"{day} 还没有施行的评价方案。"
    else:
        found = await _the_one(session, _BY_CODE, {"code": code})
        missing = f"没有编号为 {code} 的评价方案。"
    if found is None:
        raise NotFound("not-found", missing)
    return found
