"""A survey workbook checked and given back, the wrong cells coloured and the reason in each (P-A1a, P-A1b, P-A1c)."""

import hashlib
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import File, Query, Response, UploadFile

from kit.district.clock import Day
from kit.web import routes
from kit.web.downloads import WorkbookResponse, download
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.workbooks.annotated import Note, annotated
from kit.workbooks.reader import column_of
from services.property.base import Writer
from services.property.surveys import work
from services.property.surveys.survey import CellError, Survey

router = routes.router("摸底统计")


@router.post(
    "/surveys/annotated",
    summary="检查摸底表并标注",
    description="上传工作簿，返回标注过的工作簿：需要改正的单元格标红，需要核实的标黄，原因写在各单元格的批注里，其他内容不变。"
    "什么也不保存，改正后再导入。",
    responses={**problems(413, 415), 200: {"description": "标注过的工作簿"}},
    openapi_extra=clauses("P-A1a", "P-A1b", "P-A1c"),
    response_class=WorkbookResponse,
)
async def annotate_survey(
    file: Annotated[UploadFile, File(description="工作簿（.xlsx、.xls 或 .et）")],
    as_of: Annotated[Day, Query(description="摸底日期", examples=["2024-06-20"], ge=work.EARLIEST)],
    context: Writer,
) -> Response:
    """What is wrong with a survey, in the workbook itself."""
    data = await file.read()
    survey, marked = await run_sync(_annotated, data, as_of)
    work.refuse_other_streets(context, survey)
    digest = hashlib.sha256(data).hexdigest()
    context.audit(
        "property.survey.annotated", digest, wrong=len(survey.errors), doubtful=len(survey.warnings)
    )
    return download(marked, f"摸底表（标注）{as_of:%Y%m%d}.xlsx")


def _annotated(data: bytes, as_of: Day) -> tuple[Survey, bytes]:
    sheets = work.read_sheets(data)
    survey = work.read_survey(sheets, as_of)
    notes = [_note(survey, error, wrong=True) for error in survey.errors]
    notes += [_note(survey, warning, wrong=False) for warning in survey.warnings]
    return survey, annotated(sheets, notes)


def _note(survey: Survey, found: CellError, *, wrong: bool) -> Note:
    column = column_of(found.column) if found.column else 0
    return Note(survey.sheet, max(found.row - 1, 0), column, found.reason, wrong)
