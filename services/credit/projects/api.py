"""Endpoints of projects under evaluation and of who holds them (P-2.3.2b)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy import func, literal, select

from kit.district.clock import Day
from kit.district.named_units import Street
from kit.web import routes
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.routes import clauses
from kit.web.shapes import Grounded
from services.credit.base import Anybody
from services.credit.companies.models import Company
from services.credit.projects.models import Holding, Project

CLAUSES = ("P-2.3.2b",)


class ProjectOut(Grounded, title="服务项目在管情况", clauses=CLAUSES):
    """A project with who holds it (服务项目)."""

    id: UUID = Field(description="服务项目编号，与物业服务中的编号相同")
    name: str = Field(description="服务项目名称", examples=["天骄片区（虚构）"])
    kind: Literal["residential", "commercial"] = Field(description="residential 住宅，commercial 商业")
    street: str = Field(description="所在街道（镇）", examples=["天骄街道"])
    company_id: UUID = Field(description="在管企业编号")
    company: str = Field(description="在管企业名称", examples=["某某物业服务有限公司（虚构）"])
    begins_on: date = Field(description="自这一天起在管，或自这一天起为这一面积")
    ends_on: date | None = Field(description="到这一天为止；仍在管的为空")
    area: Decimal | None = Field(description="面积，平方米；未知为空", examples=["52000.00"])


router = routes.router("信用评价对象")


@router.get(
    "/projects",
    summary="查询纳入信用评价的服务项目",
    description="某一天在管的住宅和商业服务项目及其企业和面积，按名称先后分页列出；由物业服务登记，得分见服务项目信用得分。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_projects(
    context: Anybody,
    paging: PageRequest,
    company: Annotated[UUID | None, Query(description="在管企业编号")] = None,
    street: Annotated[Street | None, Query(description="所在街道（镇）", examples=["天骄街道"])] = None,
    on: Annotated[Day | None, Query(description="哪一天在管；不填为今天")] = None,
) -> Page[ProjectOut]:
    """The projects that companies hold on a day (P-2.3.2b)."""
    day = on or context.today
    held = (
        select(
            *Project.__table__.columns,
            Holding.company_id,
            Company.name.label("company"),
            Holding.begins_on,
            Holding.ends_on,
            Holding.area,
        )
        .join(Holding, Holding.project_id == Project.id)
        .join(Company, Company.id == Holding.company_id)
        .where(Holding.begins_on <= day, func.coalesce(Holding.ends_on >= day, literal(True)))
    )
    whole = held.subquery("held")
    query = narrowed(select(*whole.c), company_id=company, street=street)
    rows, following = await paging.fetch(context.session, query, whole.c.name, whole.c.id)
    return Page(items=[ProjectOut.of(row) for row in rows], next=following)
