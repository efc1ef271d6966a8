"""Endpoints of command and its hand-over."""

from typing import Annotated, Any

from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses, move
from kit.web.shapes import Answer, Body, Name, Text
from services.emergency.case.case import Case, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.command import work
from services.emergency.command.shapes import CommandNow, TenureOut
from services.emergency.plan.command import COMMAND, Commander
from services.emergency.response.shapes import TimedReasonIn

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]

router = routes.router("现场指挥")


class OfferIn(
    Body,
    title="移交指挥权",
    example={
        "situation": "2 人被困，巷道垮落约 20 米",
        "progress": "矿方救护队已支护 5 米",
        "risks": "二次垮落、瓦斯积聚",
        "key_factors": "支护材料不足，需顶板专家",
    },
):
    """The briefing with which command is offered (移交时的汇报)."""

    situation: Text = Field(description="事故情况")
    progress: Text = Field(description="处置进展")
    risks: Text = Field(description="风险")
    key_factors: Text = Field(description="制约控制的关键问题")
    occurred_at: LocalTime | None = Field(default=None, description="提出时间，事后补录时填写；不填为现在")


class AnswerIn(Body, title="答复移交", example={"note": "情况已了解，接收"}):
    """How an offered command is answered (答复移交)."""

    name: Name | None = Field(default=None, description="接任的指挥长姓名，可不填")
    note: Text | None = Field(default=None, description="说明；退回时写理由")
    occurred_at: LocalTime | None = Field(default=None, description="答复时间，事后补录时填写；不填为现在")


class HandOverOut(Answer, title="指挥权移交"):
    """A hand-over of command (指挥权移交)."""

    giver: Commander = Field(description="移交方")
    taker: Commander = Field(description="接收方")
    briefing: dict[str, Any] = Field(
        description="移交时汇报的内容",
        examples=[{"casualties": "受伤 3 人，已送医", "measures": "已断电、断气，疏散 46 人"}],
    )
    state: str = Field(description="offered 待接收，taken 已接收，declined 已退回")
    offered_at: LocalTime = Field(description="提出时间")
    offered_by: str = Field(description="提出人", examples=["事发单位"])
    answered_at: LocalTime | None = Field(description="答复时间")
    answered_by: str | None = Field(description="答复人", examples=["区现场指挥部"])
    remark: str | None = Field(description="答复时的说明", examples=["已到场，按现有方案继续处置"])


class CommandOut(OfIncident, CommandNow, title="现场指挥", clauses=("E-4.5b",)):
    """Who commands now, and how it came to that (指挥权)."""

    tenures: list[TenureOut] = Field(description="历任指挥")
    hand_overs: list[HandOverOut] = Field(description="历次移交")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["offer"]])


@router.get(
    "/incidents/{key}/command",
    summary="查看现在由谁指挥",
    description="任何时刻只有一个指挥者；附历任指挥和历次移交。",
    responses=problems(404),
    openapi_extra=clauses("E-4.5b"),
)
async def read_command(key: Key, context: Reader) -> CommandOut:
    """Who commands now, and how it came to that (E-4.5b)."""
    return await _shown(await Case.see(context, key))


@move(
    router,
    "/incidents/{key}/command",
    COMMAND,
    "offer",
    "事发单位向区现场指挥部、区现场指挥部向上级移交，须汇报情况、进展、风险和关键问题。接收之前仍由提出者指挥。",
)
async def offer_command(key: Key, body: OfferIn, context: Reader) -> CommandOut:
    """Offer command with a briefing (E-4.5b)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.offer(case, body.model_dump(exclude={"occurred_at"}), body.occurred_at)
    return await _shown(case)


@move(router, "/incidents/{key}/command", COMMAND, "take", "由接收一方办理，从此由其指挥。")
async def take_command(key: Key, body: AnswerIn, context: Reader) -> CommandOut:
    """Take command (E-4.5b)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.answer(case, "take", body.name, body.note, body.occurred_at)
    return await _shown(case)


@move(router, "/incidents/{key}/command", COMMAND, "decline", "由接收一方退回，仍由提出者指挥。")
async def decline_command(key: Key, body: AnswerIn, context: Reader) -> CommandOut:
    """Decline an offered command (E-4.5b)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.answer(case, "decline", None, body.note, body.occurred_at)
    return await _shown(case)


@move(
    router,
    "/incidents/{key}/command",
    COMMAND,
    "assume",
    "事发单位负责人联系不上、不能移交时，由区现场指挥部或区指挥部办公室直接接管，须写明理由。",
)
async def assume_command(key: Key, body: TimedReasonIn, context: Reader) -> CommandOut:
    """The district takes command of a company that cannot offer it (E-4.5b)."""
    context.refuse_future(occurred_at=body.occurred_at)
    case = await Case.open(context, key)
    await work.assume(case, body.reason, body.occurred_at)
    return await _shown(case)


async def _shown(case: Case) -> CommandOut:
    command = await work.command_of(case)
    return CommandOut.of(command, case.incident, allowed=COMMAND.allowed(command.state, case.caller))
