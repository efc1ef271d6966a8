"""What projects do again and again: fire patrols, inspections and drills, emergency drills, training (P-2.2.4b, P-2.2.7b)."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.clock import Day
from kit.duties.owing import Owed
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Body, Text, choices
from services.property.base import Base
from services.property.entered import checked, one_of
from services.property.plan.duties import DUTIES
from services.property.plan.readiness import DoingKind
from services.property.projects.api import Project
from services.property.projects.running import of_project, running


class Doing(Base, Entry):
    """Something that a project did on a day, of a kind that comes again (安全工作)."""

    __tablename__ = "project_doings"
    __table_args__ = (
        one_of("kind", DoingKind),
        CheckConstraint("people >= 0", name="people"),
        Index("ix_project_doings_project_id_kind_done_on", "project_id", "kind", "done_on"),
    )
    clauses = ("P-2.2.4b", "P-2.2.7b")

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[str]
    done_on: Mapped[date]
    people: Mapped[int | None]
    result: Mapped[str | None]


class DoingIn(
    Body,
    title="项目安全工作",
    example={
        "project_id": "01990000-0000-7000-8000-000000000000",
        "kind": "fire_drill",
        "done_on": "2024-06-20",
        "people": 60,
        "result": "疏散用时 6 分钟",
    },
):
    """A patrol, inspection, drill or training as entered (安全工作)."""

    project_id: UUID = Field(description="物业服务项目编号")
    kind: DoingKind = Field(description=choices(DoingKind))
    done_on: Day = Field(description="开展日期")
    people: int | None = Field(default=None, ge=0, le=1_000_000, description="参加人数", examples=[60])
    result: Text | None = Field(default=None, description="情况和发现的问题", examples=["疏散用时 6 分钟"])


DOINGS = Register(
    "project-doings",
    "项目安全工作",
    Doing,
    DoingIn,
    about="项目开展的防火巡查、检查、宣传教育和演练，应急演练和员工培训。",
    filters=("project_id", "kind"),
    search="result",
    check=checked("done_on"),
    belongs=of_project(Doing.project_id),
)

router = routes.router("项目安全工作")
add_register(router, "property", DOINGS)


def _owing(day: date, kind: DoingKind) -> Select[Any]:
    """Projects that run on a day, and when each did it last."""
    last = select(func.max(Doing.done_on)).where(
        Doing.project_id == Project.id, Doing.kind == kind, Doing.done_on <= day
    )
    return running(day, last_done_on=last.scalar_subquery())


OWED = tuple(Owed(DUTIES[kind.replace("_", "-")], partial(_owing, kind=kind)) for kind in DoingKind)
