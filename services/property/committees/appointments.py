"""Cross appointments between community, owners' committee and company, with the unpaid quality directors (P-2.1.3)."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kit.personal.kept import PersonName
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import choices
from services.property.base import Base
from services.property.divisions import of_division
from services.property.entered import Spell, SpellIn, checked, in_order, one_of
from services.property.plan.appointments import ORIGINS, CrossPost, Origin, needed


class Appointment(Base, Entry, Spell):
    """Somebody of one body who holds a post of another (交叉任职); a quality director is never paid."""

    __tablename__ = "cross_appointments"
    __table_args__ = (
        one_of("origin", Origin),
        one_of("post", CrossPost),
        in_order(),
        CheckConstraint(
            "(origin = 'owners_committee' or post = 'owners_committee') = (committee_id is not null)",
            name="committee",
        ),
        CheckConstraint("(origin = 'company') = (company_id is not null)", name="company"),
        CheckConstraint("(post = 'quality_director') = (project_id is not null)", name="project"),
        CheckConstraint("post <> 'quality_director' or not paid", name="unpaid"),
        Index("ix_cross_appointments_project_id_post", "project_id", "post"),
    )
    clauses = ("P-2.1.3",)

    community_id: Mapped[UUID] = mapped_column(ForeignKey("divisions.id"), index=True)
    person: Mapped[str]
    party_member: Mapped[bool]
    origin: Mapped[str]
    post: Mapped[str] = mapped_column(index=True)
    committee_id: Mapped[UUID | None] = mapped_column(ForeignKey("committees.id"))
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"))
    paid: Mapped[bool]


class AppointmentIn(
    SpellIn,
    title="交叉任职",
    example={
        "community_id": "01990000-0000-7000-8000-000000000000",
        "person": "张某某",
        "party_member": True,
        "origin": "community",
        "post": "quality_director",
        "project_id": "01990000-0000-7000-8000-000000000001",
        "begins_on": "2024-06-01",
    },
):
    """A cross appointment as entered (交叉任职)."""

    community_id: UUID = Field(description="社区（区划编号）")
    person: PersonName = Field(min_length=2, description="姓名；加密保存，只显示姓")
    party_member: bool = Field(description="是否党员")
    origin: Origin = Field(description=f"来自：{choices(Origin)}")
    post: CrossPost = Field(description=f"兼任职务：{choices(CrossPost)}")
    committee_id: UUID | None = Field(
        default=None, description="业委会（物管会）编号；来自业委会或兼任其委员的填写"
    )
    company_id: UUID | None = Field(default=None, description="企业编号；来自企业的填写")
    project_id: UUID | None = Field(default=None, description="物业服务项目编号；义务质量总监填写")
    paid: bool = Field(default=False, description="是否领取报酬；义务质量总监不领取")

    @model_validator(mode="after")
    def _crosses(self) -> Self:
        if self.origin not in ORIGINS[self.post]:
            named = "、".join(each.zh for each in ORIGINS[self.post])
            raise ValueError(f"{self.post.zh}由{named}的人员兼任。")
        if self.post is CrossPost.QUALITY_DIRECTOR and self.paid:
            raise ValueError("质量总监是义务的，不领取报酬。")
        if self.post is CrossPost.COMMUNITY_PARTY and not self.party_member:
            raise ValueError("社区党组织兼职委员由党员担任。")
        given = {name for name in ("committee_id", "company_id", "project_id") if getattr(self, name)}
        if given != needed(self.origin, self.post):
            raise ValueError("只填写与来处和职务相应的编号：业委会（物管会）、企业或项目。")
        return self


APPOINTMENTS = Register(
    "cross-appointments",
    "交叉任职",
    Appointment,
    AppointmentIn,
    about="社区“两委”、业委会（物管会）和物业服务企业之间的双向进入、交叉任职，包括项目的义务质量总监。",
    filters=("community_id", "post", "origin", "project_id"),
    search=None,
    check=checked("begins_on"),
    belongs=of_division(Appointment.community_id),
)

router = routes.router("交叉任职")
add_register(router, "property", APPOINTMENTS)
