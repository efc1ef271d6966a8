"""Endpoints of the release of information on an accident."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Response
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.storage.db import found
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Whose
from kit.web.problems import NotFound, problems
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Name, choices
from services.emergency.case.case import Case, Key
from services.emergency.case.shapes import OfIncident
from services.emergency.plan.releases import RELEASE, RELEASES, Authority
from services.emergency.plan.roles import PUBLICITY
from services.emergency.releases import work
from services.emergency.releases.models import Release
from services.emergency.releases.opinion import OPINIONS, Opinion

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Publicity = Annotated[Context, requires("emergency:read", one_of=(PUBLICITY,), whose=Whose.PLACES)]
ReleaseId = Annotated[UUID, Path(description="信息发布稿编号")]
NO_RELEASE = "没有这份信息发布稿，请核对编号。"

router = routes.router("信息发布")


class ReleaseIn(
    Body,
    title="信息发布稿",
    example={"title": "关于某矿事故的情况通报", "text": "6 月 24 日上午……", "form": "notice"},
):
    """Information as it is drafted (信息发布稿)."""

    title: Name = Field(description="标题")
    text: str = Field(min_length=1, max_length=50_000, description="正文")
    form: Literal["notice", "interview", "press_conference"] = Field(
        default="notice", description="notice 新闻通稿，interview 接受采访，press_conference 新闻发布会"
    )
    sensitive: bool = Field(default=False, description="地点或时期敏感")


class ApproveIn(Body, title="批准发布", example={"revision": 1, "document": "市委宣传部授权函〔2024〕5 号"}):
    """Which draft is approved, and the document that authorises it (批准发布)."""

    revision: int = Field(strict=True, ge=1, le=1_000_000, description="批准的是第几稿")
    document: Name | None = Field(default=None, description="授权文件；由市级及以上批准时必填")


class PublishIn(Body, title="发布", example={"channels": ["政府门户网站", "政务微信"]}):
    """By which channels information goes out (发布渠道)."""

    channels: list[Name] = Field(min_length=1, max_length=30, description="发布渠道")


class ReleaseOut(OfIncident, title="信息发布情况", clauses=("E-4.8",)):
    """Information on an accident and how far it has come (信息发布稿)."""

    id: UUID = Field(description="发布稿编号")
    title: str = Field(description="标题；演练的带标记")
    text: str = Field(description="正文")
    form: str = Field(description="发布形式")
    sensitive: bool = Field(description="地点或时期敏感")
    revision: int = Field(description="第几稿")
    state: str = Field(description="drafted 拟定，approved 已批准，published 已发布")
    needs: Authority = Field(description=f"现在应由谁批准：{choices(Authority)}")
    needs_zh: str = Field(description="现在应由谁批准", examples=["区人民政府"])
    authority: str | None = Field(description="已由谁批准", examples=["区人民政府"])
    document: str | None = Field(description="授权文件", examples=["东政办函〔2024〕18号"])
    text_hash: str | None = Field(
        description="批准文本的 SHA-256",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    drafted_at: LocalTime = Field(description="拟定时间")
    drafted_by: str = Field(description="拟定人", examples=["区应急管理局"])
    approved_at: LocalTime | None = Field(description="批准时间")
    approved_by: str | None = Field(description="批准人", examples=["区人民政府"])
    published_at: LocalTime | None = Field(description="发布时间")
    channels: list[str] = Field(description="发布渠道")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["approve"]])


def _shown(case: Case, row: Release) -> ReleaseOut:
    needs = work.authority_of(case.incident, row)
    return ReleaseOut.of(
        row,
        case.incident,
        title=f"{case.incident.mark}{row.title}",
        needs=needs,
        needs_zh=needs.zh,
        allowed=RELEASES[needs].allowed(row.state, case.caller),
    )


def _may_see(context: Context, row: Release) -> bool:
    """What is not published yet is not the company's to read, though the accident is its own."""
    return context.caller.company is None or row.state == "published"


