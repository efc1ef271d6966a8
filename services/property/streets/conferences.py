"""Joint conferences (联席会议) of streets and communities, and their issues (P-2.5.2)."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Select, func, or_, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from kit.context import Context
from kit.district.clock import Day
from kit.duties.owing import Owed, Who
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import CourseStepOut, NoteIn
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Grounded, Name, Text
from services.property.base import Base, Reader, Writer
from services.property.course import Course
from services.property.divisions import Division, of_division
from services.property.plan.conferences import ISSUE
from services.property.plan.duties import DUTIES, ISSUED

CLAUSES = ("P-2.5.2",)
PLACES = ("street", "town", "community")
State = Literal["open", "settled", "raised", "answered", "closed"]
ConferenceId = Annotated[UUID, Path(description="联席会议编号")]
IssueId = Annotated[UUID, Path(description="议题编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]
NO_SUCH_CONFERENCE = "没有这次联席会议，请核对编号。"
_ABOVE = aliased(Division, name="above")


class Issue(Base, db.Identified):
    """What a conference was called for (议题)."""

    __tablename__ = "issues"
    __table_args__ = (
        CheckConstraint("state in ('open','settled','raised','answered','closed')", name="state"),
        CheckConstraint("(state in ('answered','closed')) = (answer is not null)", name="answered"),
    )

    conference_id: Mapped[UUID] = mapped_column(ForeignKey("conferences.id"), index=True)
    division_id: Mapped[UUID] = mapped_column(ForeignKey("divisions.id"), index=True)
    subject: Mapped[str]
    description: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    answer: Mapped[str | None]


class Conference(Base, db.Identified):
    """A joint conference of a street, town or community on a day, with those who took part."""

    __tablename__ = "conferences"

    division_id: Mapped[UUID] = mapped_column(ForeignKey("divisions.id"), index=True)
    held_on: Mapped[date]
    members: Mapped[list[str]]
    issues: Mapped[list[Issue]] = relationship(lazy="selectin", order_by=Issue.id)


BELONGING = of_division(Conference.division_id)
COURSE = Course("issue", Issue, ISSUE, of_division(Issue.division_id))

_ISSUE = {"subject": "小区停车秩序", "description": "消防通道停车，业主与物业意见不一"}


class IssueIn(Body, title="联席会议议题", example=_ISSUE):
    """An issue as it is put to a conference (议题)."""

    subject: Name = Field(description="议题")
    description: Text = Field(description="情况")


class ConferenceIn(
    Body,
    title="联席会议",
    example={
        "division_id": "01990000-0000-7000-8000-000000000000",
        "held_on": "2024-06-24",
        "members": ["街道物业办", "团结社区居委会", "甲物业（虚构）", "甲小区业委会"],
        "issues": [_ISSUE],
    },
):
    """A joint conference as it is entered (联席会议)."""

    division_id: UUID = Field(description="召开会议的街道（镇）或社区的区划编号")
    held_on: Day = Field(description="召开日期")
    members: list[Name] = Field(min_length=1, max_length=100, description="参加的成员单位")
    issues: list[IssueIn] = Field(max_length=100, description="议题")


class IssueOut(Grounded, title="联席会议议题及办理情况", clauses=CLAUSES):
    """An issue and how far it has come (议题)."""

    id: UUID = Field(description="议题编号")
    conference_id: UUID = Field(description="联席会议编号")
    division_id: UUID = Field(description="召开会议的区划编号")
    subject: str = Field(description="议题")
    description: str = Field(description="情况")
    state: State = Field(
        description="open 尚未解决，settled 已解决，raised 已上报区人民政府，answered 区人民政府已答复，closed 已办结"
    )
    answer: str | None = Field(description="区人民政府的答复", examples=["由区住建局牵头一个月内解决"])
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["settle"]])


class IssueWithSteps(IssueOut, title="联席会议议题及办理过程"):
    """An issue with what was done (议题)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


class ConferenceOut(Grounded, title="联席会议情况", clauses=CLAUSES):
    """A joint conference (联席会议)."""

    id: UUID = Field(description="联席会议编号")
    division_id: UUID = Field(description="召开会议的区划编号")
    held_on: date = Field(description="召开日期")
    members: list[str] = Field(description="参加的成员单位")
    issues: list[IssueOut] = Field(description="议题")


def _held(day: date) -> Any:
    last = select(func.max(Conference.held_on)).where(
        Conference.division_id == Division.id, Conference.held_on <= day
    )
    return last.scalar_subquery()


def _streets(day: date) -> Select[Any]:
    """Streets and towns, and when each held its last conference."""
    columns = Who(Division.name, Division.name, ISSUED, _held(day), street=Division.name).columns
    return select(*columns).where(Division.kind.in_(("street", "town")))


