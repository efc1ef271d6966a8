"""Awards from the yearly fund (以奖代补): who is eligible by three inputs, shared out, adjusted with reason (P-2.3.5a)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import Row, Select, select, update
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.money import Yuan
from kit.events.event import Event
from kit.storage.keys import refused_by
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Belonging, Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, NotFound, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded, Text
from services.credit.awards.assessments import Outcome
from services.credit.awards.models import Assessment, Award, AwardFund
from services.credit.base import Reader
from services.credit.companies.models import Company
from services.credit.evaluations.models import Evaluation, Result
from services.credit.lists.work import rectification
from services.credit.plan.awards import share_out
from services.credit.plan.roles import CENTRE
from services.credit.plan.scheme import Scheme
from services.credit.records.shapes import Exact
from services.credit.schemes.work import the_scheme

CLAUSES: Final = ("P-2.3.5a",)
Year = Annotated[int, Path(ge=2020, le=2100, description="年度", examples=[2024])]
FEN: Final = 100


class AwardsShared(Event, type="credit.awards.shared", title="分配奖补资金"):
    """A year's award fund was shared out."""

    year: int = Field(description="年度")
    companies: int = Field(description="获奖企业数")
    amount: str = Field(description="分配的金额，元")


class AwardAdjusted(Event, type="credit.award.adjusted", title="调整奖补金额"):
    """What a company gets of a year's fund was adjusted."""

    year: int = Field(description="年度")
    company: UUID = Field(description="企业编号")
    amount: str = Field(description="调整后的金额，元")


class EligibleOut(Grounded, title="奖补条件", clauses=CLAUSES):
    """Whether a company is eligible, by each of the three inputs (奖补条件)."""

    company_id: UUID = Field(description="企业编号")
    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    excellent: bool = Field(description="年度综合考核优秀")
    high_grade: bool = Field(description="信用等级高")
    red_list: bool = Field(description="列入红榜")
    key_rectification: bool = Field(description="是否为重点整改企业，是的取消资格")
    eligible: bool = Field(description="是否符合条件")
    score: Exact = Field(description="信用得分", examples=["92.00"])


class AwardOut(Answer, title="企业奖补"):
    """What a company gets (奖补)."""

    company_id: UUID = Field(description="企业编号")
    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    amount: Yuan = Field(description="金额，元")
    weight: int = Field(description="分配权重，即得分乘以 100")
    note: str | None = Field(
        description="调整理由；没有调整的为空", examples=["领导小组会议纪要〔2025〕3 号"]
    )


class FundOut(Grounded, title="年度奖补资金", clauses=CLAUSES):
    """A year's fund and who got what of it (奖补资金)."""

    year: int = Field(description="年度")
    fund: Yuan = Field(description="资金总额，元")
    given: Yuan = Field(description="已分配，元；不超过总额")
    shared_out_at: LocalTime = Field(description="分配时间")
    awards: list[AwardOut] = Field(description="各企业的奖补，按金额")


class AdjustIn(
    Body, title="调整奖补", example={"amount": "120000.00", "reason": "领导小组会议纪要〔2025〕3 号"}
):
    """A company's award as it is adjusted, and why (调整)."""

    amount: Yuan = Field(description="调整后的金额，元")
    reason: Text = Field(description="理由")


router = routes.router("以奖代补")


@router.get(
    "/awards/{year}/eligible",
    summary="列出奖补条件",
    description="年度评价中的企业，逐家说明三项条件：年度考核优秀、信用等级高、列入红榜；重点整改企业取消资格。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES, "P-2.3.5b"),
)
async def list_eligible(
    year: Year, context: Annotated[Context, requires("credit:read", whose=Whose.WHOLE)], paging: PageRequest
) -> Page[EligibleOut]:
    """Who is eligible for a year, and by what."""
    row, scheme = await _evaluation(context, year)
    query = _companies(row)
    rows, following = await paging.fetch(context.session, query, Result.subject)
    return Page(items=await _judged(context, year, scheme, rows), next=following)


@router.post(
    "/awards/{year}",
    status_code=201,
    summary="分配奖补资金",
    description="年度红黑榜公布后，把当年资金按得分分配给三项条件都符合的企业，精确到分（最大余数法）；"
    "没有企业符合条件的不分配。只有设立资金的年度可以分配，每年一次。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def share_out_fund(
    year: Year,
    context: Annotated[Context, requires("credit:write", one_of=(CENTRE,), whose=Whose.DISTRICTS)],
) -> FundOut:
    """Share a year's fund out among those who are eligible."""
    row, scheme = await _evaluation(context, year)
    if year not in scheme.award_years:
        first, last = scheme.award_years[0], scheme.award_years[-1]
        raise Conflict(
            "no-fund", f"资金连续设立三年（{first} 至 {last} 年），{year} 年没有资金。", clauses=CLAUSES
        )
    every = (await context.session.execute(_companies(row).order_by(Result.subject))).all()
    eligible = [each for each in await _judged(context, year, scheme, every) if each.eligible]
    codes = {each.company_id: each for each in every}
    weights = {
        (codes[each.company_id].uscc or str(each.company_id)): int(each.score * 100) for each in eligible
    }
    fund = int(scheme.award.fund * FEN)
    shares = share_out(fund, weights)
    context.session.add(
        AwardFund(
            year=year, fund=fund, given=sum(shares.values()), evaluation_id=row.id, shared_out_at=context.now
        )
    )
    try:
        await context.session.flush()
    except IntegrityError:
        raise Conflict(
            "shared-out-before", f"{year} 年的资金已经分配，可以逐家调整。", clauses=CLAUSES
        ) from None
    for each in eligible:
        code = codes[each.company_id].uscc or str(each.company_id)
        context.session.add(
            Award(year=year, company_id=each.company_id, amount=shares[code], weight=weights[code])
        )
    told = AwardsShared(year=year, companies=len(eligible), amount=str(_yuan(sum(shares.values()))))
    context.record(told, str(year))
    await context.session.flush()
    return await _fund(context, year)


