"""Endpoints of warnings, and what the public reads: CAP 1.2 and the Atom feed."""

from collections import defaultdict
from datetime import datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy import Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from kit.context import Context
from kit.district.citations import clause
from kit.district.clock import SHANGHAI
from kit.district.named_units import StreetId
from kit.figures.canvas import USUAL
from kit.storage import db
from kit.web import routes
from kit.web.access import everybody, requires
from kit.web.downloads import OR_FIGURE, FigureWidth, drawn
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import NotFound, problems
from kit.web.published import published
from kit.web.routes import clauses, move
from services.emergency.assignments.models import Assignment
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.roles import WARNING
from services.emergency.plan.warnings import COLOURS, EXPECTED, WARNINGS, Colour
from services.emergency.settings import EmergencySettings
from services.emergency.warnings import cap, feed, figure, messages, shapes, work
from services.emergency.warnings.models import Bulletin, Message

Reader = Annotated[Context, requires("emergency:read", whose=Whose.EVERYBODYS)]
#: Warnings are published: the public and its programs read what was sent.
Public = Annotated[Context, everybody()]
Issuer = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Warner = Annotated[Context, requires("emergency:read", one_of=(WARNING,), whose=Whose.PLACES)]
WarningId = Annotated[UUID, Path(description="预警的 UUID")]
#: An area that is the street itself, or the whole district.
_TOUCHES = cast("$[*] ? (@.division == $street || !exists(@.division))", JSONPATH)
#: An empty feed is as old as the plan, so that it too stays the same between two reads.
_PLAN_BEGAN = datetime.combine(clause("E-3.3b").document.effective, time(), SHANGHAI)
_CAP: dict[int | str, dict[str, Any]] = {200: {"content": {cap.MEDIA_TYPE: {}}, "description": "CAP 1.2"}}

router = routes.router("预警")


def _settings(request: Request) -> EmergencySettings:
    settings: EmergencySettings = request.app.state.settings
    return settings


Settings = Annotated[EmergencySettings, Depends(_settings)]


async def _shown(context: Context, row: Bulletin, response: Response) -> shapes.WarningOut:
    set_etag(response, row)
    [shown] = await _all_shown(context, row)
    return shown


async def _all_shown(context: Context, *rows: Bulletin) -> list[shapes.WarningOut]:
    """The warnings, with what they all ask for in one statement."""
    query = select(Assignment).where(Assignment.warning_id.in_([row.id for row in rows]))
    tasks = defaultdict(list)
    for task in await context.session.scalars(query.order_by(Assignment.id)):
        tasks[task.warning_id].append(task)
    return [shapes.shown(context, row, tasks[row.id]) for row in rows]


async def of_incident(context: Context, number: str) -> list[shapes.WarningOut]:
    """The warnings that went out because of an accident, in their order."""
    query = select(Bulletin).where(Bulletin.incident == number, Bulletin.state != "draft")
    return await _all_shown(context, *await context.session.scalars(query.order_by(Bulletin.number)))


@router.get(
    "/warning-colours",
    summary="查看预警级别",
    description="四种颜色各自对应的响应级别、预计事故等级和预警行动。",
    openapi_extra=clauses("E-3.2b", "E-3.3c"),
)
async def list_colours(_: Reader) -> shapes.ColoursOut:
    """The colours, what calls for them, and what they ask (E-3.2b, E-3.3c)."""
    rows = zip(COLOURS.items(), EXPECTED, strict=True)  # both in the order of the colours
    items = [
        shapes.ColourOut(
            colour=colour,
            zh=colour.zh,
            level=level,
            expected_grade=grade,
            expected_grade_zh=grade.zh,
            actions=[action.does for action in catalogue().actions_of(colour)],
        )
        for (level, colour), grade in reversed([*rows])
    ]
    return shapes.ColoursOut.of(items=items)


@router.post(
    "/warnings",
    status_code=201,
    summary="起草预警",
    description="内容可以暂缺，发布时须齐全；不填级别时按预计事故等级确定。",
    openapi_extra=clauses("E-3.2b", "E-3.3b"),
)
async def draft_warning(body: shapes.DraftIn, context: Warner, response: Response) -> shapes.WarningOut:
    """Draft a warning (E-3.3b)."""
    bulletin = await work.draft(context, body.model_dump())
    response.headers["Location"] = f"/emergency/v1/warnings/{bulletin.id}"
    return await _shown(context, bulletin, response)


