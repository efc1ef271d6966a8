"""A year's assessments are imported from the workbook of their notice, whole or not at all (P-2.3.5a)."""

from collections import Counter
from typing import Annotated, Final
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import File, Query, Response, UploadFile
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district.names import name_key
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import WorkbookResponse, download
from kit.web.ownership import Whose
from kit.web.problems import Conflict, FieldError, Invalid, TooLarge, UnsupportedMedia, problems
from kit.web.register_endpoints import told
from kit.web.routes import clauses
from kit.web.shapes import Grounded, Name
from kit.workbooks import reading
from kit.workbooks.writing import Column, Layout, table
from services.credit.awards.assessments import ASSESSMENTS, Outcome, Year, must_have_come
from services.credit.awards.models import Assessment
from services.credit.companies.models import Company
from services.credit.plan.assessed import HEADINGS, Assessed, AssessedLine, read_assessed
from services.credit.plan.roles import CENTRE

CLAUSES: Final = ("P-2.3.5a",)
#: How many wrong cells an answer names.
LISTED: Final = 200
_RESULTS: Final = {each.zh: each.value for each in Outcome}
_WIDTHS: Final = (44, 24, 12, 12)
router = routes.router("年度考核考评")
Centre = Annotated[Context, requires("credit:write", one_of=(CENTRE,), whose=Whose.DISTRICTS)]


class AssessmentsImported(Grounded, title="考核考评导入结果", clauses=CLAUSES):
    """What came of an import (导入结果)."""

    year: int = Field(description="年度")
    added: int = Field(description="新登记的企业数")
    unchanged: int = Field(description="以前已按相同结果登记的企业数")


@router.get(
    "/assessments/form",
    summary="下载考核考评导入表样",
    description="空白的表样，一行一家企业；填写后用导入考核考评结果上传。",
    responses={200: {"description": "表样"}},
    openapi_extra=clauses(*CLAUSES),
    response_class=WorkbookResponse,
)
async def read_form(context: Annotated[Context, requires("credit:read", whose=Whose.EVERYBODYS)]) -> Response:
    """The form that is imported, empty."""
    columns = [
        Column(heading, width=width, choices=tuple(_RESULTS) if heading == "考核结果" else ())
        for heading, width in zip(HEADINGS, _WIDTHS, strict=True)
    ]
    return download(
        table(columns, [], Layout(sheet="考核结果", created=context.now)), "考核考评导入表样.xlsx"
    )


@router.post(
    "/assessments/import",
    summary="导入考核考评结果",
    description="上传一个年度考核结果的工作簿：表头有考核结果，以及企业名称或统一社会信用代码（都有的须一致）。"
    "有一处不对就全部不登记，逐个单元格说明；已按相同结果登记的不重复登记，与已登记的不同的请先修改原有的一条。",
    responses=problems(409, 413, 415, 422),
    openapi_extra=clauses(*CLAUSES),
)
async def import_assessments(
    file: Annotated[UploadFile, File(description="工作簿（.xlsx、.xls 或 .et）")],
    year: Annotated[Year, Query(description="年度", examples=[2023])],
    source: Annotated[
        Name, Query(description="考核结果的文件", examples=["2023 年度物业服务企业考核结果通报"])
    ],
    context: Centre,
) -> AssessmentsImported:
    """Import a year's assessments, whole or not at all."""
    must_have_come(context, year, "?year")
    said = await run_sync(_read, await file.read())
    companies = await _companies(context, said)
    known = await _known(context, year, companies)
    added = []
    for line in said.lines:
        company = companies.get(line.row)
        before = known.get(company) if company is not None else None
        if company is None:
            continue  # what is wrong with it is said
        if before is None:
            added.append(_row(context, company, line, (year, source)))
        elif (before.result, before.points) != (_RESULTS[line.result], line.points):
            told_before = f"这家企业 {year} 年度已登记为{Outcome(before.result).zh}，请修改原有的一条。"
            said.wrong.append((said.cell("考核结果", line.row), told_before))
    _refuse(said)
    await _write(context, added)
    return AssessmentsImported.of(year=year, added=len(added), unchanged=len(said.lines) - len(added))


