"""What projects have at hand for emergencies, and the gaps (P-2.2.7a)."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, func, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.clock import Day
from kit.duties.owing import Owed
from kit.personal.kept import PersonName
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Name, Text, choices
from services.property.base import Base
from services.property.entered import Spell, SpellIn, checked, in_order, one_of
from services.property.plan.duties import DUTIES
from services.property.plan.readiness import CERTIFIED, Readiness
from services.property.projects.api import Project
from services.property.projects.running import lacking, of_project


class ProjectMeans(Base, Entry, Spell):
    """Something that a project has at hand for emergencies, while it does (应急准备).

    certified_until: the last day of the certificate of who must hold one.
    """

    __tablename__ = "project_means"
    __table_args__ = (
        one_of("kind", Readiness),
        in_order(),
        CheckConstraint(
            f"(kind in ({','.join(repr(str(each)) for each in CERTIFIED)}))"
            " = (num_nulls(person, certificate, certified_until) = 0)",
            name="certified",
        ),
        CheckConstraint("num_nulls(person, certificate, certified_until) in (0, 3)", name="certificate"),
        Index("ix_project_means_project_id_kind", "project_id", "kind"),
    )
    clauses = ("P-2.2.7a",)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[str]
    description: Mapped[str | None]
    person: Mapped[str | None]
    certificate: Mapped[str | None]
    certified_until: Mapped[date | None]


class ProjectMeansIn(
    SpellIn,
    title="项目应急准备",
    example={
        "project_id": "01990000-0000-7000-8000-000000000000",
        "kind": "electrician",
        "person": "张某某",
        "certificate": "T-0001（虚构）",
        "certified_until": "2027-05-31",
        "begins_on": "2024-06-01",
    },
):
    """What a project has as entered (应急准备)."""

    project_id: UUID = Field(description="物业服务项目编号")
    kind: Readiness = Field(description=choices(Readiness))
    description: Text | None = Field(
        default=None, description="数量、地点、预案名称等", examples=["灭火器 40 具，3 号楼一层"]
    )
    person: PersonName | None = Field(
        default=None, description="持证人员姓名；加密保存，只显示姓", examples=["张某某"]
    )
    certificate: Name | None = Field(default=None, description="证书编号", examples=["T-0001（虚构）"])
    certified_until: Day | None = Field(default=None, description="证书有效期的最后一天")

    @model_validator(mode="after")
    def _certified(self) -> Self:
        told = [each is not None for each in (self.person, self.certificate, self.certified_until)]
        if (self.kind in CERTIFIED and not all(told)) or (self.kind not in CERTIFIED and any(told)):
            raise ValueError("持证上岗的人员填写姓名、证书编号和有效期，其他的不填。")
        return self


PROJECT_MEANS = Register(
    "project-means",
    "项目应急准备",
    ProjectMeans,
    ProjectMeansIn,
    about="项目的微型消防站、应急物资、应急队伍、四类应急预案和持证人员；证书到期即为缺项。",
    filters=("project_id", "kind"),
    search="description",
    check=checked("begins_on"),
    belongs=of_project(ProjectMeans.project_id),
)
router = routes.router("项目应急准备")
add_register(router, "property", PROJECT_MEANS)


def _gaps(day: date) -> Select[Any]:
    """Projects that lack something on a day, and since when (P-2.2.7a)."""
    last = func.least(ProjectMeans.ends_on, ProjectMeans.certified_until, type_=ProjectMeans.ends_on.type)
    held = (
        select(literal(1))
        .where(ProjectMeans.project_id == Project.id, ProjectMeans.begins_on <= day)
        .where(func.coalesce(last >= day, True))
    )
    ended = select(func.max(last)).where(ProjectMeans.project_id == Project.id, last < day)
    return lacking(
        day,
        Readiness,
        lambda kind: (held.where(ProjectMeans.kind == kind), ended.where(ProjectMeans.kind == kind)),
    )


OWED = (Owed(DUTIES["emergency-readiness"], _gaps),)