@router.get(
    "/warnings",
    summary="列出预警",
    description="按编号先后列出已发布的预警；草稿只有发布预警的单位能看到。"
    "format=svg 返回这一页的时间轴图，生效的和已经过去的分开，草稿不画。",
    responses=OR_FIGURE,
    openapi_extra=clauses("E-3.2b"),
)
async def list_warnings(
    context: Reader,
    paging: PageRequest,
    state: Annotated[shapes.State | None, Query(description=shapes.STATES)] = None,
    colour: Annotated[Colour | None, Query(description="级别")] = None,
    active: Annotated[bool | None, Query(description="只看（不看）仍在预警期的")] = None,
    draft: Annotated[bool | None, Query(description="只看（不看）草稿")] = None,
    exercise: Annotated[bool | None, Query(description="只看（不看）演练")] = None,
    street: Annotated[StreetId | None, Query(description="影响到的镇街道，含全区的预警")] = None,
    newest: Annotated[bool, Query(description="true 编号后的在前")] = False,
    format: Annotated[Literal["json", "svg"], Query(description="json，或 svg 图")] = "json",
    width: FigureWidth = USUAL,
) -> Page[shapes.WarningOut]:
    """The warnings; drafts only for those who warn."""
    query = narrowed(select(Bulletin), state=state, colour=colour, exercise=exercise)
    query = query.where((Bulletin.state != "draft") | work.own_drafts(context.caller))
    if active is not None:
        runs = Bulletin.state.in_(("issued", "adjusted")) & (Bulletin.expires_at > context.now)
        query = query.where(runs == active)
    if draft is not None:
        query = query.where((Bulletin.state == "draft") == draft)
    if street is not None:
        query = query.where(func.jsonb_path_exists(Bulletin.areas, _TOUCHES, cast({"street": street}, JSONB)))
    rows, following = await paging.fetch(context.session, query, Bulletin.id, descending=newest)
    items = await _all_shown(context, *rows)
    if format == "svg":
        return drawn(figure.drawing(items, context.now, width))  # type: ignore[return-value]
    return Page(items=items, next=following)


@router.get(
    "/warnings.atom",
    summary="订阅预警（Atom）",
    description="最近发出的预警消息，新的在前；每条指向 CAP 1.2 原文。支持 ETag 和 If-Modified-Since。面向公众，不需令牌。",
    response_class=Response,
    responses={200: {"content": {feed.MEDIA_TYPE: {}}, "description": "Atom"}},
    openapi_extra=clauses("E-3.3b"),
)
@router.head("/warnings.atom", include_in_schema=False)
async def read_feed(
    request: Request,
    context: Public,
    settings: Settings,
    exercise: Annotated[bool, Query(description="只读演练消息；不填只读真实消息")] = False,
) -> Response:
    """The feed of messages sent (E-3.3b); exercises never stand among the real ones."""
    newest = select(Message).where(Message.exercise == exercise)
    newest = newest.order_by(Message.sent_at.desc(), Message.id.desc()).limit(feed.WINDOW)
    sent = (await context.session.scalars(newest)).all()
    updated = sent[0].sent_at if sent else _PLAN_BEGAN
    return published(request, feed.to_atom(sent, settings, updated), feed.MEDIA_TYPE, updated)


@router.get(
    "/warnings/{id}.cap",
    summary="读取预警的 CAP 1.2 原文",
    description="最近一条消息的原文：发布、调整或解除。支持 ETag 和 If-Modified-Since。面向公众，不需令牌。",
    response_class=Response,
    responses=_CAP | problems(404),
    openapi_extra=clauses("E-3.3b"),
)
@router.head("/warnings/{id}.cap", include_in_schema=False)
async def read_cap(id: WarningId, request: Request, context: Public) -> Response:
    """The last message of a warning as it was sent (E-3.3b)."""
    last = select(Message).where(Message.warning_id == id).order_by(Message.number.desc()).limit(1)
    return await _message(request, context, last)


