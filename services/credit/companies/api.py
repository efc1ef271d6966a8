"""Companies under evaluation: what the public and other departments query (P-2.3.2b)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field, StringConstraints

from kit.district.citations import cite
from kit.district.clock import LocalTime
from kit.storage.db import found
from kit.web import routes
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Grounded
from kit.workbooks.writing import Column, Layout, table
from services.credit.base import Reader
from services.credit.companies import work
from services.credit.companies.models import Company
from services.credit.companies.whose import BELONGING, NO_SUCH_COMPANY

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[0-9A-Za-z]{18}$")]

CLAUSE = "P-2.3.2b"
TITLE = "纳入信用评价的物业服务企业"
COLUMNS = (
    Column("序号", width=6),
    Column("企业名称", width=44),
    Column("统一社会信用代码", width=24),
    Column("纳入评价时间", width=18),
    Column("信息更新时间", width=18),
)


class CompanyOut(Grounded, title="纳入评价的企业", clauses=(CLAUSE,)):
    """A company under evaluation (纳入评价的企业)."""

    id: UUID = Field(description="企业编号，与物业服务中的编号相同")
    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    uscc: str | None = Field(description="统一社会信用代码；尚未录入时为空", examples=["91110000600037341L"])
    listed_at: LocalTime = Field(description="纳入评价的时间")
    told_at: LocalTime = Field(description="名称和代码最近一次登记或更正的时间")
    left_at: LocalTime | None = Field(
        description="退出评价的时间（名称有误，或并入另一企业）；在评价中的为空"
    )


router = routes.router("信用评价对象")


@router.get(
    "/companies",
    summary="查询纳入信用评价的企业",
    description="本区物业服务企业登记后即纳入评价。可按名称或统一社会信用代码查找，分页返回；"
    "format=xlsx 时不分页，返回符合条件的全部企业。",
    response_model=Page[CompanyOut],
    responses=OR_WORKBOOK,
    openapi_extra=clauses(CLAUSE),
)
async def list_companies(
    context: Reader,
    paging: PageRequest,
    name: Annotated[Name | None, Query(description="名称中含有的文字", examples=["物业"])] = None,
    uscc: Annotated[
        Code | None, Query(description="统一社会信用代码", examples=["91110000600037341L"])
    ] = None,
    format: Annotated[Literal["json", "xlsx"], Query(description="返回的格式")] = "json",
) -> Page[CompanyOut] | Response:
    """Companies under evaluation in the order that the property service registered them (P-2.3.2b)."""
    query, now = context.within(work.matching(name, uscc), BELONGING), context.now
    if format == "xlsx":
        rows = list(await context.session.scalars(query.order_by(Company.id)))
        made = await asyncio.to_thread(_workbook, rows, now)
        return download(made, f"{TITLE}{now:%Y%m%d}.xlsx")
    return await paging.page(context.session, query, CompanyOut.of, Company.id)


@router.get(
    "/companies/{id}",
    summary="查看一家纳入信用评价的企业",
    description="企业名称、统一社会信用代码和纳入评价的时间。",
    responses=problems(404),
    openapi_extra=clauses(CLAUSE),
)
async def read_company(
    id: Annotated[UUID, Path(description="企业编号，与物业服务中的编号相同")], context: Reader
) -> CompanyOut:
    """A company under evaluation (P-2.3.2b)."""
    company = await found(context.session, Company, id, NO_SUCH_COMPANY)
    await context.must_hold(BELONGING, Company.id == id, NO_SUCH_COMPANY)
    return CompanyOut.of(company)


def _workbook(rows: Sequence[Company], now: datetime) -> bytes:
    (basis,) = cite(CLAUSE)
    return table(
        COLUMNS,
        [(number, row.name, row.uscc, row.listed_at, row.told_at) for number, row in enumerate(rows, 1)],
        Layout(
            sheet="企业",
            title=TITLE,
            above=[f"共 {len(rows)} 家", f"{now:%Y-%m-%d %H:%M}"],
            notes=[f"依据：《{basis.title}》（{basis.document}）{basis.at}"],
            created=now,
        ),
    )
