"""Doubles: compounds or companies that are likely one are proposed with the reasons, until they are merged or dismissed."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Query
from pydantic import Field, model_validator
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Select,
    Subquery,
    UniqueConstraint,
    Uuid,
    exists,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased

from kit.context import Context
from kit.storage import db
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.pages import Page, PageRequest
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register, must_exist
from kit.web.shapes import Answer, Body
from services.property.base import Base, Reader
from services.property.companies import Company
from services.property.compounds.models import Compound, located, states
from services.property.compounds.work import BELONGING, of_compound
from services.property.corrections import Correction
from services.property.divisions import COMMUNITY, STREET, Division
from services.property.plan.doubles import Facts, reasons
from services.property.search.aliases import Alias

Kind = Literal["compound", "company"]


class Dismissal(Base, Entry):
    """Two that are not one, though they look like it, and why (不是重复); one_id is the earlier entry."""

    __tablename__ = "dismissals"
    __table_args__ = (
        CheckConstraint("kind in ('compound','company')", name="kind"),
        CheckConstraint("one_id < other_id", name="pair"),
        UniqueConstraint("one_id", "other_id"),
    )

    kind: Mapped[str]
    one_id: Mapped[UUID]
    other_id: Mapped[UUID]
    reason: Mapped[str]


class DismissalIn(
    Body,
    title="不是重复",
    example={
        "kind": "compound",
        "one_id": "0190163d-8694-739b-aea5-966c26f8ad91",
        "other_id": "0190163d-8694-739b-aea5-966c26f8ad92",
        "reason": "两期分属不同开发商，是两个小区",
    },
):
    """That two are not one, and why (不是重复)."""

    kind: Kind = Field(description="compound 小区，company 物业服务企业")
    one_id: UUID = Field(description="一个登记的编号")
    other_id: UUID = Field(description="另一个登记的编号")
    reason: str = Field(min_length=2, max_length=500, description="为什么不是同一个")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.one_id == self.other_id:
            raise ValueError("两个编号相同，请填写两个登记。")
        self.one_id, self.other_id = sorted((self.one_id, self.other_id))
        return self


async def _of_two(context: Context, body: DismissalIn, _row: Any) -> None:
    """Refuse what is said of others than stand there, or of another street's.

    Raises: Invalid; Forbidden.
    """
    model, noun = (Compound, "小区") if body.kind == "compound" else (Company, "企业")
    for id, pointer in ((body.one_id, "/one_id"), (body.other_id, "/other_id")):
        await must_exist(context.session, model, id, pointer, noun)
        if body.kind == "compound":
            await context.must_hold(BELONGING, Compound.id == id)


DISMISSALS = Register(
    "dismissals",
    "不是重复的登记",
    Dismissal,
    DismissalIn,
    about="经核实不是同一个的两个小区或企业，不再列为疑似重复；企业的由区级单位登记。",
    filters=("kind",),
    search=None,
    check=_of_two,
    belongs=of_compound(Dismissal.one_id),
)


class DoubleOut(Answer, title="疑似重复的一个"):
    """One of two that are likely one (疑似重复的一个)."""

    id: UUID = Field(description="登记编号")
    name: str = Field(description="名称", examples=["天骄小区"])
    street: str | None = Field(description="小区所在街道（镇）；企业为空", examples=["天骄街道"])
    community: str | None = Field(description="小区所在社区；企业为空", examples=["天骄社区"])
    uscc: str | None = Field(description="企业的统一社会信用代码", examples=["91150602MA0DEMF00Q"])


class DoublesOut(Answer, title="疑似重复"):
    """Two that are likely one, and why (疑似重复)."""

    one: DoubleOut = Field(description="先登记的一个")
    other: DoubleOut = Field(description="后登记的一个")
    reasons: list[str] = Field(
        description="疑似重复的理由", examples=[["同一社区，名称只差括号、空格，或“小区”“社区”等后缀"]]
    )


router = routes.router("查找")
add_register(router, "property", DISMISSALS)


@router.get(
    "/doubles",
    summary="列出疑似重复的登记",
    description="疑似同一个的两个小区或企业和理由，先登记的在前。核实为同一个的，用 withdraw 并入；不是的，在 dismissals 登记。"
    "限定街道（镇）的令牌只列两个都在本街道（镇）的小区。",
)
async def list_doubles(
    context: Reader,
    paging: PageRequest,
    kind: Annotated[Kind, Query(description="compound 小区，company 物业服务企业")],
) -> Page[DoublesOut]:
    """Pairs that are likely one, with the reasons; those that were dismissed are left out."""
    pair = _pairs(kind, context.today)
    query = select(pair.c.one, pair.c.other)
    for side in (pair.c.one, pair.c.other):
        owner = of_compound(side) if kind == "compound" else Belonging(company=_code_of(side))
        query = context.within(query, owner)
    rows, following = await paging.fetch(context.session, query, pair.c.one, pair.c.other)
    known = await _known(context.session, kind, {id for row in rows for id in row}, context.today)
    shown = [
        DoublesOut(
            one=known[one][0], other=known[other][0], reasons=[*reasons(known[one][1], known[other][1])]
        )
        for one, other in rows
    ]
    return Page(items=shown, next=following)


def _code_of(id: Any) -> Any:
    return select(Company.uscc).where(Company.id == id).scalar_subquery()


# -------------------------------------------------------------------------------- which pairs share a key
def _pairs(kind: Kind, day: date) -> Subquery:
    """The pairs that share a key of `plan.doubles`, each once, and were not dismissed."""
    found = _compound_pairs(day) if kind == "compound" else _company_pairs()
    pair = union(*found).subquery("found")
    dismissed = exists().where(Dismissal.one_id == pair.c.one, Dismissal.other_id == pair.c.other)
    return select(pair).where(~dismissed).subquery("pair")


def _ordered(one: Any, other: Any) -> Any:
    """Two tables' rows, neither of them withdrawn, the earlier first."""
    ids = {"one": func.least, "other": func.greatest}
    columns = (of_two(one.id, other.id, type_=Uuid()).label(name) for name, of_two in ids.items())
    pairs: Any = select(*columns)
    return pairs.where(one.id != other.id, one.withdrawn_on.is_(None), other.withdrawn_on.is_(None))


