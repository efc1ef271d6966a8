"""Taking over a new compound (承接查验、交接): inspected by both, agreed, witnessed by three (P-2.2.1c)."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import Day
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.caller import holders
from kit.web.course import CourseStepOut
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid, problems
from kit.web.registers import must_exist
from kit.web.routes import clauses, move
from kit.web.shapes import Answer, Body, Grounded, Name, Shape, Text, choices
from services.property.base import Base, Reader, Writer
from services.property.companies import Company
from services.property.compounds.work import of_compound, own_compound
from services.property.course import Course
from services.property.plan.takeover import SIGNS, TAKEOVER, Part, Progress, Witness, lacking, may_sign

CLAUSES = ("P-2.2.1c",)
State = Literal["open", "taken_over"]
TakeoverId = Annotated[UUID, Path(description="承接查验编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]
_WITNESSED = "witnesses ?& array['housing_centre','street','community']"


class Takeover(Base, db.Identified):
    """A new compound on its way from developer to company (承接查验); one at a time.

    items: what was inspected, as answers show it; witnesses: by who they are, what they signed.
    """

    __tablename__ = "takeovers"
    __table_args__ = (
        CheckConstraint("state in ('open','taken_over')", name="state"),
        CheckConstraint("(state = 'taken_over') = (taken_over_on is not null)", name="taken_over"),
        CheckConstraint(
            f"state = 'open' or (inspected_on is not null and agreed_on is not null and {_WITNESSED})",
            name="complete",
        ),
        CheckConstraint("(agreement is null) = (agreed_on is null)", name="agreement"),
        CheckConstraint("agreed_on >= inspected_on", name="order"),
        Index("uq_takeovers_open", "compound_id", unique=True, postgresql_where="state = 'open'"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    developer: Mapped[str]
    state: Mapped[str]
    inspected_on: Mapped[date | None]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    agreement: Mapped[str | None]
    agreed_on: Mapped[date | None]
    witnesses: Mapped[dict[str, Any]]
    taken_over_on: Mapped[date | None]

    @property
    def progress(self) -> Progress:
        """What there is of it."""
        return Progress([each["part"] for each in self.items], self.agreed_on is not None, self.witnesses)


BELONGING = Belonging(
    of_compound(Takeover.compound_id).division,
    select(Company.uscc).where(Company.id == Takeover.company_id).scalar_subquery(),
)
COURSE = Course("takeover", Takeover, TAKEOVER, BELONGING)


class TakeoverIn(
    Body,
    title="承接查验登记",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "company_id": "01990000-0000-7000-8000-000000000001",
        "developer": "某某房地产开发有限公司（虚构）",
    },
):
    """A takeover as it begins (承接查验)."""

    compound_id: UUID = Field(description="新建小区编号")
    company_id: UUID = Field(description="承接的物业服务企业编号")
    developer: Name = Field(description="建设单位")


class ItemFacts(Shape):
    """Something that was inspected (查验项目)."""

    part: Part = Field(description=f"查验对象：{choices(Part)}")
    name: Name = Field(description="名称")
    passed: bool = Field(description="是否合格")
    problem: Text | None = Field(default=None, description="不合格的情况", examples=["地下车库渗水"])
    remedy_by: Day | None = Field(default=None, description="建设单位整改的期限；不合格的必填")


_ITEMS = [
    {"part": "common_part", "name": "屋面和外墙", "passed": True},
    {
        "part": "equipment",
        "name": "3 号楼电梯",
        "passed": False,
        "problem": "未取得使用登记",
        "remedy_by": "2024-08-31",
    },
]


class ItemIn(ItemFacts, Body, title="查验项目", example=_ITEMS[1]):
    """Something that was inspected, as entered (查验项目)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.passed and (self.problem is None or self.remedy_by is None):
            raise ValueError("不合格的，请填写情况和整改期限。")
        return self


class ItemOut(ItemFacts, Answer, title="查验项目信息"):
    """Something that was inspected (查验项目)."""


