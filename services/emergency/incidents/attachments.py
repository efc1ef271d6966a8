"""Files that belong to an accident: photos, letters, scans. Kept by their hash, sealed, in the accident's file (E-4.6)."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import File, Form, Path, Response, UploadFile
from pydantic import Field
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from kit.context import Context
from kit.district.clock import LocalTime
from kit.personal.originals import names_of, take_in
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import BINARY, download
from kit.web.kinds import legible
from kit.web.ownership import Whose
from kit.web.problems import Conflict, FieldError, Invalid, NotFound, problems
from kit.web.routes import clauses
from kit.web.shapes import Text
from services.emergency.base import Base
from services.emergency.case.case import Case, Key
from services.emergency.case.corrections import CorrectedThing, correct
from services.emergency.case.incident import Incident
from services.emergency.case.shapes import OfIncident
from services.emergency.plan.roles import OFFICE
from services.emergency.response.shapes import ReasonIn

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]
Writer = Annotated[Context, requires("emergency:write", whose=Whose.PLACES)]
Office = Annotated[Context, requires("emergency:read", one_of=(OFFICE,), whose=Whose.PLACES)]
AttachmentId = Annotated[UUID, Path(description="附件编号")]

router = routes.router("事故案卷")

_NONE = "没有这个附件，请核对编号。"
#: What a file is, by its first bytes; whatever else is only to be saved.
_SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}
_UNKNOWN = "application/octet-stream"
_AS_ADDED = {kind: {"schema": BINARY} for kind in (*_SIGNATURES.values(), "*/*")}


#: What leads out of a folder, here or where the ZIP is opened.
_PARTS_OF_A_PATH = r"[/\\]"


class Content(Base):
    """The bytes of a file, sealed as personal data are: a photo or a letter may show anybody. Once for each hash."""

    __tablename__ = "contents"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[bytes]


class Attachment(Base, db.Identified):
    """A file of an accident (附件). One that was added by mistake is withdrawn with a reason, and stays."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("(withdrawn_at is null) = (withdrawn_why is null)", name="withdrawn"),
        Index(
            "uq_attachments_incident_id_sha256",
            *("incident_id", "sha256"),
            unique=True,
            postgresql_where="withdrawn_at IS NULL",
        ),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("contents.sha256"))
    name: Mapped[str]
    media_type: Mapped[str]
    about: Mapped[str]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str | None]

    content: Mapped[Content] = relationship(lazy="raise")
    incident: Mapped[Incident] = relationship(lazy="raise")


class AttachmentOut(OfIncident, title="附件", clauses=("E-4.6",)):
    """A file of an accident (附件)."""

    id: UUID = Field(description="附件编号")
    name: str = Field(description="文件名", examples=["井口.jpg"])
    about: str = Field(description="说明", examples=["6 月 24 日 9 时井口照片"])
    media_type: str = Field(description="文件类型，按内容识别", examples=["image/jpeg"])
    size: int = Field(description="大小（字节）")
    sha256: str = Field(description="内容的 SHA-256", examples=[sha256(b"").hexdigest()])
    recorded_at: LocalTime = Field(description="登记时间")
    client: str = Field(
        description="登记者：系统的客户端编号，或操作人的姓名和单位", examples=["张三（区应急管理局）"]
    )
    client_unit: str | None = Field(description="登记单位", examples=["emergency-bureau"])
    withdrawn_at: LocalTime | None = Field(description="撤下时间；撤下后不进入案卷，记录留存")
    withdrawn_why: str | None = Field(description="撤下理由", examples=[None])


@router.post(
    "/incidents/{key}/attachments",
    status_code=201,
    summary="添加附件",
    description="照片、信函、扫描件等，按内容的 SHA-256 保存，进入案卷。同一文件重复添加没有变化。",
    responses=problems(404, 409, 413),
    openapi_extra=clauses("E-4.6"),
)
async def add_attachment(
    key: Key,
    context: Writer,
    file: Annotated[UploadFile, File(description="文件")],
    about: Annotated[Text, Form(description="说明：是什么、何时何地所摄或所收")],
) -> AttachmentOut:
    """Add a file to an accident (E-4.6). The same bytes again are the same attachment."""
    case = await Case.open(context, key)
    data = await file.read()
    if not data:
        raise Invalid(
            "empty-file",
            "文件是空的，请重新选择。",
            errors=[FieldError(pointer="/file", reason="没有内容")],
        )
    digest = sha256(data).hexdigest()
    query = select(Attachment).where(
        Attachment.incident_id == case.incident.id,
        Attachment.sha256 == digest,
        Attachment.withdrawn_at.is_(None),
    )
    row = await case.session.scalar(query)
    if row is not None:
        return AttachmentOut.of(row, case.incident, size=len(data))
    await _keep(case, digest, data)
    known = await names_of(case.session, [case.incident.number])
    name, said = take_in(case.session, [legible(file.filename or "")[:200] or "附件", about], known)
    row = Attachment(
        id=db.new_id(),
        incident_id=case.incident.id,
        sha256=digest,
        name=name,
        about=said,
        media_type=_media_type(data),
        recorded_at=case.now,
        client=case.caller.by,
        client_unit=case.caller.unit,
        withdrawn_at=None,
        withdrawn_why=None,
    )
    case.session.add(row)
    case.happened("attachment", f"附件“{name}”：{said}（SHA-256 {digest[:16]}）", "E-4.6")
    return AttachmentOut.of(row, case.incident, size=len(data))


