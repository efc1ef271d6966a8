"""The register of the study systems that towns, streets and departments keep, and who has none (L-8)."""

from datetime import date
from typing import Annotated, Any, Self

from fastapi import File, Request, Response, UploadFile
from pydantic import Field, model_validator
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Date,
    Index,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district import units
from kit.district.clock import Day
from kit.district.named_units import UnitId, streets
from kit.district.units import Kind
from kit.duties.api import add_duties
from kit.duties.owing import Owed, Who
from kit.storage import db
from kit.storage.files.kinds import DOCUMENTS
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import BINARY, streamed
from kit.web.kinds import legible
from kit.web.ownership import Belonging
from kit.web.problems import FieldError, Invalid, NotFound, problems
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryId, EntryOut, Register, must_hold
from kit.web.routes import clauses
from kit.web.shapes import Body, Name
from services.lawstudy.base import Base
from services.lawstudy.members import must_be_units_own
from services.lawstudy.plan.attendance import ISSUED, OWN_SYSTEM
from services.lawstudy.plan.roles import DEPARTMENT, OFFICE

#: Who keeps a study system of its own (L-8).
KEEPERS = (Kind.TOWN, Kind.STREET, Kind.DEPARTMENT)


class StudySystem(Base, Entry):
    """A unit's own study system (学法制度), as a link or a kept file; ended_on: its last day, once it has another."""

    __tablename__ = "study_systems"
    __table_args__ = (
        CheckConstraint("ended_on >= adopted_on", name="period"),
        CheckConstraint(
            "(file_sha256 IS NULL) = (file_name IS NULL) AND (file_sha256 IS NULL) = (file_size IS NULL)"
            " AND (file_sha256 IS NULL) = (file_media_type IS NULL)",
            name="file",
        ),
        Index("uq_study_systems_unit", "unit", unique=True, postgresql_where="ended_on IS NULL"),
    )
    clauses = ("L-8",)

    unit: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    number: Mapped[str | None]
    adopted_on: Mapped[date]
    ended_on: Mapped[date | None]
    link: Mapped[str | None]
    file_sha256: Mapped[str | None]
    file_name: Mapped[str | None]
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    file_media_type: Mapped[str | None]


class StudySystemShown(EntryOut, title="学法制度所示"):
    """What a study system shows besides what was entered (学法制度)."""

    file_name: str | None = Field(description="文件名；没有上传的为空", examples=["天骄街道学法制度.pdf"])
    file_size: int | None = Field(description="文件大小（字节）", examples=[182_000])
    file_media_type: str | None = Field(description="文件类型，按内容识别", examples=["application/pdf"])
    file_sha256: str | None = Field(description="文件内容的 SHA-256", examples=["0" * 64])


