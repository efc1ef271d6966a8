"""Disputes over property services (物业纠纷) from their entry to settlement, arbitration or suit (P-2.5.3)."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.personal.cipher import UNMASK, must_unmask
from kit.personal.kept import PersonName
from kit.personal.masking import mask_name
from kit.personal.originals import reveal_within
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.course import CourseStepOut, NoteIn
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.registers import must_exist
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Grounded, Name, Text, choices
from services.property.base import Base, Reader, Writer
from services.property.companies import Company
from services.property.compounds.work import of_compound, own_compound
from services.property.course import Course
from services.property.plan.disputes import DISPUTE, DisputeKind, Mediation

CLAUSES = ("P-2.5.3",)
State = Literal["registered", "mediating", "unsettled", "settled", "arbitrated", "sued"]
DisputeId = Annotated[UUID, Path(description="纠纷编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]


class Dispute(Base, db.Identified):
    """A dispute of a compound; parties: the masked names of persons, whose originals are sealed."""

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint(
            "state in ('registered','mediating','unsettled','settled','arbitrated','sued')", name="state"
        ),
        CheckConstraint("kind in ('with_company','between_owners')", name="kind"),
        CheckConstraint("(kind = 'with_company') = (company_id is not null)", name="company"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[str]
    subject: Mapped[str]
    description: Mapped[str]
    parties: Mapped[list[str]]
    state: Mapped[str] = mapped_column(index=True)


COURSE = Course("dispute", Dispute, DISPUTE, of_compound(Dispute.compound_id))
_PARTY = {"name": "张小明"}


class PartyIn(Body, title="纠纷当事人", example=_PARTY):
    """A person who is party to a dispute (当事人)."""

    name: PersonName = Field(min_length=1, description="姓名；加密保存，默认隐去")


class DisputeIn(
    Body,
    title="物业纠纷",
    example={
        "compound_id": "01990000-0000-7000-8000-000000000000",
        "kind": "with_company",
        "company_id": "01990000-0000-7000-8000-000000000001",
        "subject": "物业费纠纷",
        "description": "业主张小明认为电梯长期停运，拒交物业费",
        "parties": [_PARTY],
    },
):
    """A dispute as it is entered (物业纠纷)."""

    compound_id: UUID = Field(description="小区编号")
    kind: DisputeKind = Field(description=f"纠纷类别：{choices(DisputeKind)}")
    company_id: UUID | None = Field(default=None, description="物业服务企业编号；业主之间的不填")
    subject: Name = Field(description="事由")
    description: Text = Field(description="情况")
    parties: list[PartyIn] = Field(min_length=1, max_length=50, description="当事的业主")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.kind is DisputeKind.WITH_COMPANY) != (self.company_id is not None):
            raise ValueError("与物业服务人的纠纷填写物业服务企业编号，业主之间的不填。")
        return self


class MediateIn(
    Body,
    title="调解",
    example={"mediation": "people", "mediator": "天骄街道人民调解委员会", "note": "召集双方到社区调解"},
):
    """A mediation as it begins (调解)."""

    mediation: Mediation = Field(description=f"调解方式：{choices(Mediation)}")
    mediator: Name = Field(description="调解组织或机关")
    note: Text | None = Field(default=None, description="说明")


class DisputeOut(Grounded, title="物业纠纷情况", clauses=CLAUSES):
    """A dispute and how far it has come (物业纠纷)."""

    id: UUID = Field(description="纠纷编号")
    compound_id: UUID = Field(description="小区编号")
    company_id: UUID | None = Field(description="物业服务企业编号；业主之间的为空")
    kind: DisputeKind = Field(description=f"纠纷类别：{choices(DisputeKind)}")
    subject: str = Field(description="事由")
    description: str = Field(description="情况，个人信息已隐去", examples=["业主张**拒交物业费"])
    parties: list[str] = Field(description="当事的业主，姓名隐去", examples=[["张**"]])
    state: State = Field(
        description=(
            "registered 已登记，mediating 正在调解，unsettled 调解不成，"
            "settled 已调解或和解，arbitrated 已申请仲裁，sued 已起诉"
        )
    )
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["mediate"]])


class DisputeWithSteps(DisputeOut, title="物业纠纷及办理过程"):
    """A dispute with what was done (物业纠纷)."""

    steps: list[CourseStepOut] = Field(description="办理过程")


def _shown(row: Dispute, context: Context) -> DisputeOut:
    return DisputeOut.of(row, allowed=DISPUTE.allowed(row.state, context.caller))


router = routes.router("物业纠纷")


@router.post(
    "/disputes",
    status_code=201,
    summary="登记物业纠纷",
    description="物业服务人与业主、业主之间的纠纷。当事人姓名加密保存，各处只显示隐去后的姓名。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def enter_dispute(body: DisputeIn, context: Writer, response: Response) -> DisputeOut:
    """Enter a dispute (P-2.5.3)."""
    await own_compound(context, body.compound_id)
    await must_exist(context.session, Company, body.company_id, "/company_id", "物业服务企业")
    row = Dispute(
        id=db.new_id(),
        state="registered",
        parties=[mask_name(each.name) for each in body.parties],
        **body.model_dump(exclude={"parties"}),
    )
    await COURSE.begin(context, row)
    response.headers["Location"] = f"/property/v1/disputes/{row.id}"
    return _shown(row, context)


@router.get(
    "/disputes",
    summary="列出物业纠纷",
    description="按登记先后分页列出，可按小区、企业、状态筛选。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_disputes(
    context: Reader,
    paging: PageRequest,
    compound: Annotated[UUID | None, Query(description="小区编号")] = None,
    company: Annotated[UUID | None, Query(description="物业服务企业编号")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
) -> Page[DisputeOut]:
    """The disputes."""
    query = context.within(
        narrowed(select(Dispute), compound_id=compound, company_id=company, state=state), COURSE.belongs
    )
    return await paging.page(context.session, query, lambda row: _shown(row, context), Dispute.id)


@router.get(
    "/disputes/{id}",
    summary="查看一起物业纠纷",
    description=f"纠纷情况和办理过程。reveal=true 显示当事人完整信息，须有 {UNMASK} 权限，并记入审计。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_dispute(
    id: DisputeId,
    context: Reader,
    reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,
) -> DisputeWithSteps:
    """A dispute with what was done."""
    row = await COURSE.read(context, id)
    if reveal:
        must_unmask(context.caller)
        context.audit("property.personal.seen", str(id))
    allowed = DISPUTE.allowed(row.state, context.caller)
    shown = DisputeWithSteps.of(row, allowed=allowed, steps=await COURSE.steps(context, row))
    return await reveal_within(context, str(id), shown) if reveal else shown


@move(
    router,
    "/disputes/{id}",
    DISPUTE,
    "mediate",
    "开始人民调解、行政调解或司法调解；调解不成的可以再换一种方式。",
)
async def mediate_dispute(id: DisputeId, body: MediateIn, context: Actor) -> DisputeOut:
    """Begin a mediation."""
    row = await COURSE.lock(context, id)
    COURSE.step(context, row, "mediate", body.note, mediation=body.mediation.value, mediator=body.mediator)
    return _shown(row, context)


def _add_step(action: str, description: str) -> None:
    summary = {"fail": "登记调解不成"}.get(action, f"{DISPUTE.actions[action]}结果")

    @move(router, "/disputes/{id}", DISPUTE, action, description, summary=summary, name=f"{action}_dispute")
    async def act(id: DisputeId, body: NoteIn, context: Actor) -> DisputeOut:
        """Take a dispute a step further."""
        row = await COURSE.lock(context, id)
        COURSE.step(context, row, action, body.note)
        return _shown(row, context)


_add_step("fail", "调解不成，写明经过。")
_add_step("settle", "调解成功或双方和解，写明结果。")
_add_step("arbitrate", "当事人申请仲裁，写明仲裁机构和结果。")
_add_step("sue", "当事人起诉，写明法院和案号。先调后诉：没有经过调解、或调解还没有结果的，不能登记起诉。")