def _media_type(data: bytes) -> str:
    return next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), _UNKNOWN)


async def _keep(case: Case, digest: str, data: bytes) -> None:
    """Keep the bytes, unless another accident has the same."""
    sealed = await run_sync(case.context.cipher.seal_bytes, data)
    row = insert(Content).values(sha256=digest, size=len(data), sealed=sealed)
    await case.session.execute(row.on_conflict_do_nothing())


@router.get(
    "/incidents/{key}/attachments",
    summary="列出附件",
    description="按添加先后列出，撤下的也在内并注明理由。",
    responses=problems(404),
    openapi_extra=clauses("E-4.6"),
)
async def list_attachments(key: Key, context: Reader) -> list[AttachmentOut]:
    """The files of an accident (E-4.6)."""
    case = await Case.see(context, key)
    query = (
        select(Attachment, Content.size)
        .join(Attachment.content)
        .where(case.includes(Attachment.incident_id))
        .order_by(Attachment.id)
    )
    return [
        AttachmentOut.of(row, case.incident, size=size) for row, size in await case.session.execute(query)
    ]


@router.get(
    "/attachments/{id}",
    summary="下载附件",
    description="与添加时一字节不差；下载记入审计。",
    responses=problems(404) | {200: {"content": _AS_ADDED, "description": "文件，类型见附件的 media_type"}},
    response_class=Response,
    openapi_extra=clauses("E-4.6"),
)
async def read_attachment(id: AttachmentId, context: Reader) -> Response:
    """A file as it was added (E-4.6); that it was looked at is audited."""
    query = select(Attachment).where(Attachment.id == id)
    query = query.options(joinedload(Attachment.content), joinedload(Attachment.incident))
    row = await context.session.scalar(query)
    if row is None:
        raise NotFound("not-found", _NONE)
    context.must_own(row.incident.owner, _NONE)
    context.audit("emergency.personal.seen", row.incident.number, attachment=str(row.id))
    data = await run_sync(context.cipher.open_bytes, row.content.sealed)
    answer = download(data, row.name, row.media_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@router.post(
    "/attachments/{id}/withdraw",
    summary="撤下附件",
    description="误加的附件撤下后不再进入案卷；记录和内容留存，可查。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-4.6"),
)
async def withdraw_attachment(id: AttachmentId, body: ReasonIn, context: Office) -> AttachmentOut:
    """A file was added by mistake (E-4.6)."""
    case, row = await Case.open_with(context, Attachment, id, _NONE)
    if row.withdrawn_at is not None:
        raise Conflict("already-withdrawn", "这个附件已经撤下。", clauses=("E-4.6",))
    row.withdrawn_at, row.withdrawn_why = case.now, body.reason
    correct(case, CorrectedThing.ATTACHMENT, row.name, ({"案卷": "收入"}, {"案卷": "撤下"}), body.reason)
    size = await case.session.scalar(select(Content.size).where(Content.sha256 == row.sha256))
    return AttachmentOut.of(row, case.incident, size=size)


async def files_of(case: Case) -> AsyncIterator[tuple[str, bytes]]:
    """The accident's files that stand, one after another: the name in the ZIP, of its order and its own, and the bytes."""
    query = select(Attachment.sha256, Attachment.name).where(
        case.includes(Attachment.incident_id), Attachment.withdrawn_at.is_(None)
    )
    rows = await case.session.execute(query.order_by(Attachment.id))
    for order, (digest, name) in enumerate(rows.all(), 1):
        sealed = await case.session.scalar(select(Content.sealed).where(Content.sha256 == digest))
        assert sealed is not None  # an attachment refers to its content
        data = await run_sync(case.context.cipher.open_bytes, sealed)
        yield f"attachments/{order:02d}-{re.sub(_PARTS_OF_A_PATH, '_', name)}", data