def _communities(day: date) -> Select[Any]:
    """Communities, and when each held its last conference."""
    columns = Who(Division.id, Division.name, ISSUED, _held(day), street=_ABOVE.name).columns
    standing = or_(Division.withdrawn_on.is_(None), Division.withdrawn_on > day)
    return (
        select(*columns)
        .select_from(Division)
        .join(_ABOVE, _ABOVE.id == Division.parent_id)
        .where(Division.kind == "community", standing)
    )


#: Every street and every community holds a conference once a quarter (P-2.5.2).
OWED = (Owed(DUTIES["street-conference"], _streets), Owed(DUTIES["community-conference"], _communities))


def _issue(row: Issue, context: Context) -> IssueOut:
    return IssueOut.of(row, allowed=ISSUE.allowed(row.state, context.caller))


def _shown(row: Conference, context: Context) -> ConferenceOut:
    return ConferenceOut.of(row, issues=[_issue(each, context) for each in row.issues])


router = routes.router("联席会议")


@router.post(
    "/conferences",
    status_code=201,
    summary="登记联席会议",
    description="街道（镇）或社区登记召开的一次联席会议和议题。",
    openapi_extra=clauses(*CLAUSES),
)
async def enter_conference(body: ConferenceIn, context: Writer, response: Response) -> ConferenceOut:
    """Enter a joint conference (P-2.5.2)."""
    context.refuse_future(held_on=body.held_on)
    division = await context.session.get(Division, body.division_id)
    if division is None or division.kind not in PLACES or division.withdrawn_on is not None:
        raise Invalid(
            "unknown-reference",
            "联席会议由街道（镇）或社区召开，请核对区划编号。",
            errors=[FieldError(pointer="/division_id", reason="不是本区的街道（镇）或社区")],
            clauses=CLAUSES,
        )
    row = Conference(
        id=db.new_id(), division_id=division.id, held_on=body.held_on, members=body.members, issues=[]
    )
    context.session.add(row)
    await context.session.flush()
    await context.must_hold(BELONGING, Conference.id == row.id)
    context.audit("property.conference.entered", str(row.id), division=str(division.id))
    for each in body.issues:
        issue = Issue(
            id=db.new_id(),
            conference_id=row.id,
            division_id=division.id,
            state="open",
            **each.model_dump(),
        )
        row.issues.append(issue)
        await COURSE.begin(context, issue)
    response.headers["Location"] = f"/property/v1/conferences/{row.id}"
    return _shown(row, context)


@router.get(
    "/conferences",
    summary="列出联席会议",
    description="按登记先后分页列出，可按区划筛选。本季度还没有召开的见履职事项。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_conferences(
    context: Reader,
    paging: PageRequest,
    division: Annotated[UUID | None, Query(description="区划编号")] = None,
) -> Page[ConferenceOut]:
    """The conferences."""
    query = context.within(select(Conference), BELONGING)
    if division is not None:
        query = query.where(Conference.division_id == division)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Conference.id)


@router.get(
    "/conferences/{id}",
    summary="查看一次联席会议",
    description="参加的成员单位和议题。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_conference(id: ConferenceId, context: Reader) -> ConferenceOut:
    """A conference."""
    row = await db.found(context.session, Conference, id, NO_SUCH_CONFERENCE)
    await context.must_hold(BELONGING, Conference.id == id, NO_SUCH_CONFERENCE)
    return _shown(row, context)


@router.get(
    "/issues",
    summary="列出联席会议议题",
    description="按登记先后分页列出，可按区划和状态筛选；state=raised 为已上报区人民政府而未答复的。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_issues(
    context: Reader,
    paging: PageRequest,
    division: Annotated[UUID | None, Query(description="区划编号")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
) -> Page[IssueOut]:
    """The issues of all conferences."""
    query = context.within(narrowed(select(Issue), division_id=division, state=state), COURSE.belongs)
    return await paging.page(context.session, query, lambda row: _issue(row, context), Issue.id)


@router.get(
    "/issues/{id}",
    summary="查看一项联席会议议题",
    description="议题情况、区人民政府的答复和办理过程。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_issue(id: IssueId, context: Reader) -> IssueWithSteps:
    """An issue with what was done."""
    row = await COURSE.read(context, id)
    allowed = ISSUE.allowed(row.state, context.caller)
    return IssueWithSteps.of(row, allowed=allowed, steps=await COURSE.steps(context, row))


def _add_step(action: str, description: str) -> None:
    @move(router, "/issues/{id}", ISSUE, action, description, name=f"{action}_issue")
    async def act(id: IssueId, body: NoteIn, context: Actor) -> IssueOut:
        """Take an issue a step further."""
        row = await COURSE.lock(context, id)
        COURSE.step(context, row, action, body.note)
        if action == "answer":
            row.answer = body.note
        return _issue(row, context)


_add_step("settle", "在联席会议上解决，写明结果。")
_add_step("raise", "联席会议难以解决的，上报区人民政府研究，写明原因。")
_add_step("answer", "区人民政府答复上报的议题。")
_add_step("close", "按区人民政府的答复办结；没有答复的不能办结。")
