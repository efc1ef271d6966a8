"""The canonical units of the district: one id and one name each, with the other ways to write them."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from kit.context import Context
from kit.district import units as canon
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, NotFound, problems
from kit.web.shapes import Answer
from services.office.base import Base

Reader = Annotated[Context, requires("office:read", whose=Whose.EVERYBODYS)]


class UnitRow(Base):
    """A unit (单位) under the name that answers show."""

    __tablename__ = "units"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(index=True)
    written_at: Mapped[str]
    aliases: Mapped[list["AliasRow"]] = relationship(order_by="AliasRow.name", lazy="raise")

    @property
    def kind_zh(self) -> str:
        """What its kind is called."""
        return canon.Kind(self.kind).zh


class AliasRow(Base):
    """Another way to write a unit (单位别名); no two units share one."""

    __tablename__ = "unit_aliases"

    name: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    written_at: Mapped[str]


async def load_units(context: Context) -> None:
    """Bring in the canon; again changes nothing."""
    units, aliases = [], []
    for unit in canon.units():
        units.append({"id": unit.id, "name": unit.name, "kind": unit.kind.value, "written_at": unit.at})
        aliases += [{"name": each.name, "unit_id": unit.id, "written_at": each.at} for each in unit.aliases]
    await _keep(context, UnitRow, units)
    await _keep(context, AliasRow, aliases)


async def _keep(context: Context, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Write rows, the first of whose columns is their key."""
    key, *others = rows[0]
    statement = insert(model)
    values = {name: statement.excluded[name] for name in others}
    await context.session.execute(statement.on_conflict_do_update(index_elements=[key], set_=values), rows)


class AliasOut(Answer, title="单位别名"):
    """Another way to write a unit (单位别名)."""

    name: str = Field(description="别名", examples=["区应急局"])
    written_at: str = Field(
        description="见于何处：文件代号和位置，usage 为习惯用法", examples=["东政办发〔2024〕31号 二(一)"]
    )


class UnitOut(Answer, title="单位信息"):
    """A unit with its other names (单位信息)."""

    id: str = Field(description="单位编号，长期不变", examples=["emergency-bureau"])
    name: str = Field(description="规范名称", examples=["区应急管理局"])
    kind: str = Field(description="类别编码", examples=["department"])
    kind_zh: str = Field(description="类别", examples=["政府部门"])
    written_at: str = Field(description="规范名称见于何处", examples=["东政办发〔2024〕31号 二(一)"])
    aliases: list[AliasOut] = Field(description="别名")


router = routes.router("单位")


@router.get(
    "/units",
    summary="列出单位",
    description="全区单位的规范名称和别名，按编号分页，可按类别筛选。",
)
async def list_units(
    context: Reader,
    paging: PageRequest,
    kind: Annotated[canon.Kind | None, Query(description="类别", examples=["street"])] = None,
) -> Page[UnitOut]:
    """The units by id."""
    query = _units()
    if kind is not None:
        query = query.where(UnitRow.kind == kind.value)
    return await paging.page(context.session, query, UnitOut.of, UnitRow.id)


@router.get(
    "/units/resolve",
    summary="按名称查单位",
    description="规范名称、别名、带不带“区”“东胜区”、括号全角半角都能查到。查不到时返回 422。",
)
async def resolve_unit(
    context: Reader,
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
    return await _one(context, unit.id)


@router.get(
    "/units/{id}", summary="查看一个单位", description="规范名称、类别和别名。", responses=problems(404)
)
async def read_unit(
    id: Annotated[str, Path(description="单位编号", examples=["emergency-bureau"], max_length=80)],
    context: Reader,
) -> UnitOut:
    """A unit by its id."""
    return await _one(context, id)


def _units() -> Select[UnitRow]:
    return select(UnitRow).options(selectinload(UnitRow.aliases))


async def _one(context: Context, id: str) -> UnitOut:
    row = (await context.session.scalars(_units().where(UnitRow.id == id))).one_or_none()
    if row is None:
        raise NotFound("not-found", f"没有编号为 {id} 的单位。")
    return UnitOut.of(row)
