"""The renewal of compounds, work by work: stairways, environment, management (P-2.6.1 to P-2.6.3)."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kit.district.clock import Day
from kit.duties.owing import Owed, Who
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Body, Text, choices
from services.property.base import Base
from services.property.compounds.models import Compound, located
from services.property.compounds.work import of_compound
from services.property.divisions import STREET
from services.property.entered import checked, one_of
from services.property.plan.duties import DUTIES
from services.property.plan.modes import Mode
from services.property.plan.renewal import AGREED, Progress, Work, contradictions


class Renewal(Base, Entry):
    """A work of a compound's renewal, and how far it is (更新改造); of the management's, what residents agreed on."""

    __tablename__ = "renewals"
    __table_args__ = (
        one_of("work", Work),
        one_of("progress", Progress),
        CheckConstraint("percent between 0 and 100", name="percent"),
        CheckConstraint("(progress = 'done') = (percent = 100)", name="done"),
        CheckConstraint("(progress = 'done') = (finished_on is not null)", name="finished"),
        CheckConstraint("(progress = 'planned') = (started_on is null)", name="started"),
        CheckConstraint("finished_on >= started_on", name="days"),
        CheckConstraint(
            "work <> 'management' or progress <> 'done' or num_nulls(mode, rules_agreed_on, fund_agreed_on) = 0",
            name="agreed",
        ),
    )
    clauses = ("P-2.6.1", "P-2.6.2", "P-2.6.3")

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    work: Mapped[str]
    progress: Mapped[str] = mapped_column(index=True)
    percent: Mapped[int]
    started_on: Mapped[date | None]
    finished_on: Mapped[date | None]
    mode: Mapped[str | None]
    rules_agreed_on: Mapped[date | None]
    fund_agreed_on: Mapped[date | None]
    note: Mapped[str | None]


class RenewalIn(
    Body,
    title="小区更新改造",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "work": "lifts",
        "progress": "under_way",
        "percent": 40,
        "started_on": "2024-06-01",
    },
):
    """A work of renewal as entered (更新改造)."""

    compound_id: UUID = Field(description="小区编号")
    work: Work = Field(description=f"改造内容：{choices(Work)}")
    progress: Progress = Field(description=f"进度：{choices(Progress)}")
    percent: int = Field(ge=0, le=100, description="完成的百分比")
    started_on: Day | None = Field(default=None, description="开工日期；计划中的为空")
    finished_on: Day | None = Field(default=None, description="完工日期；没有完成的为空")
    mode: Mode | None = Field(default=None, description=f"居民协商确定的管理模式：{choices(Mode)}")
    rules_agreed_on: Day | None = Field(default=None, description="管理规约和业主议事规则确定的日期")
    fund_agreed_on: Day | None = Field(default=None, description="住宅专项维修资金使用续筹办法确定的日期")
    note: Text | None = Field(default=None, description="说明", examples=["1 至 4 号楼各加装一部"])

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        agreed = {name: getattr(self, name) for name in AGREED}
        for wrong in contradictions(self.work, self.progress, self.percent, agreed):
            raise ValueError(wrong)
        if (self.started_on is None) != (self.progress is Progress.PLANNED):
            raise ValueError("计划中的不填开工日期，其他的填写。")
        if (self.finished_on is None) != (self.progress is not Progress.DONE):
            raise ValueError("已完成的填写完工日期，其他的不填。")
        if (
            self.finished_on is not None
            and self.started_on is not None
            and self.finished_on < self.started_on
        ):
            raise ValueError("完工日期不能早于开工日期。")
        return self


RENEWALS = Register(
    "renewals",
    "小区更新改造",
    Renewal,
    RenewalIn,
    about="“楼道革命”“环境革命”“管理革命”的各项内容和进度；管理革命完成时写明居民协商确定的管理模式、规约和维修资金。",
    filters=("compound_id", "work", "progress"),
    search="note",
    check=checked("started_on", "finished_on", "rules_agreed_on", "fund_agreed_on"),
    belongs=of_compound(Renewal.compound_id),
)

router = routes.router("更新改造")
add_register(router, "property", RENEWALS)


def _without_management(day: date) -> Select[Any]:
    """Compounds that were renewed, and whose residents have not agreed on how they are managed since (P-2.6.3)."""
    agreed = aliased(Renewal)
    has_agreed = select(agreed.id).where(
        agreed.compound_id == Compound.id, agreed.work == Work.MANAGEMENT, agreed.finished_on <= day
    )
    since = func.min(Renewal.finished_on)
    who = Who(Compound.id, Compound.name, since, street=STREET.name)
    renewed = select(*who.columns).join_from(Renewal, Compound, Compound.id == Renewal.compound_id)
    return (
        located(renewed)
        .where(Renewal.work != Work.MANAGEMENT, Renewal.finished_on <= day, ~has_agreed.exists())
        .group_by(Compound.id, Compound.name, STREET.name)
    )


OWED = (Owed(DUTIES["management-renewal"], _without_management),)
