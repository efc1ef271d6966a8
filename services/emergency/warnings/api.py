"""Endpoints of warnings, and what the public reads: CAP 1.2 and the Atom feed."""

from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.citations import Basis, cite, clause
from kit.district.clock import SHANGHAI, Now
from kit.district.named_units import StreetId, UnitId
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import NotFound, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.grading import Grade, ResponseLevel
from services.emergency.plan.roles import WARNING
from services.emergency.plan.warnings import COLOURS, EXPECTED, Colour
from services.emergency.settings import EmergencySettings
from services.emergency.warnings import cap, feed, messages, tasks, work
from services.emergency.warnings.models import Bulletin, Message, WarningTask
from services.emergency.warnings.published import published
from services.emergency.warnings.shapes import (
    AdjustWarningIn,
    DeliveryOut,
    DraftIn,
    LiftIn,
    Sentence,
    State,
    WarningOut,
    WarningTaskOut,
)

Reader = Annotated[Caller, requires("emergency:read")]
router = routes.router("预警")
NONE = "没有这条预警，请核对编号。"
#: An area that is the street itself, or the whole district.
_TOUCHES = cast("$[*] ? (@.division == $street || !exists(@.division))", JSONPATH)
#: An empty feed is as old as the plan, so that it too stays the same between two reads.
_PLAN_BEGAN = datetime.combine(clause("E-3.3b").document.effective, time(), SHANGHAI)


def _identity(request: Request) -> messages.Identity:
    settings: EmergencySettings = request.app.state.settings
    return messages.Identity(settings.cap_sender, settings.cap_agency, settings.cap_web)


Identity = Annotated[messages.Identity, Depends(_identity)]


class ColourOut(BaseModel):
    """A colour: when it is called for, and what it asks."""

    model_config = ConfigDict(title="预警级别")

    colour: Colour
    zh: str
    level: ResponseLevel = Field(description="对应的响应级别")
    expected_grade: Grade = Field(description="预计可能发生的事故等级")
    expected_grade_zh: str
    actions: list[str] = Field(description="预警行动，含下一级的")


class ColoursOut(BaseModel):
    """The four colours."""

    model_config = ConfigDict(title="预警级别表")

    items: list[ColourOut]
    basis: Basis


class ActionDoneIn(BaseModel):
    """How an action was done."""

    model_config = ConfigDict(
        title="预警行动办结", extra="forbid", json_schema_extra={"examples": [{"note": "已安排双人值守。"}]}
    )

    note: Sentence | None = Field(default=None, description="办理情况")


def _shown(bulletin: Bulletin, now: datetime, response: Response | None = None) -> WarningOut:
    if response is not None:
        set_etag(response, bulletin)
    return WarningOut.of(bulletin, work.missing(bulletin), now)


@router.get(
    "/warning-colours",
    summary="查看预警级别",
    description="四种颜色各自对应的响应级别、预计事故等级和预警行动。",
    openapi_extra=clauses("E-3.2b", "E-3.3c"),
)
async def list_colours(_caller: Reader) -> ColoursOut:
    """The colours, what calls for them, and what they ask (E-3.2b, E-3.3c)."""
    levels = {colour: level for level, colour in COLOURS.items()}
    grades = {colour: grade for grade, colour in EXPECTED.items()}
    items = [
        ColourOut(
            colour=colour,
            zh=colour.zh,
            level=levels[colour],
            expected_grade=grades[colour],
            expected_grade_zh=grades[colour].zh,
            actions=[action.does for action in catalogue().actions_of(colour)],
        )
        for colour in reversed(Colour)
    ]
    return ColoursOut(items=items, basis=cite("E-3.2b", "E-3.3c"))


@router.post(
    "/warnings",
    status_code=201,
    summary="起草预警",
    description="内容可以暂缺，发布时须齐全；不填级别时按预计事故等级确定。",
    openapi_extra=clauses("E-3.2b", "E-3.3b"),
)
async def draft_warning(
    body: DraftIn, session: Session, caller: Reader, now: Now, response: Response
) -> WarningOut:
    """Draft a warning (E-3.3b)."""
    bulletin = await work.draft(session, caller, _facts(body), now)
    response.headers["Location"] = f"/emergency/v1/warnings/{bulletin.id}"
    return _shown(bulletin, now, response)


def _facts(body: BaseModel, *without: str) -> dict[str, Any]:
    """What a request says, with the areas as they are kept: numbers as exact text."""
    facts = body.model_dump(exclude=set(without))
    facts["areas"] = body.model_dump(mode="json", include={"areas"}, exclude_none=True)["areas"]
    return facts


