"""Endpoints of the survey: import with a dry run, export in the official form, who has reported (附件1, P-3.1)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import File, Query, Response, UploadFile
from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from kit.district.clock import Day
from kit.district.named_units import Street
from kit.personal.cipher import must_unmask
from kit.personal.originals import take_in
from kit.web import routes
from kit.web.downloads import WorkbookResponse, download
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.property.base import DistrictReader, Reader, Writer
from services.property.compounds.models import Compound, Observation
from services.property.divisions import COMMUNITY, STREET
from services.property.surveys import work
from services.property.surveys.export import survey_on
from services.property.surveys.form import CellError, write
from services.property.surveys.models import SurveyRecord
from services.property.surveys.shown import SurveyOut, shown

FORM = ("P-A1a", "P-A1b", "P-A1c")
REPORTING = ("P-3.1",)

InStreet = Annotated[Street | None, Query(description="街道（镇），不填为全区")]


class CellOut(Answer, title="单元格问题"):
    """A cell that is wrong or doubtful (单元格问题)."""

    row: int = Field(description="表中的行号")
    column: str = Field(description="列字母", examples=["F"])
    heading: str = Field(description="列名", examples=["户数"])
    value: str = Field(description="原内容", examples=["约三百"])
    reason: str = Field(description="原因和改法", examples=["应当是整数，请改正。"])
    clause: str = Field(description="条款编号", examples=["P-A1a"])


class AbsentOut(Answer, title="本次缺少的小区"):
    """A compound that an earlier survey named and this one does not (本次缺少的小区)."""

    street: str = Field(description="街道（镇）", examples=["天骄街道"])
    community: str = Field(description="社区", examples=["天骄社区"])
    compound: str = Field(description="小区名称", examples=["天骄小区"])


class ImportOut(Grounded, title="摸底表导入结果", clauses=(*REPORTING, *FORM)):
    """What an import did, or would do (导入结果)."""

    survey: UUID | None = Field(description="摸底记录编号；试运行时为空")
    dry_run: bool = Field(description="是否试运行")
    as_of: date = Field(description="摸底日期")
    unit: str = Field(description="填报单位", examples=["天骄街道办事处"])
    streets: list[str] = Field(description="涉及的街道（镇）", examples=[["天骄街道"]])
    compounds: int = Field(description="小区数")
    new_compounds: int = Field(description="新出现的小区数")
    new_companies: list[str] = Field(
        description="新出现的物业服务企业", examples=[["鄂尔多斯市天骄物业服务有限公司"]]
    )
    added_headings: list[str] = Field(description="自行增加的列", examples=[["车位数"]])
    unchanged: bool = Field(description="同一文件已导入过，没有变化")
    absent: list[AbsentOut] = Field(description="以前摸底有、这次没有的小区，请核实")
    dropped: list[AbsentOut] = Field(description="同一天以前报送、因这次报送而去除的小区，请核实")
    left_out: list[int] = Field(description="partial=true 时没有收录的行，改正后请再报送", examples=[[9]])
    errors: list[CellOut] = Field(description="需要改正的单元格；试运行和 partial=true 时列在这里")
    warnings: list[CellOut] = Field(description="请核实的单元格，不影响导入")


class ReportingOut(Answer, title="街道报送情况"):
    """Whether a street has reported (街道报送情况)."""

    street: str = Field(description="街道（镇）", examples=["天骄街道"])
    reported: bool = Field(description="期间内是否报送")
    as_of: date | None = Field(description="期间内最近一次摸底日期")
    compounds: int = Field(description="该次摸底的小区数")


class ReportingsOut(Grounded, title="摸底报送情况", clauses=REPORTING):
    """Which streets have reported in a period (报送情况)."""

    items: list[ReportingOut] = Field(description="各街道（镇）的报送情况")
    missing: list[str] = Field(description="没有报送的街道（镇）", examples=[["建设街道"]])


router = routes.router("摸底统计")


@router.post(
    "/surveys",
    status_code=201,
    summary="导入摸底表",
    description=(
        "上传附件1《东胜区物业管理基本情况统计表》工作簿。dry_run=true 只检查、不保存。"
        "有错误时逐格指出行、列和改法，什么也不保存；partial=true 时只收录没有错误的行，列出没有收录的行，"
        "同一天以前报送的其他小区保留。在工作簿里标注错误见 /surveys/annotated。"
        "没有作为小区收录的行和工作表列在 warnings 中。"
        "同一街道同一日期再次报送，取代前一次；同一文件重复上传没有变化。"
        "前一次有、这次表中没有的小区，须用 others 确认保留还是去除，否则返回 409 并列出；"
        "因此去除的每个小区在变更中有一条 property.compound.survey-withdrawn。"
    ),
    responses=problems(409, 413, 415),
    openapi_extra=clauses(*REPORTING, *FORM),
)
async def import_survey(
    file: Annotated[UploadFile, File(description="工作簿（.xlsx、.xls 或 .et）")],
    as_of: Annotated[Day, Query(description="摸底日期", examples=["2024-06-20"], ge=work.EARLIEST)],
    context: Writer,
    response: Response,
    dry_run: Annotated[bool, Query(description="只检查，不保存")] = False,
    others: Annotated[
        work.Others,
        Query(description="同一天以前报送、这次表中没有的小区：refuse 不接受，keep 保留，drop 去除"),
    ] = "refuse",
    partial: Annotated[
        bool, Query(description="有错误的行不收录，其余收录；表头有错误时仍全部不收录")
    ] = False,
) -> ImportOut:
    """Take in a street's survey, whole or not at all (P-3.1, P-A1a, P-A1b, P-A1c)."""
    if as_of > context.today:
        raise Invalid(
            "in-the-future",
            "摸底日期不能晚于今天。",
            errors=[FieldError(pointer="?as_of", reason="比今天晚")],
        )
    data = await file.read()
    filled_in = await run_sync(work.read_workbook, data, as_of)
    survey = await run_sync(take_in, context.session, filled_in)
    left_out = survey.errors
    if partial and (sound := survey.without_wrong_rows) is not survey:
        survey, others = sound, "keep"
    if not dry_run:
        work.refuse_errors(survey)
    work.refuse_other_streets(context, survey)
    if not survey.errors and not survey.rows:
        raise Invalid("empty-survey", "表中没有小区，请填写后再上传。", clauses=("P-A1a",))
    name = take_in(context.session, file.filename or "摸底表.xlsx")
    given = work.HandedIn(name, data, as_of, survey, others)
    imported = work.Imported()
    if not survey.errors:
        trial = await context.session.begin_nested()
        with work.within_limits():
            imported = await work.store(context, given, tell=not dry_run)
        await (trial.rollback() if dry_run else trial.commit())
    if dry_run or imported.unchanged:
        response.status_code = 200
    return ImportOut.of(
        imported,
        given,
        survey,
        survey=None if dry_run else imported.survey_id,
        dry_run=dry_run,
        compounds=len(survey.rows),
        added_headings=survey.added,
        absent=_places(imported.absent),
        dropped=_places(imported.dropped),
        left_out=sorted({error.row for error in left_out}) if partial and not survey.errors else [],
        errors=_cells(left_out),
        warnings=_cells(sorted((*survey.warnings, *imported.doubts), key=lambda each: each.row)),
    )


