"""Endpoints of alarms: requests whose words tell of an accident, whatever their matter is (E-4.1b)."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import Street
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.routes import clauses, move
from kit.web.shapes import Grounded
from services.emergency.alarms import work
from services.emergency.alarms.hotline_api import AccidentIn
from services.emergency.alarms.models import Alarm
from services.emergency.incidents.shapes import JoinIn
from services.emergency.plan.alarms import ALARM
from services.emergency.plan.roles import OFFICE
from services.emergency.response.shapes import ReasonIn

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]
Id = Annotated[UUID, Path(description="疑似事故的编号")]
State = Literal["open", "incident", "joined", "none"]
STATES = "open 尚未处理，incident 已转为事故，joined 已并入事故，none 非事故"

router = routes.router("疑似事故")


class AlarmOut(Grounded, title="疑似事故", clauses=("E-4.1a", "E-4.1b", "P-2.2.2b")):
    """A request whose words tell of an accident, and what became of it (疑似事故)."""

    id: UUID = Field(description="疑似事故的编号")
    number: str = Field(description="诉求编号", examples=["DS-PQ-20240624-0001"])
    service: str = Field(description="受理诉求的服务", examples=["property"])
    matter: str = Field(description="诉求的事项编码", examples=["noise"])
    words: list[str] = Field(description="文字中疑似事故的词", examples=[["爆炸"]])
    division: str | None = Field(description="所在街道（镇）；尚不知道时为空", examples=["天骄街道"])
    received_at: LocalTime = Field(description="诉求受理时间，首次接报时间由此起算")
    heard_at: LocalTime = Field(description="应急管理服务收到的时间")
    shift: UUID | None = Field(description="当班的值班班次；没有排班时为空")
    reminders: int = Field(description="再次呼叫值班员的次数", examples=[0])
    state: State = Field(description=STATES)
    allowed: list[str] = Field(
        description="您现在可以做的操作", examples=[["dismiss", "join", "make-incident"]]
    )
    incident: str | None = Field(description="事故编号", examples=["DS-E-20240624-0001"])
    reason: str | None = Field(description="处理的理由", examples=["已电话核实，系施工噪声"])
    handled_at: LocalTime | None = Field(description="处理时间")


def _shown(context: Context, alarm: Alarm) -> AlarmOut:
    return AlarmOut.of(alarm, allowed=ALARM.allowed(alarm.state, context.caller))


@router.get(
    "/alarms",
    summary="列出疑似事故",
    description="各服务受理的诉求，文字中有事故的词的，不论选了什么事项，都列在这里，按受理先后由新到旧。"
    "限定街道的令牌只看到本街道的。",
    openapi_extra=clauses("E-4.1a", "E-4.1b", "P-2.2.2b"),
)
async def list_alarms(
    context: Reader,
    paging: PageRequest,
    state: Annotated[
        Literal["open", "handled"] | None, Query(description="open 尚未处理，handled 已处理")
    ] = None,
    division: Annotated[Street | None, Query(description="街道（镇），名称或编号")] = None,
) -> Page[AlarmOut]:
    """What requests tell of accidents, the newest first (E-4.1b)."""
    query = context.within(narrowed(select(Alarm), division=division), work.BELONGING)
    if state is not None:
        query = query.where((Alarm.state == "open") == (state == "open"))
    rows, following = await paging.fetch(context.session, query, Alarm.received_at, Alarm.id, descending=True)
    return Page(items=[_shown(context, row) for row in rows], next=following)


@move(
    router,
    "/alarms/{id}",
    ALARM,
    "make-incident",
    "首次接报时间是诉求受理的时间，时限由此起算；已知的情况填入 facts，其余续报。",
    summary="疑似事故转为事故",
)
async def make_alarm_an_incident(id: Id, body: AccidentIn, context: Office) -> AlarmOut:
    """Take an alarm as the accident that it is (E-4.1b)."""
    return _shown(context, await work.make_incident(context, id, body.facts, body.reason))


@move(
    router,
    "/alarms/{id}",
    ALARM,
    "join",
    "作为该事故的又一次来电：首次接报时间取较早的，时限不重复。",
    summary="疑似事故并入事故",
)
async def join_alarm(id: Id, body: JoinIn, context: Office) -> AlarmOut:
    """Take an alarm as a further call of an accident (E-4.1e)."""
    return _shown(context, await work.join_to(context, id, body.into, body.reason))


@move(
    router, "/alarms/{id}", ALARM, "dismiss", "核实后确认不是事故，写明理由。", summary="疑似事故核实为非事故"
)
async def dismiss_alarm(id: Id, body: ReasonIn, context: Office) -> AlarmOut:
    """Keep that an alarm was none, and why (E-4.1c)."""
    return _shown(context, await work.dismiss(context, id, body.reason))