@router.get(
    "/warnings/{id}/messages/{number}.cap",
    summary="读取一条消息的 CAP 1.2 原文",
    description="预警的第几条消息，与发出时一字不差。支持 ETag 和 If-Modified-Since。面向公众，不需令牌。",
    response_class=Response,
    responses=_CAP | problems(404),
    openapi_extra=clauses("E-3.3b"),
)
@router.head("/warnings/{id}/messages/{number}.cap", include_in_schema=False)
async def read_cap_message(
    id: WarningId,
    number: Annotated[int, Path(ge=1, le=9999, description="第几条")],
    request: Request,
    context: Public,
) -> Response:
    """A message of a warning as it was sent (E-3.3b)."""
    query = select(Message).where(Message.warning_id == id, Message.number == number)
    return await _message(request, context, query)


async def _message(request: Request, context: Context, query: Select[Message]) -> Response:
    message = await context.session.scalar(query)
    if message is None:
        raise NotFound("not-found", "没有这条预警消息：预警不存在或尚未发布。")
    return published(request, message.xml, cap.MEDIA_TYPE, message.sent_at)


@router.get(
    "/warnings/{id}",
    summary="查看预警",
    description="内容、状态、已发出的消息和预警行动。草稿只有发布预警的单位能看到。",
    responses=problems(404),
    openapi_extra=clauses("E-3.2b", "E-3.3b"),
)
async def read_warning(id: WarningId, context: Reader, response: Response) -> shapes.WarningOut:
    """A warning with its messages and tasks."""
    bulletin = await db.found(context.session, Bulletin, id, work.NONE)
    if bulletin.state == "draft" and not (context.caller.may(WARNING) and work.owns(context, bulletin)):
        raise NotFound("not-found", work.NONE)
    return await _shown(context, bulletin, response)


@router.put(
    "/warnings/{id}",
    summary="修改预警草稿",
    description="先读取，再带 If-Match 整条提交。已发布的预警不能修改，只能调整。",
    responses=problems(404, 409, 412, 428),
    openapi_extra=clauses("E-3.3b"),
)
async def revise_warning(
    id: WarningId, body: shapes.DraftIn, context: Warner, if_match: IfMatch, response: Response
) -> shapes.WarningOut:
    """Change a draft (E-3.3b)."""
    bulletin = await work.locked(context, id)
    if_match.check(bulletin)
    await work.revise(context, bulletin, body.model_dump())
    return await _shown(context, bulletin, response)


@move(
    router,
    "/warnings/{id}",
    WARNINGS,
    "issue",
    "内容须齐全，缺少的一次全部列出。发布后得到 CAP 消息、预警行动和逐级上报清单。",
    also=("E-3.3c",),
)
async def issue_warning(
    id: WarningId, context: Issuer, settings: Settings, response: Response
) -> shapes.WarningOut:
    """Issue a warning (E-3.3b, E-3.3c)."""
    return await _shown(context, await work.issue(context, id, settings), response)


@move(
    router,
    "/warnings/{id}",
    WARNINGS,
    "adjust",
    "升级、降级或改变内容：只提交有变化的内容和原因，没有提交的不变。只有发布单位可以调整。",
    also=("E-3.2b",),
)
async def adjust_warning(
    id: WarningId, body: shapes.AdjustWarningIn, context: Issuer, settings: Settings, response: Response
) -> shapes.WarningOut:
    """Raise, lower or reword a warning (E-3.3d)."""
    facts = body.model_dump(exclude={"reason"}, exclude_unset=True)
    return await _shown(context, await work.adjust(context, id, facts, body.reason, settings), response)


@move(router, "/warnings/{id}", WARNINGS, "lift", "谁发布谁解除。解除后未办的预警行动随之终止。")
async def lift_warning(
    id: WarningId, body: shapes.LiftIn, context: Issuer, settings: Settings, response: Response
) -> shapes.WarningOut:
    """Lift a warning (E-3.3d)."""
    return await _shown(context, await work.lift(context, id, body.reason, settings), response)


@router.post(
    "/warning-deliveries/{id}/done",
    summary="登记预警送达",
    description="登记一种发布方式已经发出，或一级上级已经收到。上报须逐级进行。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-3.3b"),
)
async def finish_delivery(
    id: Annotated[UUID, Path(description="送达编号")], context: Warner
) -> shapes.DeliveryOut:
    """A message has gone out by a channel, or up a level (E-3.3b)."""
    return shapes.delivery_shown(*await messages.deliver(context, id))
