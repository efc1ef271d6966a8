"""What was corrected in names and places: who renamed, moved, merged or withdrew what, when and why; only added to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.names import TypedName, name_key
from kit.district.search_words import found_by
from kit.events.event import Event
from kit.storage import db
from kit.storage.named import findable
from kit.web import routes
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.shapes import Answer, Body
from services.property.base import Base, DistrictReader

Of = Literal["compound", "community", "company"]
Action = Literal["renamed", "moved", "merged", "withdrawn", "restored"]


class Correction(Base, db.Identified):
    """A correction (更正) of a compound, community or company: what it was called before, and where it lay.

    former_place: the community of a compound, the street of a community. into_id: what it was merged into;
    gave_code: the credit code that this one got of it. undoes_id: the merge that is taken back, each only once.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint("kind in ('compound','community','company')", name="kind"),
        CheckConstraint("action in ('renamed','moved','merged','withdrawn','restored')", name="action"),
        CheckConstraint("(action = 'merged') = (into_id is not null)", name="into"),
        CheckConstraint("(action = 'restored') = (undoes_id is not null)", name="undoes"),
        Index("ix_corrections_kind_former_key", "kind", "former_key"),
        *findable("corrections", "former_key"),
    )

    kind: Mapped[str]
    subject_id: Mapped[UUID]
    action: Mapped[str]
    former_name: Mapped[str]
    former_key: Mapped[str]
    found_by: Mapped[list[str]] = mapped_column(deferred=True)
    former_place: Mapped[UUID | None]
    into_id: Mapped[UUID | None]
    gave_code: Mapped[str | None]
    undoes_id: Mapped[UUID | None] = mapped_column(ForeignKey("corrections.id"), unique=True)
    reason: Mapped[str]
    client: Mapped[str]
    recorded_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Former:
    """What a thing was called and where it lay before it was corrected."""

    kind: Of
    id: UUID
    name: str
    place: UUID | None = None


@dataclass(frozen=True)
class Corrected:
    """What was done to something that was corrected."""

    former: Former
    action: Action
    reason: str
    into: UUID | None = None
    undoes: UUID | None = None


class CompoundCorrected(Event, type="property.compound.corrected", title="小区登记更正"):
    """A compound was renamed, moved, merged into another (whose surveys, contracts and committees are its own) or withdrawn."""

    compound: UUID = Field(description="小区登记编号")
    action: Action = Field(
        description="renamed 更名，moved 改属社区，merged 并入另一登记，withdrawn 撤回，restored 撤销并入"
    )
    former_name: str = Field(description="更正前的名称")
    name: str = Field(description="更正后的名称")
    community: UUID = Field(description="所属社区登记编号")
    into: UUID | None = Field(description="并入的小区登记编号；没有并入时为空")
    reason: str = Field(description="更正的理由")

    @classmethod
    def of(cls, row: Any, done: Corrected) -> Self:
        """What others hear of a compound."""
        return cls(
            compound=row.id,
            action=done.action,
            former_name=done.former.name,
            name=row.name,
            community=row.community_id,
            into=done.into,
            reason=done.reason,
        )


class DivisionCorrected(Event, type="property.division.corrected", title="社区登记更正"):
    """A community was renamed, merged into another or withdrawn."""

    division: UUID = Field(description="社区登记编号")
    action: Action = Field(description="renamed 更名，merged 并入另一登记，withdrawn 撤回")
    former_name: str = Field(description="更正前的名称")
    name: str = Field(description="更正后的名称")
    into: UUID | None = Field(description="并入的社区登记编号；没有并入时为空")
    reason: str = Field(description="更正的理由")

    @classmethod
    def of(cls, row: Any, done: Corrected) -> Self:
        """What others hear of a community."""
        return cls(
            division=row.id,
            action=done.action,
            former_name=done.former.name,
            name=row.name,
            into=done.into,
            reason=done.reason,
        )


class CompanyWithdrawn(Event, type="property.company.withdrawn", title="物业企业登记撤回"):
    """A company is none: its name was typed wrong, or it stands in the register under another entry."""

    company: UUID = Field(description="企业登记编号")
    name: str = Field(description="企业名称")
    into: UUID | None = Field(description="并入的企业登记编号；没有并入时为空")
    reason: str = Field(description="撤回的理由")

    @classmethod
    def of(cls, row: Any, done: Corrected) -> Self:
        """What others hear of a company."""
        return cls(company=row.id, name=done.former.name, into=done.into, reason=done.reason)


def note(context: Context, done: Corrected) -> Correction:
    """Keep what was corrected: by this caller, now."""
    former = done.former
    row = Correction(
        id=db.new_id(),
        kind=former.kind,
        subject_id=former.id,
        action=done.action,
        former_name=former.name,
        former_key=name_key(former.name),
        found_by=found_by(former.name),
        former_place=former.place,
        into_id=done.into,
        undoes_id=done.undoes,
        reason=done.reason,
        client=context.caller.by,
        recorded_at=context.now,
    )
    context.session.add(row)
    return row


Reason = Annotated[str, Field(min_length=2, max_length=500, description="原因")]


class RenameIn(Body, title="更名", example={"name": "和谐家园二期", "reason": "名称录入有误"}):
    """A name put right, and why (更名)."""

    name: TypedName = Field(min_length=1, max_length=100, description="现在的名称")
    reason: Reason


class WithdrawIn(Body, title="撤回登记", example={"into": None, "reason": "名称录入有误"}):
    """Why a thing is taken back, and what it is in truth where it was entered twice (撤回、合并)."""

    into: UUID | None = Field(default=None, description="实为同一个的另一登记的编号；填写则并入该登记")
    reason: Reason


class CorrectionOut(Answer, title="更正记录"):
    """A correction (更正)."""

    id: UUID = Field(description="更正编号")
    kind: Of = Field(description="compound 小区，community 社区，company 物业服务企业")
    subject_id: UUID = Field(description="被更正的登记的编号")
    action: Action = Field(
        description="renamed 更名，moved 改属社区，merged 并入另一登记，withdrawn 撤回，restored 撤销并入"
    )
    former_name: str = Field(description="更正前的名称", examples=["天骄小区一期"])
    former_place: UUID | None = Field(description="更正前所在的社区（小区）或街道（社区）的编号")
    into_id: UUID | None = Field(description="并入的登记的编号")
    undoes_id: UUID | None = Field(description="所撤销的并入的更正编号；不是撤销并入的为空")
    reason: str = Field(description="原因")
    client: str = Field(
        description="更正者：系统的客户端编号，或操作人的姓名和单位", examples=["housing-centre"]
    )
    recorded_at: LocalTime = Field(description="更正时间")


router = routes.router("名称更正")


@router.get(
    "/corrections",
    summary="列出名称更正记录",
    description="小区、社区和企业的更名、改属、合并、撤销合并和撤回，按先后分页列出；只增加，不修改。",
)
async def list_corrections(
    context: DistrictReader,
    paging: PageRequest,
    kind: Annotated[Of | None, Query(description="类别")] = None,
    subject: Annotated[UUID | None, Query(description="被更正的登记的编号")] = None,
) -> Page[CorrectionOut]:
    """The corrections in the order in which they were made."""
    query = narrowed(select(Correction), kind=kind, subject_id=subject)
    return await paging.page(context.session, query, CorrectionOut.of, Correction.id)
