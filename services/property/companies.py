"""Property service companies: by name, and by unified social credit code where it is known."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from stdnum.cn import uscc as credit_code

from kit.district.clock import Now
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import IfMatch, set_etag
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, FieldError, problems
from kit.web.tokens import Caller, requires
from services.property.base import Base


class Company(Base, db.Identified, db.Versioned):
    """A property service company."""

    __tablename__ = "companies"

    name: Mapped[str] = mapped_column(unique=True)
    uscc: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class CompanyRegistered(Event, type="property.company.registered"):
    """A company was entered, by an operator or by a survey that names it."""

    company: UUID
    name: str
    uscc: str | None


class CompanyChanged(Event, type="property.company.changed"):
    """A company's name or code was corrected."""

    company: UUID
    name: str
    uscc: str | None


def _check_code(value: str) -> str:
    code = credit_code.compact(value)
    if not credit_code.is_valid(code):
        raise ValueError("统一社会信用代码不对：应为 18 位，且校验码相符。")
    return str(code)


class CompanyIn(BaseModel):
    """A company as an operator enters it."""

    model_config = ConfigDict(
        title="物业服务企业",
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "某某物业服务有限公司（虚构）", "uscc": "91110000600037341L"}]
        },
    )

    name: str = Field(min_length=2, max_length=100, description="企业名称")
    uscc: Annotated[str, AfterValidator(_check_code)] | None = Field(
        default=None, description="统一社会信用代码（GB 32100-2015）"
    )


class CompanyOut(BaseModel):
    """A company."""

    model_config = ConfigDict(title="物业服务企业信息", from_attributes=True)

    id: UUID
    name: str
    uscc: str | None = Field(description="统一社会信用代码；摸底表只有名称，未录入时为空")


async def by_names(
    session: AsyncSession, names: Iterable[str], now: datetime
) -> tuple[dict[str, UUID], set[str]]:
    """Ids of companies by name, those not known yet added; and the names that were added."""
    made = {name: db.new_id() for name in sorted(set(names))}
    if not made:
        return {}, set()
    rows = [
        {"id": identity, "name": name, "version": 1, "created_at": now} for name, identity in made.items()
    ]
    await session.execute(insert(Company).on_conflict_do_nothing(index_elements=["name"]), rows)
    found = await session.execute(select(Company.name, Company.id).where(Company.name.in_(made)))
    ids = {row.name: row.id for row in found}
    return ids, {name for name, identity in made.items() if ids[name] == identity}


router = routes.router("物业服务企业")


@router.get(
    "/companies",
    summary="列出物业服务企业",
    description="按录入先后分页列出，可按名称或统一社会信用代码查找。",
)
async def list_companies(
    session: Session,
    _caller: Annotated[Caller, requires("property:read")],
    paging: PageRequest,
    name: Annotated[str | None, Query(description="名称中含有的文字", max_length=100)] = None,
    uscc: Annotated[str | None, Query(description="统一社会信用代码", max_length=18)] = None,
) -> Page[CompanyOut]:
    """The companies in the order they were entered."""
    query = select(Company)
    if name:
        query = query.where(Company.name.contains(name, autoescape=True))
    if uscc:
        query = query.where(Company.uscc == uscc)
    rows, following = await paging.fetch(session, query, Company.id)
    return Page(items=[CompanyOut.model_validate(row) for row in rows], next=following)


@router.get(
    "/companies/{id}",
    summary="查看一家物业服务企业",
    description="名称和统一社会信用代码。",
    responses=problems(404),
)
async def read_company(
    id: UUID, session: Session, _caller: Annotated[Caller, requires("property:read")], response: Response
) -> CompanyOut:
    """A company."""
    company = await db.found(session, Company, id, "没有这家物业服务企业。")
    set_etag(response, company)
    return CompanyOut.model_validate(company)


@router.post(
    "/companies",
    status_code=201,
    summary="登记物业服务企业",
    description="登记一家企业。名称和统一社会信用代码都不能与已有的重复。",
    responses=problems(409),
)
async def register_company(
    body: CompanyIn,
    session: Session,
    caller: Annotated[Caller, requires("property:write")],
    now: Now,
    response: Response,
) -> CompanyOut:
    """Enter a company."""
    await _refuse_taken(session, body, None)
    company = Company(id=db.new_id(), name=body.name, uscc=body.uscc, created_at=now)
    session.add(company)
    await session.flush()
    event = CompanyRegistered(company=company.id, name=company.name, uscc=company.uscc)
    record(session, event, str(company.id), caller, now)
    response.headers["Location"] = f"/property/v1/companies/{company.id}"
    set_etag(response, company)
    return CompanyOut.model_validate(company)


@router.put(
    "/companies/{id}",
    summary="更正物业服务企业",
    description="更正名称或统一社会信用代码。修改前先读取，并带 If-Match。",
    responses=problems(404, 409, 412, 428),
)
async def correct_company(
    id: UUID,
    body: CompanyIn,
    session: Session,
    caller: Annotated[Caller, requires("property:write")],
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> CompanyOut:
    """Correct a company."""
    company = await db.locked(session, Company, id, "没有这家物业服务企业。")
    if_match.check(company)
    await _refuse_taken(session, body, id)
    company.name, company.uscc = body.name, body.uscc
    await session.flush()
    event = CompanyChanged(company=company.id, name=company.name, uscc=company.uscc)
    record(session, event, str(company.id), caller, now)
    set_etag(response, company)
    return CompanyOut.model_validate(company)


async def _refuse_taken(session: AsyncSession, body: CompanyIn, own: UUID | None) -> None:
    """Say which field is taken; the unique keys refuse what comes in between."""
    taken = []
    for field, column in (("name", Company.name), ("uscc", Company.uscc)):
        value = getattr(body, field)
        other = await session.scalar(select(Company.id).where(column == value)) if value else None
        if other not in (None, own):
            taken.append(FieldError(pointer=f"/{field}", reason=f"已有企业使用 {value}"))
    if taken:
        raise Conflict("company-exists", "已登记过同名或同代码的企业，请核对。", errors=taken)
