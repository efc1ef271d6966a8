"""Who built a compound, and who owns a property company: whether the one is the other (P-2.2.1a)."""

from uuid import UUID

from pydantic import Field
from sqlalchemy import ForeignKey, UniqueConstraint, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.credit_code import CreditCode
from kit.district.names import TypedName
from kit.storage.named import Named
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register, must_exist
from kit.web.shapes import Body
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.work import of_compound, own_compound

CLAUSES = ("P-2.2.1a",)
_DEVELOPER = {"name": "某某房地产开发有限公司（虚构）", "uscc": "91110000600037341L"}


class Developer(Base, Entry, Named):
    """A developer of a compound (开发建设单位)."""

    __tablename__ = "developers"
    __table_args__ = (UniqueConstraint("compound_id", "name_key"),)
    clauses = CLAUSES

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"))
    uscc: Mapped[str | None]


class CompanyOwner(Base, Entry, Named):
    """Whoever owns a property company, wholly or in part (股东)."""

    __tablename__ = "company_owners"
    __table_args__ = (UniqueConstraint("company_id", "name_key"),)
    clauses = CLAUSES

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    uscc: Mapped[str | None]


class DeveloperIn(
    Body,
    title="开发建设单位",
    example=_DEVELOPER | {"compound_id": "01990000-0000-7000-8000-000000000000"},
):
    """A developer as entered (开发建设单位)."""

    compound_id: UUID = Field(description="小区编号")
    name: TypedName = Field(min_length=2, max_length=100, description="开发建设单位名称")
    uscc: CreditCode | None = Field(default=None, description="统一社会信用代码；不知道时不填")


class CompanyOwnerIn(
    Body,
    title="物业服务企业的所有者",
    example=_DEVELOPER | {"company_id": "01990000-0000-7000-8000-000000000001"},
):
    """An owner of a company as entered (股东)."""

    company_id: UUID = Field(description="物业服务企业编号")
    name: TypedName = Field(min_length=2, max_length=100, description="股东、上级公司的名称")
    uscc: CreditCode | None = Field(default=None, description="统一社会信用代码；不知道时不填")


async def is_of_developer(session: AsyncSession, company: UUID, compound: UUID) -> bool:
    """Whether a company is, or is owned by, a developer of a compound: by credit code, or by name."""
    same = (Developer.uscc == CompanyOwner.uscc) | (Developer.name_key == CompanyOwner.name_key)
    itself = (Developer.uscc == Company.uscc) | (Developer.name_key == Company.name_key)
    of_compound = Developer.compound_id == compound
    asked = select(
        exists().where(CompanyOwner.company_id == company, of_compound, same)
        | exists().where(Company.id == company, of_compound, itself)
    )
    return bool(await session.scalar(asked))


async def _compound(context: Context, body: DeveloperIn, row: Developer | None) -> None:
    """Refuse what is unknown or another street's, also of the compound that the row was of before."""
    for compound in {body.compound_id, row.compound_id if row else body.compound_id}:
        await own_compound(context, compound)


async def _company(context: Context, body: CompanyOwnerIn, _row: CompanyOwner | None) -> None:
    await must_exist(context.session, Company, body.company_id, "/company_id", "物业服务企业")


DEVELOPERS = Register(
    "developers",
    "小区开发建设单位",
    Developer,
    DeveloperIn,
    filters=("compound_id",),
    check=_compound,
    belongs=of_compound(Developer.compound_id),
)
COMPANY_OWNERS = Register(
    "company-owners",
    "物业服务企业的所有者",
    CompanyOwner,
    CompanyOwnerIn,
    about="用于认定物业服务企业是否在开发建设单位名下。",
    filters=("company_id",),
    check=_company,
    belongs=Belonging(
        company=select(Company.uscc).where(Company.id == CompanyOwner.company_id).scalar_subquery()
    ),
)
router = routes.router("开发建设单位")
add_register(router, "property", DEVELOPERS)
add_register(router, "property", COMPANY_OWNERS)
