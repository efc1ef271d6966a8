"""Endpoints of the release of information on an accident."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from kit.district.citations import Citation, cite
from kit.district.clock import LocalTime, Now
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import IfMatch, set_etag
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.tokens import Caller, requires
from services.emergency.case.exercise import OfIncident, marked
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import Key, opened, seen
from services.emergency.incidents.facts import Name
from services.emergency.releases import work
from services.emergency.releases.models import Release
from services.emergency.releases.opinion import OpinionOut
from services.emergency.releases.rumours import rumours_of

Reader = Annotated[Caller, requires("emergency:read")]

router = routes.router("信息发布")


class ReleaseIn(BaseModel):
    """Information as it is drafted."""

    model_config = ConfigDict(
        title="信息发布稿",
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "关于某矿事故的情况通报", "text": "6 月 24 日上午……", "form": "notice"}]
        },
    )

    title: Name = Field(description="标题")
    text: str = Field(min_length=1, max_length=50_000, description="正文")
    form: Literal["notice", "interview", "press_conference"] = Field(
        default="notice", description="notice 新闻通稿，interview 接受采访，press_conference 新闻发布会"
    )
    sensitive: bool = Field(default=False, description="地点或时期敏感")


class ApproveIn(BaseModel):
    """Which draft is approved, and the document that authorises it."""

    model_config = ConfigDict(
        title="批准发布",
        extra="forbid",
        json_schema_extra={"examples": [{"revision": 1, "document": "市委宣传部授权函〔2024〕5 号"}]},
    )

    revision: int = Field(strict=True, ge=1, le=1_000_000, description="批准的是第几稿")
    document: Name | None = Field(default=None, description="授权文件；由市级及以上批准时必填")


class PublishIn(BaseModel):
    """By which channels information goes out."""

    model_config = ConfigDict(
        title="发布",
        extra="forbid",
        json_schema_extra={"examples": [{"channels": ["政府门户网站", "政务微信"]}]},
    )

    channels: list[Name] = Field(min_length=1, max_length=30, description="发布渠道")


class ReleaseOut(OfIncident):
    """Information on an accident and how far it has come."""

    model_config = ConfigDict(title="信息发布情况")

    id: UUID
    title: str
    text: str
    form: str
    sensitive: bool
    revision: int = Field(description="第几稿")
    state: str = Field(description="drafted 拟定，approved 已批准，published 已发布")
    needs: str = Field(description="现在应由谁批准：district、city、higher")
    needs_zh: str
    authority: str | None = Field(description="已由谁批准")
    document: str | None = Field(description="授权文件")
    text_hash: str | None = Field(description="批准文本的 SHA-256")
    drafted_at: LocalTime
    drafted_by: str
    approved_at: LocalTime | None
    approved_by: str | None
    published_at: LocalTime | None
    channels: list[str]
    allowed: list[str] = Field(description="目前可做的操作")
    basis: list[Citation] = Field(description="依据的文件条款")

    @classmethod
    def of(cls, row: Release, incident: Incident) -> "ReleaseOut":
        """The row as an answer; an exercise's title says so."""
        needs = work.authority_of(incident, row)
        return cls.shown(
            incident,
            row,
            title=marked(incident, row.title),
            needs=needs.value,
            needs_zh=needs.zh,
            allowed=work.moves_of(incident, row).allowed(row.state),
            basis=cite("E-4.8"),
        )


@router.post(
    "/incidents/{key}/releases",
    status_code=201,
    summary="拟定信息发布稿",
    description="由宣传部门拟定。一般事故由区政府批准；较大事故和敏感的一般事故由市里授权批准；更高的从其规定。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.8"),
)
async def draft_release(key: Key, body: ReleaseIn, session: Session, caller: Reader, now: Now) -> ReleaseOut:
    """Draft information on an accident (E-4.8)."""
    incident = await opened(session, key, caller)
    return ReleaseOut.of(await work.draft(session, incident, body.model_dump(), caller, now), incident)


@router.get(
    "/incidents/{key}/releases",
    summary="列出信息发布稿",
    description="按拟定先后列出。",
    responses=problems(404),
    openapi_extra=clauses("E-4.8"),
)
async def list_releases(key: Key, session: Session, caller: Reader) -> list[ReleaseOut]:
    """The releases of an accident (E-4.8)."""
    incident = await seen(session, key, caller)
    return [ReleaseOut.of(row, incident) for row in await work.releases_of(session, incident)]


@router.get(
    "/releases/{id}",
    summary="查看一份信息发布稿",
    description="文稿、批准情况和发布情况；ETag 供修改时使用。",
    responses=problems(404),
    openapi_extra=clauses("E-4.8"),
)
async def read_release(id: UUID, session: Session, caller: Reader, response: Response) -> ReleaseOut:
    """A release (E-4.8)."""
    release, incident = await work.release_seen(session, id, caller)
    set_etag(response, release)
    return ReleaseOut.of(release, incident)


@router.put(
    "/releases/{id}",
    summary="修改信息发布稿",
    description="先读取，把得到的 ETag 放入 If-Match。修改后原批准失效，须重新批准；已发布的不能改。",
    responses=problems(403, 404, 409, 412, 428),
    openapi_extra=clauses("E-4.8"),
)
async def revise_release(
    id: UUID,
    body: ReleaseIn,
    session: Session,
    caller: Reader,
    now: Now,
    seen_as: IfMatch,
    response: Response,
) -> ReleaseOut:
    """Revise a draft (E-4.8)."""
    release, incident = await work.revise(session, id, seen_as, body.model_dump(), caller, now)
    set_etag(response, release)
    return ReleaseOut.of(release, incident)


@router.post(
    "/releases/{id}/approve",
    summary="批准信息发布",
    description="由预案规定的机关批准；市级及以上须填写授权文件。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.8"),
)
async def approve_release(
    id: UUID, body: ApproveIn, session: Session, caller: Reader, now: Now
) -> ReleaseOut:
    """Approve a release (E-4.8)."""
    return ReleaseOut.of(*await work.approve(session, id, body.revision, body.document, caller, now))


@router.post(
    "/releases/{id}/publish",
    summary="发布信息",
    description="未经批准不得发布，返回 409。批准后事故等级升高的，须重新批准。演练只作标记，不对外发送。",
    responses=problems(403, 404, 409),
    openapi_extra=clauses("E-4.8"),
)
async def publish_release(
    id: UUID, body: PublishIn, session: Session, caller: Reader, now: Now
) -> ReleaseOut:
    """Publish a release (E-4.8)."""
    return ReleaseOut.of(*await work.publish(session, id, body.channels, caller, now))


@router.get(
    "/incidents/{key}/rumours",
    summary="列出一起事故的谣言和舆情",
    description="在舆情登记中涉及这起事故的各条：发现、核实、回应。",
    responses=problems(404),
    openapi_extra=clauses("E-3.2c", "E-4.8"),
)
async def list_rumours(key: Key, session: Session, caller: Reader) -> list[OpinionOut]:
    """Rumours of an accident: found, checked, answered (E-3.2c, E-4.8)."""
    return await rumours_of(session, await seen(session, key, caller))