class InspectIn(Body, title="查验结果", example={"inspected_on": "2024-06-20", "items": _ITEMS}):
    """What company and developer found together (查验结果)."""

    inspected_on: Day = Field(description="查验日期")
    items: list[ItemIn] = Field(min_length=1, max_length=500, description="逐项查验结果")


class AgreeIn(
    Body, title="交接协议书", example={"agreement": "交接协议书〔2024〕1 号", "agreed_on": "2024-06-22"}
):
    """The handover agreement that both signed (交接协议书)."""

    agreement: Name = Field(description="协议书名称或编号")
    agreed_on: Day = Field(description="签订日期，不能早于查验日期")


class WitnessIn(Body, title="见证", example={"witness": "street", "on_paper": None}):
    """A signature of one who oversees (见证)."""

    witness: Witness = Field(description=f"见证单位：{choices(Witness)}")
    on_paper: Name | None = Field(
        default=None, description="社区（村）居委会没有令牌、由街道（镇）代录时，填写其纸质签字文件"
    )


class TakeoverOut(Grounded, title="承接查验情况", clauses=CLAUSES):
    """A takeover and what it still lacks (承接查验)."""

    id: UUID = Field(description="承接查验编号")
    compound_id: UUID = Field(description="小区编号")
    company_id: UUID = Field(description="承接的物业服务企业编号")
    developer: str = Field(description="建设单位")
    state: State = Field(description="open 正在承接查验，taken_over 已交接")
    inspected_on: date | None = Field(description="查验日期")
    items: list[ItemOut] = Field(description="逐项查验结果")
    agreement: str | None = Field(description="交接协议书", examples=["交接协议书〔2024〕1 号"])
    agreed_on: date | None = Field(description="签订日期")
    witnesses: list[Witness] = Field(description=f"已见证的单位：{choices(Witness)}")
    lacking: list[str] = Field(description="交接前还缺什么", examples=[["所属街道（镇）的见证"]])
    taken_over_on: date | None = Field(description="交接日期")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["inspect"]])


