"""Endpoints of the texts of sessions."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import File, Form, Path, Query, Request, Response, UploadFile
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import UnitId
from kit.storage import db
from kit.storage.files.kinds import KINDS
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import BINARY, streamed
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses, move
from kit.web.shapes import Answer, Body, Grounded, Text, choices
from services.lawstudy.base import Reader
from services.lawstudy.plan.lead_times import Standing, standing
from services.lawstudy.plan.sessions import SESSION
from services.lawstudy.sessions.api import SessionId, shown
from services.lawstudy.sessions.models import SESSIONS, Session
from services.lawstudy.sessions.shapes import SessionOut
from services.lawstudy.texts import work
from services.lawstudy.texts.models import Outcome, StudyText

TextId = Annotated[UUID, Path(description="学法材料编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.DISTRICTS)]
NO_SUCH_TEXT = "没有这份学法材料，请核对编号。"


class StudyTextOut(Grounded, title="学法材料", clauses=("L-7a", "L-7c")):
    """A text of a session: an exact file (学法材料)."""

    id: UUID = Field(description="学法材料编号")
    session_id: UUID = Field(description="学法安排编号")
    name: str = Field(description="文件名", examples=["煤矿安全生产条例讲稿.docx"])
    media_type: str = Field(description="文件类型，按内容识别", examples=[KINDS["docx"].media_type])
    size: int = Field(description="大小（字节）")
    sha256: str = Field(description="内容的 SHA-256", examples=["9f86d081884c7d659a2feaa0c55ad015" * 2])
    local: str | None = Field(
        description="本区贯彻落实情况要点；专题讲座可不填", examples=["全区煤矿已全部完成培训"]
    )
    submitted_at: LocalTime = Field(description="提交时间")
    client: str = Field(
        description="提交者：系统的客户端编号，或操作人的姓名和单位", examples=["张三（区应急管理局）"]
    )
    client_unit: str | None = Field(description="提交单位", examples=["emergency-bureau"])
    outcome: Outcome = Field(
        description="waiting 等待审核，returned 退回修改，passed 审核通过，replaced 审核前已换新"
    )
    reviewed_at: LocalTime | None = Field(description="审核时间；没有审核的为空")
    opinion: str | None = Field(description="审核意见", examples=["请补充本区案例"])


class OpinionIn(Body, title="退回意见", example={"opinion": "请补充本区贯彻落实情况。"}):
    """Why a text is returned (退回意见)."""

    opinion: Text = Field(description="审核意见：需要怎样修改", examples=["请补充本区贯彻落实情况。"])


class PassIn(Body, title="审核通过的材料", example={"sha256": "9f86d081884c7d659a2feaa0c55ad015" * 2}):
    """Which file was read and passes (审核通过的材料)."""

    sha256: str = Field(
        pattern=r"^[0-9a-fA-F]{64}$", description="所审核文件的 SHA-256，与最新提交的一致才能通过"
    )
    opinion: Text | None = Field(default=None, description="审核意见", examples=["内容准确，同意"])


class TextOwedOut(Answer, title="一次学法的材料报送"):
    """How it stands with a session's text (一次学法的材料报送)."""

    standing: Standing = Field(description=f"报送情况：{choices(Standing)}")
    standing_zh: str = Field(description="报送情况", examples=["逾期未报"])
    session: SessionOut = Field(description="学法安排")

    @classmethod
    def shown(cls, row: Session, context: Context) -> Self:
        """A session whose text is due at some time, and how it stands with that."""
        assert row.text_due_at is not None  # of those that are asked for
        told = standing(row.text_due_at, row.passed_at, context.now)
        return cls(standing=told, standing_zh=told.zh, session=shown(row, context))


router = routes.router("学法材料")


