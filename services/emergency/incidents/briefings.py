"""Who else was told of an accident: areas, departments and units that it may affect (E-4.1c)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import ForeignKey, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import LocalTime
from kit.personal.originals import names_of, take_in
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Body, Name, Text
from services.emergency.base import Base
from services.emergency.case.case import Case, IncidentEvent, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.incidents.facts import CHANNELS_ZH, Channel
from services.emergency.plan.roles import OFFICE

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]

router = routes.router("事故记录")


class Briefing(Base, db.Identified):
    """That somebody whom an accident may affect was told of it (通报)."""

    __tablename__ = "briefings"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    receivers: Mapped[list[str]] = mapped_column(JSONB)
    content: Mapped[str]
    channel: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]


class BriefingIn(
    Body,
    title="通报",
    example={
        "receivers": ["伊金霍洛旗应急管理局"],
        "content": "下游可能受影响，请注意水质",
        "channel": "phone",
    },
):
    """Whom an accident may affect, and what they were told (通报)."""

    receivers: list[Name] = Field(min_length=1, max_length=50, description="可能受影响的地区、部门和单位")
    content: Text = Field(description="通报内容")
    channel: Channel = Field(default="phone", description="通报方式")
    occurred_at: LocalTime | None = Field(default=None, description="通报时间；不填为现在")


class BriefingOut(OfIncident, title="通报记录", clauses=("E-4.1c",)):
    """A briefing as it was given (通报)."""

    id: UUID = Field(description="通报编号")
    receivers: list[str] = Field(description="地区、部门和单位")
    content: str = Field(description="通报内容")
    channel: str = Field(description="通报方式")
    occurred_at: LocalTime = Field(description="通报时间")
    recorded_at: LocalTime = Field(description="登记时间")
    client: str = Field(
        description="通报者：系统的客户端编号，或操作人的姓名和单位", examples=["张三（区应急管理局）"]
    )
    client_unit: str | None = Field(description="通报单位", examples=["emergency-bureau"])


class Briefed(IncidentEvent, type="emergency.incident.briefed", title="已通报"):
    """Areas, departments and units that an accident may affect were told of it."""

    receivers: list[str] = Field(description="被通报的地区、部门和单位")


@router.post(
    "/incidents/{key}/briefings",
    status_code=201,
    summary="登记通报可能受影响的地区、部门和单位",
    description="区应急管理局核实后，除逐级上报外，还应通报可能受影响的地区、部门和单位；每次通报登记一条。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.1c"),
)
async def add_briefing(key: Key, body: BriefingIn, context: Office) -> BriefingOut:
    """Keep that those whom an accident may affect were told (E-4.1c)."""
    case = await Case.open(context, key)
    body = take_in(case.session, body, await names_of(case.session, [case.incident.number]))
    row = Briefing(id=db.new_id(), incident_id=case.incident.id, **body.model_dump())
    row.occurred_at, row.recorded_at = case.at(body.occurred_at), case.now
    row.client, row.client_unit = case.caller.by, case.caller.unit
    case.session.add(row)
    text = f"通报{'、'.join(row.receivers)}（{CHANNELS_ZH[row.channel]}）：{row.content}"
    case.happened("briefing", text, "E-4.1c", at=row.occurred_at, event=Briefed(receivers=row.receivers))
    return BriefingOut.of(row, case.incident)


@router.get(
    "/incidents/{key}/briefings",
    summary="列出通报",
    description="按登记先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.1c"),
)
async def list_briefings(key: Key, context: Reader) -> list[BriefingOut]:
    """Who else was told (E-4.1c)."""
    case = await Case.see(context, key)
    query = select(Briefing).where(case.includes(Briefing.incident_id)).order_by(Briefing.id)
    return [BriefingOut.of(row, case.incident) for row in await case.session.scalars(query)]
