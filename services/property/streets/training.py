"""Training plans of the housing centre, courses held, and yearly selections (P-2.2.8)."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.district.clock import Day
from kit.duties.owing import Owed, Who
from kit.personal.kept import PersonName
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register
from kit.web.shapes import Body, Choice, Name, Text, choices
from services.property.base import Base
from services.property.divisions import DISTRICT_CODE, Division
from services.property.entered import checked, one_of
from services.property.plan.duties import DUTIES, ISSUED


class TrainingPlan(Base, Entry):
    """The housing centre's training plan of a year (年度培训计划)."""

    __tablename__ = "training_plans"
    clauses = ("P-2.2.8",)

    year: Mapped[int] = mapped_column(unique=True)
    title: Mapped[str]
    content: Mapped[str]
    made_on: Mapped[date]


class TrainingPlanIn(
    Body,
    title="年度培训计划",
    example={
        "year": 2024,
        "title": "2024 年物业从业人员培训计划",
        "content": "消防、电梯、客户服务各一期",
        "made_on": "2024-05-10",
    },
):
    """A plan as entered (年度培训计划)."""

    year: int = Field(ge=2000, le=2100, description="年度")
    title: Name = Field(description="计划名称")
    content: Text = Field(description="计划内容")
    made_on: Day = Field(description="制定日期")


class CourseKind(Choice):
    """What was held (培训类别)."""

    TRAINING = "training", "职业技能培训"
    CONTEST = "contest", "职业技能竞赛"


class TrainingCourse(Base, Entry):
    """A course or contest that was held by a year's plan (培训、竞赛)."""

    __tablename__ = "training_courses"
    __table_args__ = (
        one_of("kind", CourseKind),
        CheckConstraint("trained >= 0", name="trained"),
        CheckConstraint("extract(year from held_on) = year", name="year"),
    )
    clauses = ("P-2.2.8",)

    year: Mapped[int] = mapped_column(ForeignKey("training_plans.year"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    held_on: Mapped[date]
    trained: Mapped[int]


class TrainingCourseIn(
    Body,
    title="培训和竞赛",
    example={
        "year": 2024,
        "kind": "training",
        "title": "电梯安全管理培训",
        "held_on": "2024-06-20",
        "trained": 120,
    },
):
    """A course as entered (培训、竞赛)."""

    year: int = Field(description="所属年度，须已有该年度的培训计划")
    kind: CourseKind = Field(description=choices(CourseKind))
    title: Name = Field(description="名称")
    held_on: Day = Field(description="举办日期")
    trained: int = Field(ge=0, le=1_000_000, description="受训的从业人员人数")

    @model_validator(mode="after")
    def _in_its_year(self) -> Self:
        if self.held_on.year != self.year:
            raise ValueError("举办日期不在所属年度内。")
        return self


class Honour(Choice):
    """What a yearly selection names (选树活动)."""

    FINEST_PERSON = "finest_person", "最美物业人"
    FINE_HOME = "fine_home", "美好家园"
    FINE_KEEPER = "fine_keeper", "优秀小区当家人"


class Selection(Base, Entry):
    """Whom or which compound a yearly selection named (年度选树)."""

    __tablename__ = "selections"
    __table_args__ = (
        one_of("honour", Honour),
        CheckConstraint("(honour = 'fine_home') = (person is null)", name="person"),
        CheckConstraint("honour <> 'fine_home' or compound_id is not null", name="compound"),
    )
    clauses = ("P-2.2.8",)

    year: Mapped[int] = mapped_column(index=True)
    honour: Mapped[str]
    person: Mapped[str | None]
    compound_id: Mapped[UUID | None] = mapped_column(ForeignKey("compounds.id"), index=True)
    named_on: Mapped[date]


class SelectionIn(
    Body,
    title="年度选树",
    example={"year": 2024, "honour": "finest_person", "person": "张某某", "named_on": "2024-06-20"},
):
    """A selection as entered (年度选树)."""

    year: int = Field(ge=2000, le=2100, description="年度")
    honour: Honour = Field(description=choices(Honour))
    person: PersonName | None = Field(
        default=None, description="姓名；评选到人的填写，加密保存，只显示姓", examples=["张某某"]
    )
    compound_id: UUID | None = Field(default=None, description="小区编号；“美好家园”必填")
    named_on: Day = Field(description="公布日期")

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        home = self.honour is Honour.FINE_HOME
        if (self.person is None) != home or (home and self.compound_id is None):
            raise ValueError("“美好家园”填写小区、不填姓名，其他的填写姓名。")
        return self


TRAINING_PLANS = Register(
    "training-plans",
    "年度培训计划",
    TrainingPlan,
    TrainingPlanIn,
    about="区住房保障综合服务中心每年制定的物业从业人员培训计划。",
    filters=("year",),
    search="title",
    check=checked("made_on"),
)
TRAINING_COURSES = Register(
    "training-courses",
    "培训和竞赛",
    TrainingCourse,
    TrainingCourseIn,
    about="按年度计划举办的职业技能培训和竞赛，及受训人数。",
    filters=("year", "kind"),
    search="title",
    check=checked("held_on"),
)
SELECTIONS = Register(
    "selections",
    "年度选树",
    Selection,
    SelectionIn,
    about="每年评选的“最美物业人”“美好家园”“优秀小区当家人”。",
    filters=("year", "honour"),
    search=None,
    check=checked("named_on"),
)

router = routes.router("培训和选树")
for _register in (TRAINING_PLANS, TRAINING_COURSES, SELECTIONS):
    add_register(router, "property", _register)


def _planned(day: date) -> Select[Any]:
    """The district, and the year for which it has planned last: of whatever day, it is that year's (P-2.2.8)."""
    first, last = (func.make_date(TrainingPlan.year, *end) for end in ((1, 1), (12, 31)))
    planned = select(func.max(func.least(func.greatest(TrainingPlan.made_on, first), last))).where(
        TrainingPlan.made_on <= day, TrainingPlan.year <= day.year
    )
    who = Who(Division.id, "区住房保障综合服务中心", ISSUED, planned.scalar_subquery())
    return select(*who.columns).where(Division.code == DISTRICT_CODE)


OWED = (Owed(DUTIES["training-plan"], _planned),)