@router.get(
    "/warnings",
    summary="列出预警",
    description="按编号先后列出已发布的预警；草稿只有发布预警的单位能看到。",
    openapi_extra=clauses("E-3.2b"),
)
async def list_warnings(
    session: Session,
    caller: Reader,
    now: Now,
    paging: PageRequest,
    state: Annotated[
        State | None, Query(description="draft 草稿，issued 已发布，adjusted 已调整，lifted 已解除")
    ] = None,
    colour: Annotated[Colour | None, Query(description="级别")] = None,
    active: Annotated[bool | None, Query(description="只看（不看）仍在预警期的")] = None,
    exercise: Annotated[bool | None, Query(description="只看（不看）演练")] = None,
    street: Annotated[StreetId | None, Query(description="影响到的镇街道，含全区的预警")] = None,
) -> Page[WarningOut]:
    """The warnings; drafts only for those who warn."""
    query = select(Bulletin)
    if not caller.may(WARNING):
        query = query.where(Bulletin.state != "draft")
    if active is not None:
        runs = Bulletin.state.in_(("issued", "adjusted")) & (Bulletin.expires_at > now)
        query = query.where(runs == active)
    for column, value in ((Bulletin.state, state), (Bulletin.colour, colour), (Bulletin.exercise, exercise)):
        if value is not None:
            query = query.where(column == value)
    if street is not None:
        query = query.where(func.jsonb_path_exists(Bulletin.areas, _TOUCHES, cast({"street": street}, JSONB)))
    rows, following = await paging.fetch(session, query, Bulletin.id)
    return Page(items=[_shown(row, now) for row in rows], next=following)


@router.get(
    "/warnings.atom",
    summary="订阅预警（Atom）",
    description="最近发出的预警消息，新的在前；每条指向 CAP 1.2 原文。支持 ETag 和 If-Modified-Since。",
    response_class=Response,
    responses={200: {"content": {feed.MEDIA_TYPE: {}}, "description": "Atom"}},
    openapi_extra=clauses("E-3.3b"),
)
@router.head("/warnings.atom", include_in_schema=False)
async def read_feed(
    request: Request,
    session: Session,
    _caller: Reader,
    identity: Identity,
    exercise: Annotated[bool, Query(description="只读演练消息；不填只读真实消息")] = False,
) -> Response:
    """The feed of messages sent (E-3.3b); exercises never stand among the real ones."""
    newest = select(Message).where(Message.exercise == exercise)
    newest = newest.order_by(Message.sent_at.desc(), Message.id.desc()).limit(feed.WINDOW)
    sent = (await session.scalars(newest)).all()
    updated = sent[0].sent_at if sent else _PLAN_BEGAN
    return published(request, feed.to_atom(sent, identity.sender, updated), feed.MEDIA_TYPE, updated)


@router.get(
    "/warnings/{id}.cap",
    summary="读取预警的 CAP 1.2 原文",
    description="最近一条消息的原文：发布、调整或解除。支持 ETag 和 If-Modified-Since。",
    response_class=Response,
    responses={200: {"content": {cap.MEDIA_TYPE: {}}, "description": "CAP 1.2"}, **problems(404)},
    openapi_extra=clauses("E-3.3b"),
)
@router.head("/warnings/{id}.cap", include_in_schema=False)
async def read_cap(id: UUID, request: Request, session: Session, _caller: Reader) -> Response:
    """The last message of a warning as it was sent (E-3.3b)."""
    last = select(Message).where(Message.warning_id == id).order_by(Message.number.desc()).limit(1)
    return _message(request, await session.scalar(last))


@router.get(
    "/warnings/{id}/messages/{number}.cap",
    summary="读取一条消息的 CAP 1.2 原文",
    description="预警的第几条消息，与发出时一字不差。支持 ETag 和 If-Modified-Since。",
    response_class=Response,
    responses={200: {"content": {cap.MEDIA_TYPE: {}}, "description": "CAP 1.2"}, **problems(404)},
    openapi_extra=clauses("E-3.3b"),
)
@router.head("/warnings/{id}/messages/{number}.cap", include_in_schema=False)
async def read_cap_message(
    id: UUID, number: Annotated[int, Path(ge=1, le=9999)], request: Request, session: Session, _caller: Reader
) -> Response:
    """A message of a warning as it was sent (E-3.3b)."""
    query = select(Message).where(Message.warning_id == id, Message.number == number)
    return _message(request, await session.scalar(query))


def _message(request: Request, message: Message | None) -> Response:
    if message is None:
        raise NotFound("not-found", "没有这条预警消息：预警不存在或尚未发布。")
    return published(request, message.xml, cap.MEDIA_TYPE, message.sent_at)


async def _readable(session: AsyncSession, caller: Caller, id: UUID) -> Bulletin:
    bulletin = await db.found(session, Bulletin, id, NONE)
    if bulletin.state == "draft" and not caller.may(WARNING):
        raise NotFound("not-found", NONE)
    return bulletin