def _compound_pairs(day: date) -> Iterable[Select[Any]]:
    one, other = aliased(Compound), aliased(Compound)
    here, there = aliased(Division), aliased(Division)
    near = here.parent_id == there.parent_id
    placed = (
        _ordered(one, other)
        .join_from(one, here, here.id == one.community_id)
        .join(other, literal(True))
        .join(there, there.id == other.community_id)
    )
    yield placed.where(one.name_like == other.name_like, or_(near, here.name_like == there.name_like))
    called = _called("compound").subquery("called")
    yield placed.where(near).join(called, called.c.id == one.id).where(called.c.key == other.name_key)
    seen, seen_there = states(day), states(day, "state_there")
    figures: list[ColumnElement[bool]] = [
        getattr(seen, name) == getattr(seen_there, name) for name in _FIGURES
    ]
    yield (
        placed.where(near)
        .join(seen, seen.compound_id == one.id)
        .join(seen_there, seen_there.compound_id == other.id)
        .where(*figures)
    )


#: What of a survey makes two compounds alike, where all of it is the same.
_FIGURES = ("company_id", "buildings", "households", "area")


def _company_pairs() -> Iterable[Select[Any]]:
    one, other = aliased(Company), aliased(Company)
    both = _ordered(one, other)
    yield both.where(one.name_like == other.name_like)
    yield both.where(func.substr(one.uscc, 9, 9) == func.substr(other.uscc, 9, 9))
    called = _called("company").subquery("called")
    yield both.join_from(one, called, called.c.id == one.id).where(called.c.key == other.name_key)


def _called(kind: Kind) -> Any:
    """The keys of what things are called besides, and were called before."""
    of_alias = Alias.compound_id if kind == "compound" else Alias.company_id
    aliases = select(of_alias.label("id"), Alias.name_key.label("key")).where(
        of_alias.is_not(None), Alias.kind == "alias"
    )
    former = select(Correction.subject_id, Correction.former_key).where(
        Correction.kind == kind, Correction.action.in_(("renamed", "moved"))
    )
    return union_all(aliases, former)


# ----------------------------------------------------------------------------------------- what is known of them
async def _known(
    session: AsyncSession, kind: Kind, ids: Collection[UUID], day: date
) -> dict[UUID, tuple[DoubleOut, Facts]]:
    """What answers show of each, and what the rule asks."""
    called: dict[UUID, set[str]] = {}
    names = _called(kind).subquery()
    for id, key in await session.execute(select(names).where(db.among(names.c.id, ids))):
        called.setdefault(id, set()).add(key)
    query = _compounds(day) if kind == "compound" else select(Company)
    model = Compound if kind == "compound" else Company
    found = {}
    for thing, *more in await session.execute(query.where(db.among(model.id, ids))):
        place = dict(zip(("street", "community", "community_like"), more, strict=False))
        figures = tuple(more[3:])
        uscc = getattr(thing, "uscc", None)
        found[thing.id] = (
            DoubleOut(
                id=thing.id,
                name=thing.name,
                street=place.get("street"),
                community=place.get("community"),
                uscc=uscc,
            ),
            Facts(
                name=thing.name,
                key=thing.name_key,
                like=thing.name_like,
                figures=figures if None not in figures else (),
                uscc=uscc,
                called=frozenset(called.get(thing.id, ())),
                **place,
            ),
        )
    return found


def _compounds(day: date) -> Select[Any]:
    state = states(day)
    columns = (STREET.name, COMMUNITY.name, COMMUNITY.name_like, *(getattr(state, name) for name in _FIGURES))
    return located(select(Compound, *columns)).outerjoin(state, state.compound_id == Compound.id)
