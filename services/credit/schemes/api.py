"""Endpoints of evaluation schemes (P-2.3.2a)."""

from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import Day, LocalTime
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Grounded
from services.credit.base import Anybody
from services.credit.plan.roles import CENTRE
from services.credit.plan.scheme import Scheme
from services.credit.schemes import work
from services.credit.schemes.models import SchemeRow
from services.credit.schemes.work import CLAUSES

SchemeCode = Annotated[str, Path(description="评价方案编号", examples=["default-2026-1"])]


class SchemeOut(Grounded, title="评价方案登记", clauses=CLAUSES):
    """A scheme as it is listed (评价方案)."""

    code: str = Field(description="编号", examples=["default-2026-1"])
    title: str = Field(description="名称", examples=["物业服务企业信用评价默认方案（2026 年第 1 版）"])
    note: str = Field(description="说明", examples=["本方案是系统的默认方案，不是市级办法的分值。"])
    effective_from: date = Field(description="自这一天起施行，到下一方案施行前一日为止")
    loaded_at: LocalTime = Field(description="录入时间")


class SchemeWithItems(SchemeOut, title="评价方案全文"):
    """A scheme with all that it says (评价方案)."""

    scheme: dict[str, Any] = Field(
        description="方案全文，与录入时的格式相同；每个项目的 basis 写明分值的出处",
        examples=[{"code": "default-2026-1", "effective_from": "2024-01-01", "places": 2}],
    )


def _shown(row: SchemeRow) -> SchemeOut:
    return SchemeOut.of(row, title=row.document["title"], note=row.document["note"])


def _whole(row: SchemeRow) -> SchemeWithItems:
    document = row.document
    return SchemeWithItems.of(row, title=document["title"], note=document["note"], scheme=document)


router = routes.router("评价方案")


@router.post(
    "/schemes",
    status_code=201,
    summary="录入评价方案",
    description="整体校验，列出全部不一致之处；check=true 只校验、不录入。方案录入后不能修改，修订的用新的编号和施行日期，"
    "此前的评分不受影响。",
    responses=problems(409) | {200: {"model": SchemeWithItems, "description": "只校验，没有录入"}},
    openapi_extra=clauses(*CLAUSES),
)
async def load_scheme(
    body: Scheme,
    context: Annotated[Context, requires("credit:write", one_of=(CENTRE,), whose=Whose.DISTRICTS)],
    response: Response,
    check: Annotated[bool, Query(description="只校验，不录入")] = False,
) -> SchemeWithItems:
    """Load a scheme, or only look whether it holds together."""
    if check:
        work.must_hold_together(body)
        response.status_code = 200
        row = SchemeRow(
            code=body.code,
            effective_from=body.effective_from,
            loaded_at=context.now,
            document=body.model_dump(mode="json"),
        )
        return _whole(row)
    row = await work.load(context, body)
    response.headers["Location"] = f"/credit/v1/schemes/{row.code}"
    return _whole(row)


@router.get(
    "/schemes",
    summary="列出评价方案",
    description="按施行日期先后分页列出；on 只列当天施行的方案。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_schemes(
    context: Anybody,
    paging: PageRequest,
    on: Annotated[Day | None, Query(description="哪一天施行的")] = None,
) -> Page[SchemeOut]:
    """The schemes, or the one in force on a day."""
    query = select(SchemeRow)
    if on is not None:
        newest = (
            select(SchemeRow.code)
            .where(SchemeRow.effective_from <= on)
            .order_by(SchemeRow.effective_from.desc())
            .limit(1)
        )
        query = query.where(SchemeRow.code == newest.scalar_subquery())
    return await paging.page(context.session, query, _shown, SchemeRow.effective_from, SchemeRow.code)


@router.get(
    "/schemes/{code}",
    summary="查看评价方案",
    description="方案全文：评价项目、分值及出处、封顶、等级、红黑榜条件、期限、修复、以奖代补和四舍五入。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_scheme(code: SchemeCode, context: Anybody) -> SchemeWithItems:
    """A scheme with all that it says."""
    scheme = await work.the_scheme(context.session, code, context.today)
    return _whole(await context.session.get_one(SchemeRow, scheme.code))
