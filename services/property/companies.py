"""Property service companies: by name, and by unified social credit code where it is known."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.credit_code import CreditCode
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.register_endpoints import add_register
from kit.web.registers import Change, Entry, Register
from kit.web.shapes import Body
from services.property.base import Base


class Company(Base, Entry):
    """A property service company (物业服务企业)."""

    __tablename__ = "companies"

    name: Mapped[str] = mapped_column(unique=True)
    uscc: Mapped[str | None] = mapped_column(unique=True)


class CompanyRegistered(Event, type="property.company.registered"):
    """A company was entered, by an operator or by a survey that names it."""

    company: UUID
    name: str
    uscc: str | None


class CompanyChanged(CompanyRegistered, type="property.company.changed"):
    """A company's name or code was corrected."""


class CompanyIn(
    Body,
    title="物业服务企业",
    example={"name": "某某物业服务有限公司（虚构）", "uscc": "91110000600037341L"},
):
    """A company as an operator enters it (物业服务企业)."""

    name: str = Field(min_length=2, max_length=100, description="企业名称")
    uscc: CreditCode | None = Field(
        default=None,
        description="统一社会信用代码（GB 32100-2015）；摸底表只有名称，未录入时为空",
    )


async def by_names(context: Context, names: Iterable[str]) -> tuple[dict[str, UUID], set[str]]:
    """Ids of companies by name, those not known yet added; and the names that were added."""
    made = {name: db.new_id() for name in sorted(set(names))}
    if not made:
        return {}, set()
    times = {"entered_at": context.now, "changed_at": context.now}
    rows = [{"id": id, "name": name, "version": 1, **times} for name, id in made.items()]
    await context.session.execute(insert(Company).on_conflict_do_nothing(index_elements=["name"]), rows)
    known = select(Company.name, Company.id).where(Company.name.in_(made))
    ids = dict((await context.session.execute(known)).all())
    return ids, {name for name, id in made.items() if ids[name] == id}


def _told(company: Company, change: Change) -> Event:
    kind = CompanyRegistered if change == "entered" else CompanyChanged
    return kind(company=company.id, name=company.name, uscc=company.uscc)


COMPANIES = Register(
    "companies",
    "物业服务企业",
    Company,
    CompanyIn,
    about="名称和统一社会信用代码都不能与其他企业重复。",
    filters=("uscc",),
    removable=None,
    told=_told,
    belongs=Belonging(company=Company.uscc),
)
router = routes.router("物业服务企业")
add_register(router, "property", COMPANIES)
