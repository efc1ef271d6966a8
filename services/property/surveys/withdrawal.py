"""A survey that should not have been handed in is taken back: its observations go, its record stays with the reason."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import delete

from kit.context import Context
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.ownership import Owner
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from kit.web.shapes import Body
from services.property.base import Reader, Writer
from services.property.compounds.models import Observation
from services.property.compounds.work import one_at_a_time
from services.property.corrections import Reason
from services.property.surveys.models import SurveyRecord
from services.property.surveys.observed import observed_of, tell_withdrawn
from services.property.surveys.shown import SurveyOut, shown

SurveyId = Annotated[UUID, Path(description="摸底记录编号")]
NO_SUCH_SURVEY = "没有这次摸底。"
CLAUSES = ("P-3.1",)


class SurveyTakenBack(Event, type="property.survey.withdrawn", title="摸排撤回"):
    """A survey was taken back; of each compound that rested on it a `survey-withdrawn` tells."""

    survey: UUID = Field(description="摸排编号")
    as_of: date = Field(description="摸排情况的日期")
    streets: list[str] = Field(description="摸排的街道（镇）名称")
    compounds: int = Field(description="涉及的小区数")
    reason: str = Field(description="撤回的理由")


class SurveyWithdrawIn(Body, title="撤回摸底", example={"reason": "摸底日期填错"}):
    """Why a survey is taken back (撤回摸底)."""

    reason: Reason


router = routes.router("摸底统计")


@router.get(
    "/surveys/{id}",
    summary="查看一次摸底记录",
    description="一次摸底的日期、街道（镇）、填报单位，是否被取代或撤回。联系人和电话隐去。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_survey(id: SurveyId, context: Reader) -> SurveyOut:
    """A survey's record."""
    record = await db.found(context.session, SurveyRecord, id, NO_SUCH_SURVEY)
    must_own(context, record)
    return shown(context, record, reveal=False)


@router.post(
    "/surveys/{id}/withdraw",
    summary="撤回一次摸底",
    description="误报的摸底（如日期填错）撤回：其小区情况不再计入，退回该日以前最近一次摸底的情况；记录和原因保留。"
    "变更中每个小区有一条 property.compound.survey-withdrawn。被它取代的摸底不自动恢复，需要的请重新报送。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def withdraw_survey(id: SurveyId, body: SurveyWithdrawIn, context: Writer) -> SurveyOut:
    """Take a survey back."""
    await one_at_a_time(context.session)
    record = await db.locked(context.session, SurveyRecord, id, NO_SUCH_SURVEY)
    must_own(context, record)
    if record.withdrawn_at is not None:
        raise Conflict("survey-withdrawn", "这次摸底已经撤回。", clauses=CLAUSES)
    gone = await observed_of(context.session, Observation.survey_id == id)
    await context.session.execute(delete(Observation).where(Observation.survey_id == id))
    record.withdrawn_at, record.withdrawn_by = context.now, context.caller.by
    record.withdrawal_reason = body.reason
    event = SurveyTakenBack(
        survey=id, as_of=record.as_of, streets=record.streets, compounds=len(gone), reason=body.reason
    )
    context.record(event, str(id))
    tell_withdrawn(context, gone)
    return shown(context, record, reveal=False)


def must_own(context: Context, record: SurveyRecord) -> None:
    """A survey is its streets', all of them.

    Raises: NotFound.
    """
    for street in record.streets:
        context.must_own(Owner(street), NO_SUCH_SURVEY)