class TakeoverWithSteps(TakeoverOut, title="承接查验情况及办理过程"):
    """A takeover with what was done (承接查验)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


def _shown(row: Takeover, context: Context) -> TakeoverOut:
    return TakeoverOut.of(row, **_also(row, context))


def _also(row: Takeover, context: Context) -> dict[str, Any]:
    return {
        "items": [ItemOut(**each) for each in row.items],
        "witnesses": [each for each in Witness if each in row.witnesses],
        "lacking": lacking(row.progress),
        "allowed": TAKEOVER.allowed(row.state, context.caller),
    }


router = routes.router("新建小区承接查验")


@router.post(
    "/takeovers",
    status_code=201,
    summary="开始承接查验",
    description="新建小区物业服务企业进驻前开始承接查验；同一小区同时只有一项。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def begin_takeover(body: TakeoverIn, context: Writer, response: Response) -> TakeoverOut:
    """Begin the takeover of a new compound (P-2.2.1c)."""
    await own_compound(context, body.compound_id)
    await must_exist(context.session, Company, body.company_id, "/company_id", "物业服务企业")
    row = Takeover(id=db.new_id(), state="open", items=[], witnesses={}, **body.model_dump())
    try:
        await COURSE.begin(context, row)
    except IntegrityError:  # the key of a compound's takeover that runs
        raise Conflict("takeover-open", "这个小区已有正在进行的承接查验。", clauses=CLAUSES) from None
    response.headers["Location"] = f"/property/v1/takeovers/{row.id}"
    return _shown(row, context)


@router.get(
    "/takeovers",
    summary="列出承接查验",
    description="按登记先后分页列出，可按小区和状态筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_takeovers(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
) -> Page[TakeoverOut]:
    """The takeovers."""
    query = context.within(narrowed(select(Takeover), compound_id=compound, state=state), BELONGING)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Takeover.id)


@router.get(
    "/takeovers/{id}",
    summary="查看一项承接查验",
    description="查验结果、交接协议、见证情况，以及交接前还缺什么。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_takeover(id: TakeoverId, context: Reader) -> TakeoverWithSteps:
    """A takeover with what was done."""
    row = await COURSE.read(context, id)
    return TakeoverWithSteps.of(row, **_also(row, context), steps=await COURSE.steps(context, row))


@move(
    router,
    "/takeovers/{id}",
    TAKEOVER,
    "inspect",
    "物业服务企业和建设单位共同查验公用部位、公用设施设备的结果。重新登记的，原交接协议和见证失效。",
    summary="登记查验结果",
)
async def inspect_compound(id: TakeoverId, body: InspectIn, context: Actor) -> TakeoverOut:
    """Enter what company and developer found; what was signed on an earlier result holds no more."""
    context.refuse_future(inspected_on=body.inspected_on)
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "inspect", items=len(body.items))
    row.inspected_on, row.items = body.inspected_on, body.model_dump(mode="json")["items"]
    row.agreement, row.agreed_on, row.witnesses = None, None, {}
    return _shown(row, context)


@move(
    router,
    "/takeovers/{id}",
    TAKEOVER,
    "agree",
    "物业服务企业和建设单位签订的交接协议书；在查验之后签订。",
    summary="登记交接协议",
)
async def agree_takeover(id: TakeoverId, body: AgreeIn, context: Actor) -> TakeoverOut:
    """Enter the agreement that company and developer signed."""
    context.refuse_future(agreed_on=body.agreed_on)
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "agree", body.agreement)
    _must_be_inspected(row)
    if row.inspected_on is not None and body.agreed_on < row.inspected_on:
        raise Invalid(
            "agreed-too-early",
            "交接协议在查验之后签订，请核对日期。",
            errors=[FieldError(pointer="/agreed_on", reason=f"早于查验日期 {row.inspected_on}")],
            clauses=CLAUSES,
        )
    row.agreement, row.agreed_on = body.agreement, body.agreed_on
    return _shown(row, context)


@move(
    router,
    "/takeovers/{id}",
    TAKEOVER,
    "witness",
    "住房保障综合服务中心、街道（镇）、社区（村）居委会各自见证。没有令牌的社区，由街道（镇）凭纸质签字代录。",
    summary="见证承接查验",
)
async def witness_takeover(id: TakeoverId, body: WitnessIn, context: Actor) -> TakeoverOut:
    """Sign for one of the three who oversee; each signs for itself."""
    row = await COURSE.lock(context, id)
    if not may_sign(context.caller, body.witness, on_paper=body.on_paper is not None):
        needed = SIGNS[body.witness]
        raise Forbidden(
            "not-your-role", f"{body.witness.zh}的见证只有{holders((needed,))}可以作出。", missing=[needed]
        )
    COURSE.step(context, row, "witness", body.on_paper, witness=body.witness.value)
    _must_be_inspected(row)
    signed = {"client": context.caller.by, "at": context.now.isoformat(), "on_paper": body.on_paper}
    row.witnesses = row.witnesses | {body.witness.value: signed}
    return _shown(row, context)


@move(
    router,
    "/takeovers/{id}",
    TAKEOVER,
    "complete",
    "查验结果、交接协议和三方见证齐全后完成交接；不齐全的返回 409，并逐项说明还缺什么。",
)
async def complete_takeover(id: TakeoverId, context: Actor) -> TakeoverOut:
    """Take a compound over, once all that it needs is there."""
    row = await COURSE.lock(context, id)
    TAKEOVER.check(row.state, "complete", context.caller)
    if missing := lacking(row.progress):
        raise Conflict(
            "takeover-incomplete",
            f"还不能交接，缺少：{'、'.join(missing)}。",
            clauses=CLAUSES,
            lacking=missing,
        )
    COURSE.step(context, row, "complete")
    row.taken_over_on = context.today
    return _shown(row, context)


def _must_be_inspected(row: Takeover) -> None:
    if row.inspected_on is None:
        raise Conflict("not-inspected", "还没有查验结果，请先登记查验结果。", clauses=CLAUSES)