def _read(data: bytes) -> Assessed:
    try:
        sheets = reading.read(data)
    except reading.WorkbookTooLarge as error:
        raise TooLarge("workbook-too-large", str(error), clauses=CLAUSES) from None
    except reading.NotAWorkbook as error:
        raise UnsupportedMedia("not-a-workbook", str(error), clauses=CLAUSES) from None
    said = read_assessed(sheets[0].rows, tuple(_RESULTS))
    for (row, column), reason in sheets[0].broken.items():
        said.wrong.append((f"{reading.column_letter(column)}{row + 1}", reason))
    return said


async def _companies(context: Context, said: Assessed) -> dict[int, UUID]:
    """The company of each line, by its row; lines whose company is not one are wrong."""
    codes = [line.uscc for line in said.lines if line.uscc is not None]
    keys = [name_key(line.name) for line in said.lines if line.name is not None]
    query = select(Company.id, Company.uscc, Company.name_key).where(
        Company.left_at.is_(None), db.among(Company.uscc, codes) | db.among(Company.name_key, keys)
    )
    rows = (await context.session.execute(query)).all()
    by_code = {row.uscc: row.id for row in rows if row.uscc is not None}
    by_name = {row.name_key: row.id for row in rows}
    found = {}
    for line in said.lines:
        named = [] if line.uscc is None else [by_code.get(line.uscc)]
        named += [] if line.name is None else [by_name.get(name_key(line.name))]
        heading = "统一社会信用代码" if line.uscc is not None else "企业名称"
        if None in named:
            said.wrong.append((said.cell(heading, line.row), "没有这家纳入信用评价的企业，请核对。"))
        elif len(set(named)) > 1:
            said.wrong.append((said.cell(heading, line.row), "名称和代码不是同一家企业，请核对。"))
        elif named[0] is not None:
            found[line.row] = named[0]
    for company, count in Counter(found.values()).items():
        if count > 1:
            last = max(row for row, each in found.items() if each == company)
            said.wrong.append((said.cell("考核结果", last), "这家企业在表中不止一行，请只留一行。"))
    return found


async def _known(context: Context, year: int, companies: dict[int, UUID]) -> dict[UUID, Assessment]:
    query = select(Assessment).where(
        Assessment.year == year, db.among(Assessment.company_id, companies.values())
    )
    return {row.company_id: row for row in await context.session.scalars(query)}


def _row(context: Context, company: UUID, line: AssessedLine, of: tuple[int, str]) -> Assessment:
    return Assessment(
        id=db.new_id(),
        entered_at=context.now,
        changed_at=context.now,
        company_id=company,
        year=of[0],
        source=of[1],
        result=_RESULTS[line.result],
        points=line.points,
    )


def _refuse(said: Assessed) -> None:
    if not said.wrong:
        return
    more = f"（列出前 {LISTED} 处）" if len(said.wrong) > LISTED else ""
    raise Invalid(
        "assessment-errors",
        f"考核表有 {len(said.wrong)} 处需要改正{more}，改正后请重新上传；本次没有登记任何内容。",
        errors=[FieldError(pointer=cell, reason=reason) for cell, reason in said.wrong[:LISTED]],
        clauses=CLAUSES,
    )


async def _write(context: Context, rows: list[Assessment]) -> None:
    try:
        async with context.session.begin_nested():
            context.session.add_all(rows)
    except IntegrityError:
        raise Conflict(
            "already-entered", "有企业的考核结果刚由他人登记，请重新导入。", clauses=CLAUSES
        ) from None
    for row in rows:
        context.record(told("credit", ASSESSMENTS, row, "entered"), str(row.id))
