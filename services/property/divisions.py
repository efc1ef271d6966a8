"""The district's divisions: the district, its streets and towns, and their communities."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kit.context import Context
from kit.district.named_units import streets
from kit.district.names import name_key
from kit.events.event import Event
from kit.storage import db
from kit.storage.named import Named, spelled
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.shapes import Answer, Body
from services.property.base import Anybody, Base

Kind = Literal["district", "street", "town", "community"]
DivisionId = Annotated[UUID, Path(description="区划编号")]

#: Statistical code of 东胜区 (GB/T 2260); those of its streets and towns stand in none of the documents.
DISTRICT_CODE = "150602"
NO_SUCH_DIVISION = "没有这个区划。"


class Division(Base, db.Identified, db.Versioned, Named):
    """A division (区划); its statistical code stays empty until an operator enters it.

    withdrawn_on: since when a community is known to be none, a name typed wrong or merged into another.
    """

    __tablename__ = "divisions"
    __table_args__ = (
        CheckConstraint("kind in ('district','street','town','community')", name="kind"),
        CheckConstraint("(kind = 'district') = (parent_id is null)", name="parent"),
        Index("uq_divisions_parent_id_name_key", "parent_id", "name_key", unique=True),
    )

    kind: Mapped[str] = mapped_column(index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("divisions.id"))
    code: Mapped[str | None] = mapped_column(unique=True)
    withdrawn_on: Mapped[date | None]


#: A compound's community and its street or town, as statements join them.
COMMUNITY, STREET = aliased(Division, name="community"), aliased(Division, name="street")


def of_division(division_id: Any) -> Belonging:
    """Whose rows are that hang on a street, a town, or a community of one."""
    own, above = aliased(Division), aliased(Division)
    name = case((own.kind == "community", above.name), else_=own.name)
    lies = select(name).select_from(own).outerjoin(above, above.id == own.parent_id)
    return Belonging(lies.where(own.id == division_id).scalar_subquery())


class DivisionCoded(Event, type="property.division.coded", title="区划代码变更"):
    """A division got its statistical code."""

    division: UUID = Field(description="区划登记编号")
    name: str = Field(description="区划名称")
    code: str | None = Field(description="统计用区划代码；没有时为空")


@cache
def street_names() -> frozenset[str]:
    """Full names of the district's streets and towns."""
    return frozenset(unit.name for unit in streets())


async def load_divisions(context: Context) -> None:
    """Bring in the district with its streets and towns; again changes nothing."""
    session = context.session
    district = await session.scalar(select(Division.id).where(Division.kind == "district"))
    if district is None:
        district = db.new_id()
        session.add(Division(id=district, name="东胜区", kind="district", parent_id=None, code=DISTRICT_CODE))
        await session.flush()
    await _enter(session, {(district, unit.name): unit.kind.value for unit in streets()})


async def communities(context: Context, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Ids of communities by (street, community); those not known yet are added."""
    session = context.session
    known = select(Division.name, Division.id).where(Division.kind.in_(("street", "town")))
    ids = dict((await session.execute(known)).all())
    await _enter(session, {(ids[street], name): "community" for street, name in wanted})
    keys = {(street, name): (ids[street], name_key(name)) for street, name in wanted}
    found = await session.execute(
        select(Division.parent_id, Division.name_key, Division.id).where(
            Division.parent_id.in_(set(ids.values())),
            db.among(Division.name_key, {key for _, key in keys.values()}),
        )
    )
    entered = {(parent, key): id for parent, key, id in found}
    return {pair: entered[key] for pair, key in keys.items()}


async def _enter(session: AsyncSession, kinds: Mapping[tuple[UUID, str], str]) -> None:
    """Add divisions, given as (parent, name) to kind, that are not there yet."""
    rows = [
        {"id": db.new_id(), "kind": kind, "parent_id": parent, "version": 1} | spelled(name)
        for (parent, name), kind in kinds.items()
    ]
    if rows:
        adding = insert(Division).on_conflict_do_nothing(index_elements=["parent_id", "name_key"])
        await session.execute(adding, rows)


class DivisionOut(Answer, title="区划"):
    """A division (区划)."""

    id: UUID = Field(description="区划编号")
    name: str = Field(description="名称", examples=["天骄街道"])
    kind: Kind = Field(description="district 区，street 街道，town 镇，community 社区（村）")
    parent_id: UUID | None = Field(description="上级区划")
    code: str | None = Field(description="统计用区划代码；未录入时为空", examples=["150602001001"])


class CodeIn(Body, title="区划代码", example={"code": "150602001"}):
    """The statistical code of a division (区划代码)."""

    code: str | None = Field(
        pattern=r"^150602\d{3}(\d{3})?$", description="9 位（街道、镇）或 12 位（社区）统计用区划代码"
    )


router = routes.router("区划")


@router.get("/divisions", summary="列出区划", description="本区、街道（镇）和社区，可按类别和上级筛选。")
async def list_divisions(
    context: Anybody,
    paging: PageRequest,
    kind: Annotated[Kind | None, Query(description="类别")] = None,
    parent: Annotated[UUID | None, Query(description="上级区划")] = None,
) -> Page[DivisionOut]:
    """The divisions in the order they were entered."""
    query = narrowed(select(Division).where(Division.withdrawn_on.is_(None)), kind=kind, parent_id=parent)
    return await paging.page(context.session, query, DivisionOut.of, Division.id)


@router.put(
    "/divisions/{id}/code",
    summary="录入区划代码",
    description="录入街道（镇）或社区的统计用区划代码。修改前先读取，并带 If-Match。",
    responses=problems(404, 409, 412, 428),
)
async def set_division_code(
    id: DivisionId,
    body: CodeIn,
    context: Annotated[Context, requires("property:admin", whose=Whose.DISTRICTS)],
    if_match: IfMatch,
    response: Response,
) -> DivisionOut:
    """Enter a division's statistical code."""
    division = await db.locked(context.session, Division, id, NO_SUCH_DIVISION)
    if_match.check(division)
    division.code = body.code
    await context.session.flush()
    context.record(DivisionCoded(division=id, name=division.name, code=body.code), str(id))
    set_etag(response, division)
    return DivisionOut.of(division)


@router.get(
    "/divisions/{id}", summary="查看一个区划", description="名称、类别、上级和代码。", responses=problems(404)
)
async def read_division(id: DivisionId, context: Anybody, response: Response) -> DivisionOut:
    """A division."""
    division = await db.found(context.session, Division, id, NO_SUCH_DIVISION)
    set_etag(response, division)
    return DivisionOut.of(division)
