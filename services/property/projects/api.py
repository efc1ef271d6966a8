"""Property service projects (物业服务项目): residential or a commercial complex; one may bundle compounds (P-2.4.2)."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import Day
from kit.district.named_units import Street
from kit.district.names import TypedName
from kit.storage import db
from kit.storage.exclusion import one_at_a_time
from kit.storage.named import Named
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.problems import Conflict, FieldError
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register, must_exist, must_hold
from kit.web.shapes import Choice, choices
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.models import Compound
from services.property.compounds.work import of_compound, own_compound
from services.property.entered import Spell, SpellIn, in_order, one_of


class ProjectKind(Choice):
    """What a project serves (项目类别)."""

    RESIDENTIAL = "residential", "住宅服务项目"
    COMMERCIAL = "commercial", "商业服务项目（含商业综合体）"


class Project(Base, Entry, Named, Spell):
    """A property service project (物业服务项目); both days are of it."""

    __tablename__ = "projects"
    __table_args__ = (
        one_of("kind", ProjectKind),
        in_order(),
        UniqueConstraint("street", "name_key"),
    )
    clauses = ("P-2.4.2",)

    kind: Mapped[str] = mapped_column(index=True)
    street: Mapped[str] = mapped_column(index=True)
    address: Mapped[str | None]
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)


class ProjectIn(
    SpellIn,
    title="物业服务项目",
    example={
        "name": "天骄片区（虚构）",
        "kind": "residential",
        "street": "天骄街道",
        "address": "天骄路 1 号",
        "company_id": "01990000-0000-7000-8000-000000000001",
        "begins_on": "2024-06-01",
    },
):
    """A project as entered (物业服务项目)."""

    name: TypedName = Field(min_length=2, max_length=100, description="项目名称")
    kind: ProjectKind = Field(description=f"项目类别：{choices(ProjectKind)}")
    street: Street = Field(description="所在街道（镇）", examples=["天骄街道"])
    address: str | None = Field(default=None, max_length=200, description="地址", examples=["天骄路 1 号"])
    company_id: UUID = Field(description="承接的物业服务企业编号")


async def _check_project(context: Context, body: ProjectIn, _row: Project | None) -> None:
    await must_exist(context.session, Company, body.company_id, "/company_id", "物业服务企业")


PROJECTS = Register(
    "projects",
    "物业服务项目",
    Project,
    ProjectIn,
    about="住宅和商业（含商业综合体）服务项目；就近的几个小区可以连片打包为一个项目。",
    filters=("kind", "street", "company_id"),
    check=_check_project,
    belongs=Belonging(
        Project.street, select(Company.uscc).where(Company.id == Project.company_id).scalar_subquery()
    ),
)


class ProjectCompound(Base, Entry, Spell):
    """A compound in a project (项目所含小区), and what its owners said of it; both days are of it."""

    __tablename__ = "project_compounds"
    __table_args__ = (
        in_order(),
        CheckConstraint(
            "num_nulls(asked_on, in_favour, against, abstained) in (0, 4)", name="opinions_together"
        ),
        CheckConstraint("least(in_favour, against, abstained) >= 0", name="opinions"),
        one_at_a_time("project_compounds_compound_id", "compound_id"),
    )
    clauses = ("P-2.4.2",)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    asked_on: Mapped[date | None]
    in_favour: Mapped[int | None]
    against: Mapped[int | None]
    abstained: Mapped[int | None]


class ProjectCompoundIn(
    SpellIn,
    title="项目所含小区",
    example={
        "project_id": "01990000-0000-7000-8000-000000000002",
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "begins_on": "2024-06-01",
        "asked_on": "2024-05-10",
        "in_favour": 168,
        "against": 12,
        "abstained": 20,
    },
):
    """A compound of a project as entered (项目所含小区)."""

    project_id: UUID = Field(description="物业服务项目编号")
    compound_id: UUID = Field(description="小区编号")
    asked_on: Day | None = Field(default=None, description="征求业主意见的日期")
    in_favour: int | None = Field(default=None, ge=0, le=1_000_000, description="同意的户数")
    against: int | None = Field(default=None, ge=0, le=1_000_000, description="不同意的户数")
    abstained: int | None = Field(default=None, ge=0, le=1_000_000, description="未表态的户数")

    @model_validator(mode="after")
    def _opinions_together(self) -> Self:
        told = [each is not None for each in (self.asked_on, self.in_favour, self.against, self.abstained)]
        if any(told) and not all(told):
            raise ValueError("业主意见的日期和三项户数要一并填写。")
        return self


async def _check_compound(context: Context, body: ProjectCompoundIn, row: ProjectCompound | None) -> None:
    for compound in {body.compound_id, row.compound_id if row else body.compound_id}:
        await own_compound(context, compound)
    await must_exist(context.session, Project, body.project_id, "/project_id", PROJECTS.noun)
    await must_hold(context, PROJECTS, body.project_id)
    await _asked(context, body, row)


async def _asked(context: Context, body: ProjectCompoundIn, row: ProjectCompound | None) -> None:
    """Refuse a bundle of two compounds or more as long as the owners of one of them were not asked (P-2.4.2).

    Raises: Conflict.
    """
    await db.locked(context.session, Project, body.project_id, PROJECTS.missing)
    beside = select(Compound.name, ProjectCompound.asked_on).join_from(
        ProjectCompound, Compound, Compound.id == ProjectCompound.compound_id
    )
    beside = beside.where(
        ProjectCompound.project_id == body.project_id,
        ProjectCompound.compound_id != body.compound_id,
        or_(ProjectCompound.ends_on.is_(None), ProjectCompound.ends_on >= body.begins_on),
    )
    if body.ends_on is not None:
        beside = beside.where(ProjectCompound.begins_on <= body.ends_on)
    if row is not None:
        beside = beside.where(ProjectCompound.id != row.id)
    others = (await context.session.execute(beside)).all()
    unasked = [name for name, asked_on in others if asked_on is None]
    if others and (body.asked_on is None or unasked):
        raise Conflict(
            "owners-not-asked",
            "几个小区连片打包为一个项目的，要先征求每个小区业主的意见，请填写征求意见的日期和户数。",
            errors=[
                FieldError(pointer="/asked_on", reason="没有征求业主意见")
                if body.asked_on is None
                else FieldError(pointer="/project_id", reason=f"项目中的{'、'.join(unasked)}没有征求业主意见")
            ],
            clauses=ProjectCompound.clauses,
        )


PROJECT_COMPOUNDS = Register(
    "project-compounds",
    "项目所含小区",
    ProjectCompound,
    ProjectCompoundIn,
    about="小区编入哪个项目及征求业主意见的结果；同一小区同一天只在一个项目中。",
    filters=("project_id", "compound_id"),
    search=None,
    check=_check_compound,
    belongs=Belonging(
        of_compound(ProjectCompound.compound_id).division,
        select(Company.uscc)
        .join(Project, Project.company_id == Company.id)
        .where(Project.id == ProjectCompound.project_id)
        .scalar_subquery(),
    ),
    overlap="这个小区在这段时间已编入一个项目，请先填写在原项目中的最后一天。",
)
router = routes.router("物业服务项目")
add_register(router, "property", PROJECTS)
add_register(router, "property", PROJECT_COMPOUNDS)
