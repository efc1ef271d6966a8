"""The canonical units of the district: one id and one name each, with the other ways to write them."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from kit.district import units as canon
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, NotFound, problems
from kit.web.tokens import Caller, requires
from services.office.base import Base

Reader = Annotated[Caller, requires("office:read")]


class UnitRow(Base):
    """A unit under the name that answers show."""

    __tablename__ = "units"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(index=True)
    written_at: Mapped[str]
    aliases: Mapped[list["AliasRow"]] = relationship(order_by="AliasRow.name", lazy="raise")


class AliasRow(Base):
    """Another way to write a unit; no two units share one."""

    __tablename__ = "unit_aliases"

    name: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    written_at: Mapped[str]


async def load_units(session: AsyncSession, _now: datetime) -> None:
    """Bring in the canon; again changes nothing."""
    rows = [
        {"id": unit.id, "name": unit.name, "kind": unit.kind.value, "written_at": unit.at}
        for unit in canon.units()
    ]
    aliases = [
        {"name": alias.name, "unit_id": unit.id, "written_at": alias.at}
        for unit in canon.units()
        for alias in unit.aliases
    ]
    into_units = insert(UnitRow)
    await session.execute(
        into_units.on_conflict_do_update(
            index_elements=["id"],
            set_={name: into_units.excluded[name] for name in ("name", "kind", "written_at")},
        ),
        rows,
    )
    into_aliases = insert(AliasRow)
    await session.execute(
        into_aliases.on_conflict_do_update(
            index_elements=["name"],
            set_={name: into_aliases.excluded[name] for name in ("unit_id", "written_at")},
        ),
        aliases,
    )


class AliasOut(BaseModel):
    """Another way to write a unit."""

    model_config = ConfigDict(title="单位别名", from_attributes=True)

    name: str = Field(description="别名", examples=["区应急局"])
    written_at: str = Field(description="见于何处：文件代号和位置，usage 为习惯用法")


class UnitOut(BaseModel):
    """A unit with its other names."""

    model_config = ConfigDict(title="单位", from_attributes=True)

    id: str = Field(description="单位编号，长期不变", examples=["emergency-bureau"])
    name: str = Field(description="规范名称", examples=["区应急管理局"])
    kind: str = Field(description="类别编码", examples=["department"])
    kind_zh: str = Field(description="类别", examples=["政府部门"])
    written_at: str = Field(description="规范名称见于何处")
    aliases: list[AliasOut] = Field(description="别名")

    @classmethod
    def of(cls, row: UnitRow) -> "UnitOut":
        """The row as an answer."""
        aliases = [AliasOut.model_validate(alias) for alias in row.aliases]
        kind_zh = canon.Kind(row.kind).zh
        return cls(
            id=row.id,
            name=row.name,
            kind=row.kind,
            kind_zh=kind_zh,
            written_at=row.written_at,
            aliases=aliases,
        )


router = routes.router("单位")


@router.get(
    "/units",
    summary="列出单位",
    description="全区单位的规范名称和别名，按编号分页，可按类别筛选。",
)
async def list_units(
    session: Session,
    _caller: Reader,
    paging: PageRequest,
    kind: Annotated[canon.Kind | None, Query(description="类别", examples=["street"])] = None,
) -> Page[UnitOut]:
    """The units by id."""
    query = select(UnitRow).options(selectinload(UnitRow.aliases))
    if kind is not None:
        query = query.where(UnitRow.kind == kind.value)
    rows, following = await paging.fetch(session, query, UnitRow.id)
    return Page(items=[UnitOut.of(row) for row in rows], next=following)


@router.get(
    "/units/resolve",
    summary="按名称查单位",
    description="规范名称、别名、带不带“区”“东胜区”、括号全角半角都能查到。查不到时返回 422。",
)
async def resolve_unit(
    session: Session,
    _caller: Reader,
    name: Annotated[str, Query(min_length=1, max_length=100, description="单位名称", examples=["区应急局"])],
) -> UnitOut:
    """The unit that a name means."""
    unit = canon.resolve(name)
    if unit is None:
        raise Invalid(
            "unknown-unit",
            f"没有名为“{name}”的单位，请核对文件中的写法。",
            errors=[FieldError(pointer="?name", reason="不是已知的单位名称或别名")],
        )
    return await _one(session, unit.id)


@router.get(
    "/units/{id}", summary="查看一个单位", description="规范名称、类别和别名。", responses=problems(404)
)
async def read_unit(
    id: Annotated[str, Path(description="单位编号", examples=["emergency-bureau"], max_length=80)],
    session: Session,
    _caller: Reader,
) -> UnitOut:
    """A unit by its id."""
    return await _one(session, id)


async def _one(session: AsyncSession, id: str) -> UnitOut:
    query = select(UnitRow).where(UnitRow.id == id).options(selectinload(UnitRow.aliases))
    row = (await session.scalars(query)).one_or_none()
    if row is None:
        raise NotFound("not-found", f"没有编号为 {id} 的单位。")
    return UnitOut.of(row)
