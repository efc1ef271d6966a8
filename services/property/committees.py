"""Owners' committees (业委会) and property management committees (物管会) with their terms (P-2.1.2b)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.citations import Citation, cite
from kit.district.clock import Now
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.property.base import Base
from services.property.compounds.work import own_compound

Kind = Literal["owners_committee", "management_committee"]
CLAUSES = ("P-2.1.2b",)


class Committee(Base, db.Identified, db.Versioned):
    """A committee of a compound; at most one at a time."""

    __tablename__ = "committees"
    __table_args__ = (
        CheckConstraint("kind in ('owners_committee','management_committee')", name="kind"),
        CheckConstraint("party_members between 0 and members", name="party_members"),
        CheckConstraint("term_ends_on > formed_on", name="term"),
        CheckConstraint("dissolved_on >= formed_on", name="dissolved"),
        Index("uq_committees_current", "compound_id", unique=True, postgresql_where="dissolved_on is null"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    kind: Mapped[str]
    formed_on: Mapped[date]
    term_ends_on: Mapped[date]
    dissolved_on: Mapped[date | None]
    members: Mapped[int]
    party_members: Mapped[int]
    has_party_organisation: Mapped[bool]


class CommitteeFormed(Event, type="property.committee.formed"):
    """A compound got a committee."""

    committee: UUID
    compound: UUID
    kind: str
    formed_on: date


class CommitteeChanged(Event, type="property.committee.changed"):
    """A committee's members, term or end were changed."""

    committee: UUID
    compound: UUID
    dissolved_on: date | None


class CommitteeFacts(BaseModel):
    """What is known of a committee."""

    kind: Kind = Field(description="owners_committee 业委会，management_committee 物管会")
    formed_on: date = Field(description="成立日期")
    term_ends_on: date = Field(description="任期届满日期")
    dissolved_on: date | None = Field(default=None, description="解散或换届日期；在任时为空")
    members: int = Field(ge=1, le=999, description="委员人数")
    party_members: int = Field(ge=0, le=999, description="党员人数")
    has_party_organisation: bool = Field(description="是否同步建立党组织")

    @model_validator(mode="after")
    def _consistent(self) -> "CommitteeFacts":
        if self.party_members > self.members:
            raise ValueError("党员人数不能多于委员人数。")
        if self.term_ends_on <= self.formed_on:
            raise ValueError("任期届满日期应晚于成立日期。")
        if self.dissolved_on is not None and self.dissolved_on < self.formed_on:
            raise ValueError("解散日期不能早于成立日期。")
        return self


class CommitteeIn(CommitteeFacts):
    """A committee as it is entered."""

    model_config = ConfigDict(
        title="业委会（物管会）",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "compound_id": "01990000-0000-7000-8000-000000000000",
                    "kind": "owners_committee",
                    "formed_on": "2024-05-20",
                    "term_ends_on": "2029-05-20",
                    "members": 7,
                    "party_members": 4,
                    "has_party_organisation": True,
                }
            ]
        },
    )

    compound_id: UUID = Field(description="小区")


class CommitteeUpdate(CommitteeFacts):
    """A committee as it is corrected."""

    model_config = ConfigDict(
        title="业委会（物管会）更正",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "owners_committee",
                    "formed_on": "2024-05-20",
                    "term_ends_on": "2029-05-20",
                    "dissolved_on": "2027-03-01",
                    "members": 7,
                    "party_members": 4,
                    "has_party_organisation": True,
                }
            ]
        },
    )


class CommitteeOut(CommitteeFacts):
    """A committee."""

    model_config = ConfigDict(title="业委会（物管会）信息")

    id: UUID
    compound_id: UUID
    lapsed: bool = Field(description="任期已满而未换届，读取时计算")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: Committee, today: date) -> "CommitteeOut":
        """The row as an answer on a day."""
        facts = {name: getattr(row, name) for name in CommitteeFacts.model_fields}
        lapsed = row.dissolved_on is None and row.term_ends_on <= today
        return cls(id=row.id, compound_id=row.compound_id, lapsed=lapsed, basis=cite(*CLAUSES), **facts)