@router.get(
    "/awards/{year}",
    summary="查看年度奖补资金",
    description="资金总额、已分配的金额和各企业的奖补。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_fund(year: Year, context: Reader) -> FundOut:
    """A year's fund."""
    return await _fund(context, year)


@router.put(
    "/awards/{year}/companies/{company}",
    summary="调整企业奖补",
    description="写明理由，调整一家企业的奖补；合计不能超过当年资金。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def adjust_award(
    year: Year,
    company: Annotated[UUID, Path(description="企业编号")],
    body: AdjustIn,
    context: Annotated[Context, requires("credit:write", one_of=(CENTRE,), whose=Whose.DISTRICTS)],
) -> FundOut:
    """Adjust what a company gets, within the fund."""
    award = await context.session.get(Award, (year, company), with_for_update=True)
    if award is None:
        raise NotFound("not-found", "这家企业在这一年没有奖补。")
    amount = int(body.amount * FEN)
    given = update(AwardFund).where(AwardFund.year == year)
    try:
        await context.session.execute(given.values(given=AwardFund.given + (amount - award.amount)))
    except IntegrityError as error:
        if refused_by(error) != "ck_award_funds_given":
            raise
        raise Conflict("beyond-the-fund", "调整后合计超过当年资金，请减少金额。", clauses=CLAUSES) from None
    award.amount, award.note = amount, body.reason
    told = AwardAdjusted(year=year, company=company, amount=str(_yuan(amount)))
    context.record(told, str(company))
    await context.session.flush()
    return await _fund(context, year)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / FEN


async def _evaluation(context: Context, year: int) -> tuple[Evaluation, Scheme]:
    """The evaluation whose lists decide on a year's awards. Raises: Conflict."""
    query = select(Evaluation).where(
        Evaluation.state == "listed", Evaluation.ends_on.between(date(year, 1, 1), date(year, 12, 31))
    )
    row = await context.session.scalar(query.order_by(Evaluation.ends_on.desc()).limit(1))
    if row is None:
        raise Conflict("not-listed", f"{year} 年的红黑榜还没有公布。", clauses=CLAUSES)
    return row, await the_scheme(context.session, row.scheme, row.ends_on)


def _companies(row: Evaluation) -> Select[Any]:
    columns: tuple[Any, ...] = (Result.subject, Result.company_id, Result.name, Result.uscc, Result.score)
    query: Select[Any] = select(*columns, Result.grade, Result.listed)
    return query.where(Result.evaluation_id == row.id, Result.project_id.is_(None))


async def _judged(context: Context, year: int, scheme: Scheme, rows: Sequence[Row[Any]]) -> list[EligibleOut]:
    ids = [row.company_id for row in rows]
    query = select(Assessment.company_id).where(
        Assessment.year == year, Assessment.result == Outcome.EXCELLENT, Assessment.company_id.in_(ids)
    )
    excellent = set(await context.session.scalars(query))
    barred = await rectification(context.session, ids, context.today)
    return [
        _one(row, scheme, excellent=row.company_id in excellent, barred=row.company_id in barred)
        for row in rows
    ]


def _one(row: Row[Any], scheme: Scheme, *, excellent: bool, barred: bool) -> EligibleOut:
    high, red = row.grade in scheme.award.grades, row.listed == "red"
    return EligibleOut.of(
        row,
        excellent=excellent,
        high_grade=high,
        red_list=red,
        key_rectification=barred,
        eligible=excellent and high and red and not barred,
    )


async def _fund(context: Context, year: int) -> FundOut:
    fund = await context.session.get(AwardFund, year, populate_existing=True)
    if fund is None:
        raise NotFound("not-found", f"{year} 年的资金还没有分配。")
    columns: tuple[Any, ...] = (*Award.__table__.columns, Company.name)
    query: Select[Any] = select(*columns).join_from(Award, Company, Company.id == Award.company_id)
    mine = context.within(query.where(Award.year == year), Belonging(company=Company.uscc))
    rows = await context.session.execute(mine.order_by(Award.amount.desc(), Award.company_id))
    awards = [AwardOut.of(row, amount=_yuan(row.amount)) for row in rows]
    return FundOut.of(fund, fund=_yuan(fund.fund), given=_yuan(fund.given), awards=awards)
