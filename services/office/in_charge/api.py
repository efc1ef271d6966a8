"""Endpoints of who is in charge, and who acts now (D-2)."""

from typing import Annotated

from fastapi import Query

from kit.context import Context
from kit.district.clock import LocalTime
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses
from services.office.in_charge import work
from services.office.in_charge.shapes import InChargeOut, PostsOut

Reader = Annotated[Context, requires("office:read", whose=Whose.EVERYBODYS)]
At = Annotated[
    LocalTime | None,
    Query(description="什么时候，不填为现在", examples=["2024-06-24T09:30:00+08:00"]),
]
CLAUSES = ("D-1", "D-2", "D-3")

router = routes.router("由谁负责")


@router.get(
    "/in-charge",
    summary="查询单位由谁负责",
    description="按当时施行的分工文件和已登记的外出，回答由谁分管、当时由谁负责，以及依次查找的环节。AB角都外出的沿AB角继续查找，"
    "查回起点的由主持全面工作的领导负责；主持全面工作的领导也外出时，文件没有写明由谁代行，如实回答。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_in_charge(
    context: Reader,
    unit: Annotated[
        str,
        Query(min_length=1, max_length=100, description="单位名称、别名或编号", examples=["区应急管理局"]),
    ],
    at: At = None,
) -> InChargeOut:
    """Who is in charge of a unit at a moment, and who acts (D-2)."""
    return await work.in_charge(context, unit, at or context.now)


@router.get(
    "/in-charge/posts",
    summary="查询领导职务现由谁负责",
    description="区长、常务副区长和分管应急的区政府领导由谁担任，当时由谁负责。常务副区长没有登记的如实回答，不推定。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_posts(context: Reader, at: At = None) -> PostsOut:
    """Who holds the posts of the leadership at a moment, and who acts (D-2)."""
    return await work.posts(context, at or context.now)