class StudySystemIn(
    Body,
    title="学法制度",
    example={
        "unit": "天骄街道",
        "title": "天骄街道办事处学法制度（示例）",
        "number": "天办发〔2024〕8号",
        "adopted_on": "2024-06-11",
        "link": "https://www.example.gov.cn/tianjiao/xuefa",
    },
):
    """A unit's own study system as entered (学法制度)."""

    unit: UnitId = Field(description="制定单位：镇、街道或区政府部门，编号或名称", examples=["天骄街道"])
    title: Name = Field(description="文件名称", examples=["天骄街道办事处学法制度"])
    number: Name | None = Field(
        default=None, description="发文字号；没有的不填", examples=["天办发〔2024〕8号"]
    )
    adopted_on: Day = Field(description="制定（印发）日期")
    ended_on: Day | None = Field(default=None, description="最后一天；仍在施行的为空")
    link: Annotated[Name, Field(pattern=r"^https?://\S+$")] | None = Field(
        default=None,
        description="全文的网址；没有的不填，可另行上传文件",
        examples=["https://www.example.gov.cn/xuefa"],
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.adopted_on:
            raise ValueError("最后一天不能早于制定日期。")
        return self


async def _check(context: Context, body: StudySystemIn, row: StudySystem | None) -> None:
    if row is not None:
        must_be_units_own(context, row.unit)
    must_be_units_own(context, body.unit)
    context.refuse_future(adopted_on=body.adopted_on)
    if units.unit(body.unit).kind not in KEEPERS:
        raise Invalid(
            "keeps-no-study-system",
            "参照制定学法制度的是各镇、各街道和区政府各部门，请核对单位。",
            errors=[FieldError(pointer="/unit", reason="不是镇、街道或区政府部门")],
            clauses=("L-8",),
        )


async def _removable(context: Context, row: StudySystem) -> None:
    must_be_units_own(context, row.unit)


#: A street's or town's own is its own; a department's is the district's.
BELONGING = Belonging(case({each.id: each.name for each in streets()}, value=StudySystem.unit, else_=None))
STUDY_SYSTEMS = Register(
    "study-systems",
    "学法制度",
    StudySystem,
    StudySystemIn,
    about="各镇、各街道和区政府各部门自己的学法制度；由本单位或区人民政府办公室登记。",
    shown=StudySystemShown,
    filters=("unit",),
    search="title",
    check=_check,
    removable=_removable,
    belongs=BELONGING,
    writers=(OFFICE, DEPARTMENT),
)
Reader = Annotated[Context, requires("lawstudy:read", whose=BELONGING.whose)]
Writer = Annotated[Context, requires("lawstudy:write", one_of=(OFFICE, DEPARTMENT), whose=BELONGING.whose)]

router = routes.router("学法制度")
add_register(router, "lawstudy", STUDY_SYSTEMS)


@router.post(
    "/study-systems/{id}/file",
    response_model=STUDY_SYSTEMS.out,
    summary="上传学法制度的文件",
    description="PDF、Word 等，按内容识别类型，不超过 50 MB；再次上传的替换原来的。",
    responses=problems(404, 413, 507),
    openapi_extra=clauses("L-8"),
)
async def put_file(
    id: EntryId, context: Writer, request: Request, file: Annotated[UploadFile, File(description="文件")]
) -> Any:
    """Keep the file of a study system (L-8)."""
    row = await db.locked(context.session, StudySystem, id, STUDY_SYSTEMS.missing)
    await must_hold(context, STUDY_SYSTEMS, id)
    must_be_units_own(context, row.unit)
    limit: int = request.app.state.settings.max_file_bytes
    kept = await context.files.keep(file, limit=limit, kinds=DOCUMENTS)
    row.file_sha256, row.file_size, row.file_media_type = kept.sha256, kept.size, kept.media_type
    row.file_name = legible(file.filename or "")[:200] or f"学法制度.{kept.extension}"
    row.changed_at = context.now
    await context.session.flush()
    context.audit("lawstudy.study-system.file", str(id), sha256=kept.sha256)
    return STUDY_SYSTEMS.out.of(row)


@router.get(
    "/study-systems/{id}/file",
    summary="下载学法制度的文件",
    description="与上传时一字节不差。",
    responses=problems(404) | {200: {"content": {"*/*": {"schema": BINARY}}, "description": "文件"}},
    response_class=Response,
    openapi_extra=clauses("L-8"),
)
async def read_file(id: EntryId, context: Reader) -> Response:
    """The file of a study system as it was handed in (L-8)."""
    row = await db.found(context.session, StudySystem, id, STUDY_SYSTEMS.missing)
    await must_hold(context, STUDY_SYSTEMS, id)
    if row.file_sha256 is None or row.file_name is None or row.file_media_type is None:
        raise NotFound("no-file-yet", "这项学法制度还没有上传文件，请看其网址，或请制定单位上传。")
    return streamed(await context.files.open(row.file_sha256), row.file_name, row.file_media_type)


def _column(values: list[Any]) -> Any:
    """The values as a column, beside others of as many."""
    return func.unnest(literal(values, ARRAY(Text)))


def _without(day: date) -> Select[Any]:
    """The towns, streets and departments without a study system on a day, since the last one ended if they had any (L-8)."""
    keepers = units.units(*KEEPERS)
    in_place = [each.name if each in streets() else None for each in keepers]
    unit = select(
        _column([each.id for each in keepers]).label("id"),
        _column([each.name for each in keepers]).label("name"),
        _column(in_place).label("street"),
    ).subquery("keepers")
    own = select(StudySystem).where(StudySystem.unit == unit.c.id, StudySystem.adopted_on <= day)
    standing = own.where(func.coalesce(StudySystem.ended_on >= day, True)).exists()
    ended = own.with_only_columns(func.max(StudySystem.ended_on) + 1).scalar_subquery()
    who = Who(
        unit.c.id,
        unit.c.name,
        func.greatest(cast(ISSUED, Date), ended),
        street=unit.c.street,
        lacks="没有登记本单位的学法制度",
    )
    return select(*who.columns).where(~standing)


DUTIES = (Owed(OWN_SYSTEM, _without),)

duties_router = routes.router("应当履行的事项")
add_duties(duties_router, "lawstudy", DUTIES)