router = routes.router("业委会（物管会）")


@router.post(
    "/committees",
    status_code=201,
    summary="登记业委会（物管会）",
    description="登记一个小区成立的业委会；尚不具备条件的，登记社区组建的物管会。同一小区同时只有一个。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def form_committee(
    body: CommitteeIn,
    session: Session,
    caller: Annotated[Caller, requires("property:write")],
    now: Now,
    response: Response,
) -> CommitteeOut:
    """Enter a committee (P-2.1.2b)."""
    await own_compound(session, body.compound_id, caller)
    current = select(Committee.id).where(
        Committee.compound_id == body.compound_id, Committee.dissolved_on.is_(None)
    )
    if body.dissolved_on is None and await session.scalar(current) is not None:
        raise Conflict(
            "committee-exists", "这个小区已有在任的业委会（物管会），请先登记其解散或换届。", clauses=CLAUSES
        )
    committee = Committee(id=db.new_id(), **body.model_dump())
    session.add(committee)
    await session.flush()
    event = CommitteeFormed(
        committee=committee.id, compound=body.compound_id, kind=body.kind, formed_on=body.formed_on
    )
    record(session, event, str(body.compound_id), caller, now)
    response.headers["Location"] = f"/property/v1/committees/{committee.id}"
    set_etag(response, committee)
    return CommitteeOut.of(committee, now.date())


@router.get(
    "/committees",
    summary="列出业委会（物管会）",
    description="按登记先后分页列出，可只看任期已满而未换届的。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_committees(
    session: Session,
    _caller: Annotated[Caller, requires("property:read")],
    now: Now,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区")] = None,
    lapsed: Annotated[bool, Query(description="只看任期已满而未换届的")] = False,
) -> Page[CommitteeOut]:
    """The committees; with `lapsed` those whose term is over (P-2.1.2b)."""
    query = select(Committee)
    if compound is not None:
        query = query.where(Committee.compound_id == compound)
    if lapsed:
        query = query.where(Committee.dissolved_on.is_(None), Committee.term_ends_on <= now.date())
    rows, following = await paging.fetch(session, query, Committee.id)
    return Page(items=[CommitteeOut.of(row, now.date()) for row in rows], next=following)


@router.get(
    "/committees/{id}",
    summary="查看业委会（物管会）",
    description="任期、委员和党员人数，任期是否已满。",
    responses=problems(404),
)
async def read_committee(
    id: UUID,
    session: Session,
    _caller: Annotated[Caller, requires("property:read")],
    now: Now,
    response: Response,
) -> CommitteeOut:
    """A committee."""
    committee = await db.found(session, Committee, id, "没有这个业委会（物管会）。")
    set_etag(response, committee)
    return CommitteeOut.of(committee, now.date())


@router.put(
    "/committees/{id}",
    summary="更正业委会（物管会）",
    description="更正人数、任期，或登记解散、换届。修改前先读取，并带 If-Match。",
    responses=problems(404, 409, 412, 428),
    openapi_extra=clauses(*CLAUSES),
)
async def change_committee(
    id: UUID,
    body: CommitteeUpdate,
    session: Session,
    caller: Annotated[Caller, requires("property:write")],
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> CommitteeOut:
    """Change a committee, or enter its end."""
    committee = await db.locked(session, Committee, id, "没有这个业委会（物管会）。")
    await own_compound(session, committee.compound_id, caller)
    if_match.check(committee)
    for name, value in body.model_dump().items():
        setattr(committee, name, value)
    await session.flush()
    event = CommitteeChanged(
        committee=id, compound=committee.compound_id, dissolved_on=committee.dissolved_on
    )
    record(session, event, str(committee.compound_id), caller, now)
    set_etag(response, committee)
    return CommitteeOut.of(committee, now.date())