def _places(found: Sequence[tuple[str, str, str]]) -> list[AbsentOut]:
    return [AbsentOut(street=a, community=b, compound=c) for a, b, c in found]


def _cells(found: Sequence[CellError]) -> list[CellOut]:
    return [CellOut.of(error) for error in found[: work.LISTED]]


@router.get(
    "/surveys",
    summary="列出摸底记录",
    description="按导入先后由新到旧分页列出。reveal=true 显示联系人和电话，须有权限，并记入审计。",
    openapi_extra=clauses(*REPORTING),
)
async def list_surveys(
    context: Reader,
    paging: PageRequest,
    street: InStreet = None,
    reveal: Annotated[bool, Query(description="显示完整的个人信息")] = False,
) -> Page[SurveyOut]:
    """The imported surveys, the newest first."""
    if reveal:
        must_unmask(context.caller)
    query = select(SurveyRecord)
    street = context.own_street(street)
    if street is not None:
        query = query.where(SurveyRecord.streets.contains([street]))
    rows, following = await paging.fetch(context.session, query, SurveyRecord.id, descending=True)
    if reveal:
        context.audit("property.personal.seen", "surveys", ids=[str(row.id) for row in rows])
    return Page(items=[shown(context, row, reveal=reveal) for row in rows], next=following)


@router.get(
    "/surveys/export",
    summary="导出摸底表",
    description="按附件1的官方格式导出任一日期的小区情况，含合计行和自行增加的列；联系人和电话留空，由填报人填写。",
    openapi_extra=clauses(*FORM),
    response_class=WorkbookResponse,
    responses={200: {"description": "工作簿"}},
)
async def export_survey(
    context: Reader,
    on: Annotated[Day | None, Query(description="日期，不填为今天")] = None,
    street: InStreet = None,
) -> Response:
    """The official form of a day (P-A1a, P-A1c)."""
    day, street = on or context.today, context.own_street(street)
    stated = await survey_on(context.session, day, street)
    survey = replace(stated, unit=street or "区住房保障综合服务中心")
    data = await run_sync(write, survey)
    return download(data, f"物业管理基本情况统计表（{street or '东胜区'}）{day:%Y%m%d}.xlsx")


@router.get(
    "/surveys/reporting",
    summary="查看各街道报送情况",
    description="期间内哪些街道（镇）报送了摸底表，哪些没有。",
    openapi_extra=clauses(*REPORTING),
)
async def read_reporting(
    context: DistrictReader,
    since: Annotated[Day | None, Query(description="期间起，不填为不限")] = None,
    until: Annotated[Day | None, Query(description="期间止，不填为今天")] = None,
) -> ReportingsOut:
    """Streets that have reported in the period, and those that have not (P-3.1)."""
    latest = (
        select(COMMUNITY.parent_id.label("street_id"), Observation.as_of, func.count().label("compounds"))
        .join(Compound, Compound.id == Observation.compound_id)
        .join(COMMUNITY, COMMUNITY.id == Compound.community_id)
        .where(Observation.as_of <= (until or context.today), Observation.as_of >= (since or date.min))
        .group_by(COMMUNITY.parent_id, Observation.as_of)
        .ext(distinct_on(COMMUNITY.parent_id))
        .order_by(COMMUNITY.parent_id, Observation.as_of.desc())
        .subquery()
    )
    rows = await context.session.execute(
        select(STREET.name, latest.c.as_of, func.coalesce(latest.c.compounds, 0))
        .outerjoin(latest, latest.c.street_id == STREET.id)
        .where(STREET.kind.in_(("street", "town")))
        .order_by(STREET.id)
    )
    items = [
        ReportingOut(street=street, reported=as_of is not None, as_of=as_of, compounds=compounds)
        for street, as_of, compounds in rows
    ]
    return ReportingsOut.of(items=items, missing=[item.street for item in items if not item.reported])
