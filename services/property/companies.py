"""Property service companies: by name, and by unified social credit code where it is known."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from pydantic import Field
from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.credit_code import CreditCode
from kit.district.names import TypedName, name_key
from kit.events.event import Event
from kit.storage import db
from kit.storage.named import Findable, findable, spelled
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.problems import NotFound
from kit.web.register_endpoints import add_register
from kit.web.registers import Change, Entry, EntryOut, Register
from kit.web.shapes import Body
from services.property.base import Base
from services.property.corrections import Corrected, Former, note


class Company(Base, Entry, Findable):
    """A property service company (物业服务企业).

    withdrawn_on: since when it is known to be none, a name typed wrong or merged into another; merged_into_id: which.
    """

    __tablename__ = "companies"
    __table_args__ = (UniqueConstraint("name_key"), *findable("companies"))

    uscc: Mapped[str | None] = mapped_column(unique=True)
    withdrawn_on: Mapped[date | None]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    #: Why it was renamed or corrected the last time.
    reason: Mapped[str | None]


class CompanyRegistered(Event, type="property.company.registered", title="物业企业登记"):
    """A company was entered, by an operator or by a survey that names it."""

    company: UUID = Field(description="企业登记编号")
    name: str = Field(description="企业名称")
    uscc: str | None = Field(description="统一社会信用代码；不知道时为空")


class CompanyChanged(CompanyRegistered, type="property.company.changed", title="物业企业更正"):
    """A company's name or code was corrected."""


class CompanyIn(
    Body,
    title="物业服务企业",
    example={"name": "某某物业服务有限公司（虚构）", "uscc": "91110000600037341L"},
):
    """A company as an operator enters it (物业服务企业)."""

    name: TypedName = Field(min_length=2, max_length=100, description="企业名称")
    uscc: CreditCode | None = Field(
        default=None,
        description="统一社会信用代码（GB 32100-2015）；摸底表只有名称，未录入时为空",
    )
    reason: str | None = Field(
        default=None,
        min_length=2,
        max_length=500,
        description="更名或更正的原因",
        examples=["营业执照已变更名称"],
    )


class CompanyShown(EntryOut, title="物业服务企业登记"):
    """What answers show of a company besides (物业服务企业)."""

    withdrawn_on: date | None = Field(description="自该日起不再是企业：名称有误，或已并入另一企业")


async def by_names(context: Context, names: Iterable[str]) -> tuple[dict[str, UUID], set[str]]:
    """Ids of companies by name, those not known yet added; and the names that were added."""
    keys = {name: name_key(name) for name in names}
    # Of two spellings the first is shown.
    if not keys:
        return {}, set()
    times = {"entered_at": context.now, "changed_at": context.now}
    rows = {
        key: {"id": db.new_id(), "version": 1, **spelled(name), **times}
        for name, key in reversed(keys.items())
    }
    adding = insert(Company).on_conflict_do_nothing(index_elements=["name_key"])
    await context.session.execute(adding, sorted(rows.values(), key=lambda row: row["name_key"]))
    known = select(Company.name_key, Company.id).where(db.among(Company.name_key, rows))
    ids = dict((await context.session.execute(known)).all())
    added = {row["name"] for key, row in rows.items() if ids[key] == row["id"]}
    return {name: ids[key] for name, key in keys.items()}, added


async def _note_rename(context: Context, body: CompanyIn, row: Company | None) -> None:
    """Keep the name that a company had.

    Raises: NotFound for one that was withdrawn.
    """
    if row is None:
        return
    if row.withdrawn_on is not None:
        raise NotFound("not-found", "这家企业已撤回，或已并入另一企业。")
    if body.name != row.name:
        former = Former("company", row.id, row.name)
        note(context, Corrected(former, "renamed", body.reason or "在名录中修改"))


def _told(company: Company, change: Change) -> Event:
    kind = CompanyRegistered if change == "entered" else CompanyChanged
    return kind(company=company.id, name=company.name, uscc=company.uscc)


COMPANIES = Register(
    "companies",
    "物业服务企业",
    Company,
    CompanyIn,
    about="名称和统一社会信用代码都不能与其他企业重复；更名时保留原名称和原因。",
    shown=CompanyShown,
    filters=("uscc",),
    removable=None,
    check=_note_rename,
    told=_told,
    listed=Company.withdrawn_on.is_(None),
    belongs=Belonging(company=Company.uscc),
)
router = routes.router("物业服务企业")
add_register(router, "property", COMPANIES)
