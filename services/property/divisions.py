"""The district's divisions: the district, its streets and towns, and their communities."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.district import reference, units
from kit.district.clock import Now
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.db import locked
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.tokens import Caller, requires
from services.property.base import Base

Kind = Literal["district", "street", "town", "community"]

#: Statistical code of 东胜区 (GB/T 2260).
DISTRICT_CODE = "150602"


class Division(Base, db.Identified, db.Versioned):
    """A division; its statistical code stays empty until an operator enters it."""

    __tablename__ = "divisions"
    __table_args__ = (
        CheckConstraint("kind in ('district','street','town','community')", name="kind"),
        CheckConstraint("(kind = 'district') = (parent_id is null)", name="parent"),
        Index("uq_divisions_parent_id_name", "parent_id", "name", unique=True),
    )

    name: Mapped[str]
    kind: Mapped[str] = mapped_column(index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("divisions.id"))
    code: Mapped[str | None] = mapped_column(unique=True)


class DivisionCoded(Event, type="property.division.coded"):
    """A division got its statistical code."""

    division: UUID
    name: str
    code: str | None


@cache
def street_names() -> frozenset[str]:
    """Full names of the district's streets and towns."""
    return frozenset(row["name"] for row in _data()["divisions"])


@cache
def _data() -> dict[str, list[dict[str, str]]]:
    path = Path(__file__).parent / "plan" / "data" / "divisions.yaml"
    data: dict[str, list[dict[str, str]]] = reference.read(path)
    return data


def street_named(text: str, pointer: str) -> str:
    """The full name of a street or town, however it is written.

    Raises: Invalid at `pointer`.
    """
    unit = units.street(text)
    if unit is None or unit.name not in street_names():
        raise Invalid(
            "unknown-street",
            f"本区没有“{text}”，请填写本区的街道或镇。",
            errors=[FieldError(pointer=pointer, reason="应为本区 12 个街道、3 个镇之一，例如 天骄街道")],
        )
    return unit.name


async def load_divisions(session: AsyncSession, _now: datetime) -> None:
    """Bring in the district with its streets and towns; again changes nothing."""
    district = await session.scalar(select(Division.id).where(Division.kind == "district"))
    if district is None:
        district = db.new_id()
        session.add(Division(id=district, name="东胜区", kind="district", parent_id=None, code=DISTRICT_CODE))
        await session.flush()
    rows = [
        {"id": db.new_id(), "name": row["name"], "kind": row["kind"], "parent_id": district, "version": 1}
        for row in _data()["divisions"]
    ]
    await session.execute(insert(Division).on_conflict_do_nothing(index_elements=["parent_id", "name"]), rows)


async def street_ids(session: AsyncSession) -> Mapping[str, UUID]:
    """Ids of the streets and towns by full name."""
    rows = await session.execute(
        select(Division.name, Division.id).where(Division.kind.in_(("street", "town")))
    )
    return {row.name: row.id for row in rows}


async def communities(
    session: AsyncSession, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """Ids of communities by (street, community); those not known yet are added."""
    streets = await street_ids(session)
    keys: dict[tuple[UUID | None, str], tuple[str, str]] = {
        (streets[street], name): (street, name) for street, name in wanted
    }
    rows = [
        {"id": db.new_id(), "name": name, "kind": "community", "parent_id": street, "version": 1}
        for street, name in keys
    ]
    if rows:
        await session.execute(
            insert(Division).on_conflict_do_nothing(index_elements=["parent_id", "name"]), rows
        )
    found = await session.execute(
        select(Division.parent_id, Division.name, Division.id).where(
            tuple_(Division.parent_id, Division.name).in_(keys)
        )
    )
    return {keys[row.parent_id, row.name]: row.id for row in found}


class DivisionOut(BaseModel):
    """A division."""

    model_config = ConfigDict(title="区划", from_attributes=True)

    id: UUID
    name: str = Field(description="名称", examples=["天骄街道"])
    kind: Kind = Field(description="district 区，street 街道，town 镇，community 社区（村）")
    parent_id: UUID | None = Field(description="上级区划")
    code: str | None = Field(description="统计用区划代码；未录入时为空")


class CodeIn(BaseModel):
    """The statistical code of a division."""

    model_config = ConfigDict(
        title="区划代码", extra="forbid", json_schema_extra={"examples": [{"code": "150602001"}]}
    )

    code: str | None = Field(
        pattern=r"^150602\d{3}(\d{3})?$", description="9 位（街道、镇）或 12 位（社区）统计用区划代码"
    )


router = routes.router("区划")


@router.get(
    "/divisions",
    summary="列出区划",
    description="本区、街道（镇）和社区，可按类别和上级筛选。",
)
async def list_divisions(
    session: Session,
    _caller: Annotated[Caller, requires("property:read")],
    paging: PageRequest,
    kind: Annotated[Kind | None, Query(description="类别")] = None,
    parent: Annotated[UUID | None, Query(description="上级区划")] = None,
) -> Page[DivisionOut]:
    """The divisions in the order they were entered."""
    query = select(Division)
    if kind is not None:
        query = query.where(Division.kind == kind)
    if parent is not None:
        query = query.where(Division.parent_id == parent)
    rows, following = await paging.fetch(session, query, Division.id)
    return Page(items=[DivisionOut.model_validate(row) for row in rows], next=following)


@router.put(
    "/divisions/{id}/code",
    summary="录入区划代码",
    description="录入街道（镇）或社区的统计用区划代码。修改前先读取，并带 If-Match。",
    responses=problems(404, 409, 412, 428),
)
async def set_division_code(
    id: UUID,
    body: CodeIn,
    session: Session,
    caller: Annotated[Caller, requires("property:admin")],
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> DivisionOut:
    """Enter a division's statistical code."""
    division = await locked(session, Division, id, "没有这个区划。")
    if_match.check(division)
    division.code = body.code
    await session.flush()
    record(session, DivisionCoded(division=id, name=division.name, code=body.code), str(id), caller, now)
    set_etag(response, division)
    return DivisionOut.model_validate(division)


@router.get(
    "/divisions/{id}", summary="查看一个区划", description="名称、类别、上级和代码。", responses=problems(404)
)
async def read_division(
    id: UUID,
    session: Session,
    _caller: Annotated[Caller, requires("property:read")],
    response: Response,
) -> DivisionOut:
    """A division."""
    division = await db.found(session, Division, id, "没有这个区划。")
    set_etag(response, division)
    return DivisionOut.model_validate(division)