@router.get(
    "/warnings/{id}",
    summary="查看预警",
    description="内容、状态、已发出的消息和预警行动。草稿只有发布预警的单位能看到。",
    responses=problems(404),
    openapi_extra=clauses("E-3.2b", "E-3.3b"),
)
async def read_warning(
    id: UUID, session: Session, caller: Reader, now: Now, response: Response
) -> WarningOut:
    """A warning with its messages and tasks."""
    return _shown(await _readable(session, caller, id), now, response)


@router.put(
    "/warnings/{id}",
    summary="修改预警草稿",
    description="先读取，再带 If-Match 整条提交。已发布的预警不能修改，只能调整。",
    responses=problems(404, 409, 412, 428),
    openapi_extra=clauses("E-3.3b"),
)
async def revise_warning(
    id: UUID, body: DraftIn, session: Session, caller: Reader, now: Now, if_match: IfMatch, response: Response
) -> WarningOut:
    """Change a draft (E-3.3b)."""
    bulletin = await db.locked(session, Bulletin, id, NONE)
    if_match.check(bulletin)
    await work.revise(session, caller, bulletin, _facts(body), now)
    return _shown(bulletin, now, response)


@router.post(
    "/warnings/{id}/issue",
    summary="发布预警",
    description="内容须齐全，缺少的一次全部列出。发布后得到 CAP 消息、预警行动和逐级上报清单。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-3.3b", "E-3.3c"),
)
async def issue_warning(
    id: UUID, session: Session, caller: Reader, identity: Identity, now: Now, response: Response
) -> WarningOut:
    """Issue a warning (E-3.3b, E-3.3c)."""
    return _shown(await work.issue(session, caller, id, identity, now), now, response)


@router.post(
    "/warnings/{id}/adjust",
    summary="调整预警",
    description="升级、降级或改变内容，提交调整后的完整内容和原因。只有发布单位可以调整。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-3.2b", "E-3.3d"),
)
async def adjust_warning(
    id: UUID,
    body: AdjustWarningIn,
    session: Session,
    caller: Reader,
    identity: Identity,
    now: Now,
    response: Response,
) -> WarningOut:
    """Raise, lower or reword a warning (E-3.3d)."""
    facts = _facts(body, "reason")
    return _shown(await work.adjust(session, caller, id, facts, body.reason, identity, now), now, response)


@router.post(
    "/warnings/{id}/lift",
    summary="解除预警",
    description="谁发布谁解除。解除后未办的预警行动随之终止。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-3.3d"),
)
async def lift_warning(
    id: UUID, body: LiftIn, session: Session, caller: Reader, identity: Identity, now: Now, response: Response
) -> WarningOut:
    """Lift a warning (E-3.3d)."""
    return _shown(await work.lift(session, caller, id, body.reason, identity, now), now, response)


@router.get(
    "/warning-tasks",
    summary="列出预警行动",
    description="一个单位在所有预警中的行动；可只看待办的。",
    openapi_extra=clauses("E-3.3c"),
)
async def list_warning_tasks(
    session: Session,
    _caller: Reader,
    paging: PageRequest,
    unit: Annotated[UnitId | None, Query(description="承担单位")] = None,
    open: Annotated[bool | None, Query(description="只看（不看）待办的")] = None,
) -> Page[WarningTaskOut]:
    """A unit's actions across warnings (E-3.3c)."""
    query = select(WarningTask)
    if unit is not None:
        query = query.where(WarningTask.owner == unit)
    if open is not None:
        query = query.where((WarningTask.state == "open") == open)
    rows, following = await paging.fetch(session, query, WarningTask.id)
    asked_by = {row.warning_id for row in rows}
    drills = set(
        await session.scalars(select(Bulletin.id).where(Bulletin.id.in_(asked_by), Bulletin.exercise))
    )
    items = [WarningTaskOut.of(row, exercise=row.warning_id in drills) for row in rows]
    return Page(items=items, next=following)


@router.post(
    "/warning-tasks/{id}/done",
    summary="登记预警行动办结",
    description="由承担单位登记；没有具体单位的，由发布预警的单位登记。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-3.3c"),
)
async def finish_warning_task(
    id: UUID, body: ActionDoneIn, session: Session, caller: Reader, now: Now
) -> WarningTaskOut:
    """An action is done (E-3.3c)."""
    task, exercise = await tasks.finish_task(session, caller, id, body.note, now)
    return WarningTaskOut.of(task, exercise=exercise)


@router.post(
    "/warning-deliveries/{id}/done",
    summary="登记预警送达",
    description="登记一种发布方式已经发出，或一级上级已经收到。上报须逐级进行。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-3.3b"),
)
async def finish_delivery(id: UUID, session: Session, caller: Reader, now: Now) -> DeliveryOut:
    """A message has gone out by a channel, or up a level (E-3.3b)."""
    delivery, exercise = await messages.deliver(session, caller, id, now)
    return DeliveryOut.of(delivery, exercise=exercise)
