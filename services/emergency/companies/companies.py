"""Companies, rescue teams, and which company must keep a team and has none (E-6.1)."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Select, UniqueConstraint, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.credit_code import CreditCode
from kit.district.named_units import StreetId, UnitId, UnitShown
from kit.district.names import TypedName
from kit.personal.phones import Phone, Reachable
from kit.storage.named import Named
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryOut, Register, must_exist, page_of
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Choice, choices
from services.emergency.base import Base
from services.emergency.companies import team_duty
from services.emergency.companies.team_duty import CompanyKind, Size, TeamDuty

Reader = Annotated[Context, requires("emergency:read", whose=Whose.PLACES)]


class TeamKind(Choice):
    """The rescue forces (救援队伍类别) of 六(一)."""

    FIRE = "fire", "综合性消防"
    PROFESSIONAL = "professional", "专业"
    SOCIAL = "social", "社会力量"
    COMPANY = "company", "企业"
    MILITARY = "military", "军队和武警"


class Team(Base, Entry, Reachable):
    """A rescue team (应急救援队伍)."""

    __tablename__ = "rescue_teams"
    __table_args__ = (
        CheckConstraint("kind in ('fire','professional','social','company','military')", name="kind"),
        CheckConstraint("members >= 1", name="members"),
    )
    clauses = ("E-6.1",)

    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(index=True)
    skills: Mapped[str | None]
    members: Mapped[int]
    street: Mapped[str | None] = mapped_column(index=True)
    place: Mapped[str]
    leader: Mapped[str | None]


class Company(Base, Entry, Reachable, Named):
    """A company (生产经营单位) as the plan sees it: what it does, who supervises it, which teams it relies on."""

    __tablename__ = "companies"
    __table_args__ = (
        CheckConstraint(f"kind in ({','.join(repr(str(each)) for each in CompanyKind)})", name="kind"),
        CheckConstraint("size in ('large','medium','small','micro')", name="size"),
        UniqueConstraint("name_key"),
    )
    clauses = ("E-6.1",)

    uscc: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(index=True)
    size: Mapped[str]
    in_park: Mapped[bool]
    supervisor: Mapped[str] = mapped_column(index=True)
    street: Mapped[str] = mapped_column(index=True)
    address: Mapped[str | None]
    contact: Mapped[str | None]
    rescuer: Mapped[str | None]
    own_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("rescue_teams.id"), unique=True)
    joint_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("rescue_teams.id"), index=True)
    agreement_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("rescue_teams.id"), index=True)

    @property
    def standing(self) -> team_duty.TeamStanding:
        """What the company owes, and whether it has it."""
        return team_duty.team_standing(
            team_duty.CompanyTeams(
                kind=CompanyKind(self.kind),
                size=Size(self.size),
                in_park=self.in_park,
                own_team=self.own_team_id is not None,
                joint_team=self.joint_team_id is not None,
                part_time_rescuer=self.rescuer is not None,
                team_agreement=self.agreement_team_id is not None,
            )
        )


def lacks_team() -> ColumnElement[bool]:
    """`team_standing` as a condition on companies: owing something and not having it (E-6.1)."""
    team = or_(Company.own_team_id.is_not(None), and_(Company.in_park, Company.joint_team_id.is_not(None)))
    rescuer = and_(Company.size.in_(team_duty.MAY_DO_WITHOUT), Company.rescuer.is_not(None))
    return and_(Company.kind.in_(team_duty.MUST_KEEP_TEAM), ~team, ~rescuer)


#: Whose companies are.
BELONGING = Belonging(division=Company.street, company=Company.uscc)


def of_company(company_id: Any, division: Any = None) -> Belonging:
    """Whose rows are that hang on a company; division: their own street, where they have one."""
    its = select(Company.street).where(Company.id == company_id).scalar_subquery()
    code = select(Company.uscc).where(Company.id == company_id).scalar_subquery()
    return Belonging(its if division is None else division, code)


class TeamIn(
    Body,
    title="应急救援队伍",
    example={
        "name": "某某矿山救护队（虚构）",
        "kind": "professional",
        "skills": "矿山救护",
        "members": 36,
        "street": "铜川镇",
        "place": "铜川镇某某园区（虚构）",
        "leader": "某队长（虚构）",
        "phone": "13800000000",
    },
):
    """A team as entered (应急救援队伍)."""

    name: str = Field(min_length=2, max_length=100, description="队伍名称")
    kind: TeamKind = Field(description=choices(TeamKind))
    skills: str | None = Field(default=None, max_length=200, description="专长")
    members: int = Field(ge=1, le=100_000, description="人数")
    street: StreetId | None = Field(default=None, description="驻地所在镇街道")
    place: str = Field(min_length=1, max_length=200, description="驻地")
    leader: str | None = Field(default=None, max_length=50, description="负责人")
    phone: Phone | None = Field(default=None, description="电话")


class CompanyIn(
    Body,
    title="生产经营单位",
    example={
        "name": "某某化工有限公司（虚构）",
        "uscc": "91110000600037341L",
        "kind": "dangerous_goods",
        "size": "small",
        "in_park": True,
        "supervisor": "区应急管理局",
        "street": "罕台镇",
        "address": "罕台镇某某园区（虚构）",
        "contact": "李明",
        "phone": "13800000000",
        "rescuer": "某兼职救援人员（虚构）",
    },
):
    """A company as entered (生产经营单位)."""

    name: TypedName = Field(min_length=2, max_length=100, description="单位名称")
    uscc: CreditCode | None = Field(default=None, description="统一社会信用代码（GB 32100-2015）")
    kind: CompanyKind = Field(description=choices(CompanyKind))
    size: Size = Field(description=choices(Size))
    in_park: bool = Field(default=False, description="是否在园区、开发区等产业集中的地方")
    supervisor: UnitId = Field(description="负有安全生产监管职责的部门")
    street: StreetId = Field(description="所在镇街道")
    address: str | None = Field(default=None, max_length=200, description="地址")
    contact: str | None = Field(default=None, max_length=50, description="安全负责人")
    phone: Phone | None = Field(default=None, description="电话")
    rescuer: str | None = Field(default=None, min_length=1, max_length=50, description="兼职救援人员")
    own_team_id: UUID | None = Field(default=None, description="本单位建立的救援队伍")
    joint_team_id: UUID | None = Field(default=None, description="园区内联合建立的救援队伍")
    agreement_team_id: UUID | None = Field(default=None, description="签订救援协议的邻近队伍")


class StandingOut(Answer, title="建队情况"):
    """What a company owes and whether it has it (建队情况)."""

    duty: TeamDuty = Field(description=choices(TeamDuty))
    fulfilled: bool = Field(description="是否做到")
    advised: bool = Field(description="建议与邻近队伍签订救援协议")


class CompanyOut(EntryOut, title="生产经营单位信息"):
    """What a company shows besides (生产经营单位)."""

    standing: StandingOut = Field(description="建立救援队伍的义务和落实情况")


class CompanyBrief(Answer, title="生产经营单位简况"):
    """A company on a list of those that lack something (生产经营单位)."""

    id: UUID = Field(description="登记编号")
    name: str = Field(description="单位名称")
    supervisor: UnitShown = Field(description="负有安全生产监管职责的部门")
    street: UnitShown = Field(description="所在镇街道")


@dataclass(frozen=True, slots=True)
class OfThese:
    """Whose companies a list is narrowed to."""

    street: str | None
    supervisor: str | None

    def companies(self, condition: ColumnElement[bool]) -> Select[Company]:
        """The companies of these that meet a condition."""
        query = select(Company).where(condition)
        if self.street is not None:
            query = query.where(Company.street == self.street)
        if self.supervisor is not None:
            query = query.where(Company.supervisor == self.supervisor)
        return query


async def _of_whom(
    street: Annotated[StreetId | None, Query(description="所在镇街道")] = None,
    supervisor: Annotated[UnitId | None, Query(description="负有监管职责的部门")] = None,
) -> OfThese:
    return OfThese(street, supervisor)


OfWhom = Annotated[OfThese, Depends(_of_whom)]


async def _teams_exist(context: Context, body: CompanyIn, _row: Company | None) -> None:
    for field in ("own_team_id", "joint_team_id", "agreement_team_id"):
        await must_exist(context.session, Team, getattr(body, field), f"/{field}", "应急救援队伍")


TEAMS = Register(
    "rescue-teams",
    "应急救援队伍",
    Team,
    TeamIn,
    about="综合性消防、专业、社会和企业救援队伍。",
    filters=("kind", "street"),
    belongs=Belonging(division=Team.street),
)
COMPANIES = Register(
    "companies",
    "生产经营单位",
    Company,
    CompanyIn,
    about="生产经营单位的类别、规模、监管部门和所依靠的救援队伍。",
    shown=CompanyOut,
    filters=("kind", "supervisor", "street"),
    check=_teams_exist,
    belongs=BELONGING,
)

router = routes.router("企业与救援队伍")


@router.get(
    "/rescue-teams/lacking",
    response_model=COMPANIES.page,
    summary="列出应建救援队伍而没有建的单位",
    description="危险物品、矿山、冶炼、城市交通、建筑施工和人员密集场所单位中，没有队伍、也不能以兼职人员代替的。",
    openapi_extra=clauses("E-6.1"),
)
async def list_companies_lacking_team(context: Reader, paging: PageRequest, of_whom: OfWhom) -> Page[Any]:
    """Companies that must keep a team, or name a rescuer, and do not (E-6.1)."""
    query = context.within(of_whom.companies(lacks_team()), BELONGING)
    return await page_of(context, paging, query, COMPANIES)


for register in (TEAMS, COMPANIES):
    add_register(router, "emergency", register)