@router.post(
    "/incidents/{key}/releases",
    status_code=201,
    summary="拟定信息发布稿",
    description="由宣传部门拟定。一般事故由区政府批准；较大事故和敏感的一般事故由市里授权批准；更高的从其规定。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.8"),
)
async def draft_release(key: Key, body: ReleaseIn, context: Publicity) -> ReleaseOut:
    """Draft information on an accident (E-4.8)."""
    case = await Case.open(context, key)
    return _shown(case, work.draft(case, body.model_dump()))


@router.get(
    "/incidents/{key}/releases",
    summary="列出信息发布稿",
    description="按拟定先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.8"),
)
async def list_releases(key: Key, context: Reader) -> list[ReleaseOut]:
    """The releases of an accident (E-4.8)."""
    case = await Case.see(context, key)
    return [_shown(case, row) for row in await work.releases_of(case) if _may_see(context, row)]


@router.get(
    "/releases/{id}",
    summary="查看一份信息发布稿",
    description="文稿、批准情况和发布情况；ETag 供修改时使用。",
    responses=problems(404),
    openapi_extra=clauses("E-4.8"),
)
async def read_release(id: ReleaseId, context: Reader, response: Response) -> ReleaseOut:
    """A release (E-4.8)."""
    release = await found(context.session, Release, id, NO_RELEASE)
    case = await Case.see(context, str(release.incident_id))
    if not _may_see(context, release):
        raise NotFound("not-found", NO_RELEASE)
    set_etag(response, release)
    return _shown(case, release)


@router.put(
    "/releases/{id}",
    summary="修改信息发布稿",
    description="先读取，把得到的 ETag 放入 If-Match。修改后原批准失效，须重新批准；已发布的不能改。",
    responses=problems(404, 409, 412, 428),
    openapi_extra=clauses("E-4.8"),
)
async def revise_release(
    id: ReleaseId, body: ReleaseIn, context: Publicity, if_match: IfMatch, response: Response
) -> ReleaseOut:
    """Revise a draft that the caller has seen (E-4.8)."""
    case, release = await Case.open_with(context, Release, id, NO_RELEASE)
    if_match.check(release)
    work.revise(case, release, body.model_dump())
    await context.session.flush()
    set_etag(response, release)
    return _shown(case, release)


@move(
    router,
    "/releases/{id}",
    RELEASE,
    "approve",
    "由预案规定的机关批准；市级及以上须填写授权文件。",
    summary="批准信息发布",
)
async def approve_release(id: ReleaseId, body: ApproveIn, context: Reader) -> ReleaseOut:
    """Approve a release (E-4.8)."""
    case, release = await Case.open_with(context, Release, id, NO_RELEASE)
    work.approve(case, release, body.revision, body.document)
    return _shown(case, release)


@move(
    router,
    "/releases/{id}",
    RELEASE,
    "publish",
    "未经批准不得发布，返回 409。批准后事故等级升高的，须重新批准。演练只作标记，不对外发送。",
)
async def publish_release(id: ReleaseId, body: PublishIn, context: Reader) -> ReleaseOut:
    """Publish a release (E-4.8)."""
    case, release = await Case.open_with(context, Release, id, NO_RELEASE)
    work.publish(case, release, body.channels)
    return _shown(case, release)


@router.get(
    "/incidents/{key}/rumours",
    response_model=list[OPINIONS.out],  # type: ignore[name-defined]
    summary="列出一起事故的谣言和舆情",
    description="在舆情登记中涉及这起事故的各条：发现、核实、回应。",
    responses=problems(404),
    openapi_extra=clauses("E-3.2c", "E-4.8"),
)
async def list_rumours(key: Key, context: Reader) -> list[Any]:
    """The opinions that name an accident, in the order in which they were found (E-3.2c, E-4.8)."""
    case = await Case.see(context, key)
    query = select(Opinion).where(Opinion.incident == case.incident.number)
    rows = await case.session.scalars(query.order_by(Opinion.found_at, Opinion.id))
    return [OPINIONS.out.of(row) for row in rows]
