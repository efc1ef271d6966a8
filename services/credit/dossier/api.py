"""Endpoints of a company's integrity file (P-2.3.4a)."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query
from fastapi.responses import HTMLResponse
from pydantic import Field
from sqlalchemy import select

from kit.district.clock import SHANGHAI, LocalTime, local_day
from kit.web import printing, routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Grounded, choices
from services.credit.awards.assessments import Outcome
from services.credit.base import Reader
from services.credit.companies.whose import CompanyKey, the_company
from services.credit.dossier.work import CLAUSES, Names, What, entries

_CODES: Final = {
    "withdrawn": "撤回",
    "corrected": "更正",
    "put_right": "已整改或移出",
    "repaired": "信用修复",
    "red": "红榜",
    "black": "黑榜",
    "upheld": "异议成立",
    "rejected": "异议不成立",
    "filed": "作为异议受理",
    "recorded": "作为信用信息的依据",
    "unfounded": "不成立",
    "approved": "同意修复",
    "refused": "不同意修复",
    **{each.value: each.zh for each in Outcome},
}


class FileEntryOut(Grounded, title="诚信档案内容", clauses=CLAUSES):
    """An entry of an integrity file (档案内容)."""

    at: LocalTime = Field(description="时间：信用信息为行为时间，其他为办理时间")
    what: What = Field(description=choices(What))
    id: UUID = Field(
        description="信用信息、后续记载、信用评价、考核、异议、线索或修复的编号；奖补为所依据的信用评价"
    )
    record: UUID | None = Field(description="所涉及的信用信息编号；与某一条信息无关的为空")
    code: str | None = Field(
        description="评价项目编码、后续记载、信用等级、榜单、考核结果或处理结果的代码；没有的为空",
        examples=["N03"],
    )
    title: str = Field(description="名称", examples=["未落实七天接待制度"])
    words: str | None = Field(description="情况、理由或意见；没有的为空", examples=["周日客服中心无人接待"])
    unit: str | None = Field(description="登记单位；没有的为空", examples=["tianjiao-street"])


def _shown(row: Any, names: Names) -> FileEntryOut:
    if row.what == What.RECORD:
        title = names.of(row.code, local_day(row.at))
    else:
        told = None if row.code is None else _CODES.get(row.code, row.code)
        title = "：".join(each for each in (What(row.what).zh, told) if each is not None)
    return FileEntryOut.of(row, title=title)


router = routes.router("诚信档案")


@router.get(
    "/companies/{uscc}/file",
    summary="查看企业诚信档案",
    description="企业的全部信用信息和后续记载、评价结果、红黑榜、考核、奖补、异议、信用线索和修复，按时间先后分页列出；已撤回、更正、修复的也在内。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_file(
    uscc: CompanyKey,
    context: Reader,
    paging: PageRequest,
    newest: Annotated[bool, Query(description="true 新的在前")] = False,
) -> Page[FileEntryOut]:
    """A company's integrity file, by time."""
    company = await the_company(context, uscc)
    whole = entries(company.id)
    columns = whole.c
    rows, following = await paging.fetch(
        context.session, select(*columns), columns.at, columns.what, columns.id, descending=newest
    )
    names = await Names.read(context.session)
    return Page(items=[_shown(row, names) for row in rows], next=following)


@router.get(
    "/companies/{uscc}/file/page",
    summary="打印企业诚信档案",
    description="企业诚信档案的全部内容，按时间先后，供打印（A4）。",
    response_class=HTMLResponse,
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def print_file(
    uscc: CompanyKey,
    context: Reader,
) -> Any:
    """A company's integrity file as a page that prints."""
    company = await the_company(context, uscc)
    whole = entries(company.id)
    query = select(*whole.c).order_by(whole.c.at, whole.c.what, whole.c.id)
    names = await Names.read(context.session)
    found = [_shown(row, names) for row in await context.session.execute(query)]
    told = [
        (f"{each.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}", each.title, each.words, each.unit)
        for each in found
    ]
    return printing.answer(
        "物业服务企业诚信档案",
        printing.facts(
            [
                ("企业名称", company.name),
                ("统一社会信用代码", company.uscc),
                ("条数", len(told)),
                ("打印日期", context.today),
            ]
        ),
        printing.heading("按时间先后"),
        printing.table(
            ("时间", "内容", "情况、理由或意见", "登记单位"),
            told,
        ),
    )