@router.post(
    "/sessions/{id}/texts",
    status_code=201,
    summary="提交学法材料",
    description="讲稿、讲课提纲或课件，不超过 50 MB，类型按内容识别。责任部门提交；新文件取代原文件，已通过的审核作废。"
    "同一文件再次提交没有变化。",
    responses=problems(404, 409, 413, 503, 507),
    openapi_extra=clauses("L-7a", "L-7c", "N-2.1"),
)
async def submit_text(
    id: SessionId,
    request: Request,
    context: Annotated[Context, requires(one_of=SESSION.roles("submit"), whose=Whose.DISTRICTS)],
    file: Annotated[UploadFile, File(description="文件")],
    local: Annotated[
        Text | None, Form(description="会前学法必填：法律主要规定在本区贯彻落实情况的要点")
    ] = None,
) -> StudyTextOut:
    """Hand in a text (L-7a)."""
    limit = request.app.state.settings.max_file_bytes
    return StudyTextOut.of(await work.submit(context, id, file, local, limit))


@router.get(
    "/sessions/{id}/texts",
    summary="列出学法材料",
    description="按提交先后，最后一份是这次学法的材料。",
    responses=problems(404),
    openapi_extra=clauses("L-7a", "L-7c"),
)
async def list_texts(id: SessionId, context: Reader) -> list[StudyTextOut]:
    """The texts of a session, the oldest first."""
    await SESSIONS.read(context, id)
    rows = await context.session.scalars(
        select(StudyText).where(StudyText.session_id == id).order_by(StudyText.id)
    )
    return [StudyTextOut.of(row) for row in rows]


@router.get(
    "/texts/{id}",
    summary="下载学法材料",
    description="与提交时一字节不差；读出时核对 SHA-256。",
    responses=problems(404, 503) | {200: {"content": {"*/*": {"schema": BINARY}}, "description": "文件"}},
    response_class=Response,
    openapi_extra=clauses("L-7c"),
)
async def read_text(id: TextId, context: Reader) -> Response:
    """A text as it was handed in."""
    row = await db.found(context.session, StudyText, id, NO_SUCH_TEXT)
    return streamed(await context.files.open(row.sha256), row.name, row.media_type)


@move(
    router,
    "/sessions/{id}",
    SESSION,
    "review",
    "区司法局开始审核最后提交的材料。",
    summary="开始审核学法材料",
)
async def review_text(id: SessionId, context: Actor) -> SessionOut:
    """Take up the review (L-7c)."""
    return shown(await work.review(context, id), context)


@move(router, "/sessions/{id}", SESSION, "return", "责任部门修改后重新提交。", summary="退回学法材料")
async def return_text(id: SessionId, body: OpinionIn, context: Actor) -> SessionOut:
    """Return a text to be mended (L-7c)."""
    return shown(await work.give_back(context, id, body.opinion), context)


@move(
    router,
    "/sessions/{id}",
    SESSION,
    "pass",
    "通过的是这一个文件：请求中的 SHA-256 应与最后提交的相同。通过即视为已报送区人民政府办公室。",
    summary="通过学法材料",
    also=("N-2.1",),
)
async def pass_text(id: SessionId, body: PassIn, context: Actor) -> SessionOut:
    """Pass a text (L-7c)."""
    return shown(await work.let_pass(context, id, body.sha256, body.opinion), context)


@router.get(
    "/texts",
    summary="列出材料报送情况",
    description="已定日期的学法，经审核的材料按时、迟报、逾期未报还是未到期，按报送时限分页；可按情况、年份、责任部门筛选。",
    openapi_extra=clauses("N-2.1"),
)
async def list_texts_owed(
    context: Reader,
    paging: PageRequest,
    how: Annotated[
        Standing | None, Query(alias="standing", description=f"报送情况：{choices(Standing)}")
    ] = None,
    year: Annotated[
        int | None, Query(ge=2000, le=2100, description="学法计划的年份", examples=[2024])
    ] = None,
    unit: Annotated[UnitId | None, Query(description="责任部门，编号或名称", examples=["区司法局"])] = None,
) -> Page[TextOwedOut]:
    """How it stands with the texts of all sessions that have a day (N-2.1)."""
    query = work.owed()
    if how is not None:
        query = query.where(work.standing_of(context.now) == how.value)
    if year is not None:
        query = query.where(Session.plan_year == year)
    if unit is not None:
        query = query.where(Session.unit == unit)
    return await paging.page(
        context.session, query, lambda row: TextOwedOut.shown(row, context), Session.text_due_at, Session.id
    )
