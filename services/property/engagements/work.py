"""What happens as a compound's company is chosen: each step with what it asks for (P-2.4.0, P-2.4.1)."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from kit.context import Context
from kit.storage.db import new_id
from kit.web.problems import Conflict, FieldError, Invalid
from services.property.charges import Charge, put_in_charge
from services.property.committees.models import Committee
from services.property.companies import Company
from services.property.compounds.work import own_compound
from services.property.contracts.models import Contract
from services.property.engagements.credit import GradeOut
from services.property.engagements.models import COURSE, Bidder, Engagement
from services.property.plan.engagement import in_office
from services.property.plan.modes import Mode
from services.property.plan.tenders import ContractKind

CLAUSES = ("P-2.4.1",)


async def confirm_committee(context: Context, engagement: Engagement) -> None:
    """Let the compound's committee act for its owners.

    Raises: Conflict where the register has none in office today.
    """
    query = select(Committee).where(Committee.compound_id == engagement.compound_id)
    committees = await context.session.scalars(query)
    standing = [each for each in committees if in_office(context.today, each.formed_on, each.dissolved_on)]
    if not standing:
        raise Conflict(
            "no-committee",
            "这个小区没有在任的业委会（物管会），请先组建并登记，再由其代表全体业主选聘。",
            clauses=CLAUSES,
        )
    engagement.committee_id = standing[0].id


def bid(context: Context, engagement: Engagement, company: Company, credit: GradeOut) -> Bidder:
    """Enter a company that bids, with its grade as it was seen.

    Raises: Conflict for one that was entered already.
    """
    if any(each.company_id == company.id for each in engagement.bidders):
        raise Conflict("already-entered", "这家企业已登记为投标企业。", clauses=CLAUSES)
    seen = credit.model_dump(mode="json")
    COURSE.step(context, engagement, "bid", company=str(company.id), credit=seen)
    bidder = Bidder(company_id=company.id, company=company, credit=seen)
    engagement.bidders.append(bidder)
    return bidder


def decide(context: Context, engagement: Engagement, winner: UUID, on: date, credit: GradeOut) -> None:
    """Enter who won the tender.

    Raises: Invalid for a company that did not bid, or a day before the tender.
    """
    COURSE.step(context, engagement, "decide", company=str(winner), credit=credit.model_dump(mode="json"))
    errors = []
    if all(each.company_id != winner for each in engagement.bidders):
        errors.append(FieldError(pointer="/winner_id", reason="不是已登记的投标企业"))
    if engagement.tendered_on is not None and on < engagement.tendered_on:
        errors.append(FieldError(pointer="/decided_on", reason=f"早于招标日期 {engagement.tendered_on}"))
    if errors:
        raise Invalid("wrong-result", "招标结果不对，请核对。", errors=errors, clauses=CLAUSES)
    engagement.winner_id, engagement.decided_on = winner, on


async def sign(context: Context, engagement: Engagement, contract_id: UUID) -> None:
    """Enter the contract that the committee signed for all owners.

    Raises: Invalid naming what does not fit.
    """
    COURSE.moves.check(engagement.state, "sign", context.caller)
    contract = await context.session.get(Contract, contract_id)
    committee = await context.session.get(Committee, engagement.committee_id)
    if reason := _unfit(engagement, contract, committee):
        raise Invalid(
            "wrong-contract",
            "合同与选聘结果不符，请核对合同编号。",
            errors=[FieldError(pointer="/contract_id", reason=reason)],
            clauses=CLAUSES,
        )
    COURSE.step(context, engagement, "sign", committee=str(engagement.committee_id))
    engagement.contract_id = contract_id


def _unfit(engagement: Engagement, contract: Contract | None, committee: Committee | None) -> str | None:
    if contract is None or contract.compound_id != engagement.compound_id:
        return "不是这个小区的合同"
    if contract.company_id != engagement.winner_id:
        return "不是与中标企业签订的合同"
    if contract.kind != ContractKind.ORDINARY:
        return "不是业委会（物管会）代表全体业主签订的物业服务合同"
    if engagement.decided_on is not None and contract.signed_on < engagement.decided_on:
        return f"签订日期早于确定中标企业的日期 {engagement.decided_on}"
    if committee is None or not in_office(contract.signed_on, committee.formed_on, committee.dissolved_on):
        return "签订时业委会（物管会）不在任"
    return None


async def install(context: Context, engagement: Engagement) -> None:
    """Put the company in charge from the first day of its contract; who was before is until the day before.

    Raises: Conflict where somebody begins on the same day or is to come later.
    """
    COURSE.moves.check(engagement.state, "install", context.caller)
    await own_compound(context, engagement.compound_id)  # one at a time
    contract = await context.session.get_one(Contract, engagement.contract_id)
    charge = Charge(
        id=new_id(),
        entered_at=context.now,
        changed_at=context.now,
        compound_id=engagement.compound_id,
        company_id=engagement.winner_id,
        mode=Mode.MARKET,
        begins_on=contract.starts_on,
        ends_on=None,
    )
    await put_in_charge(context, charge)
    COURSE.step(context, engagement, "install", begins_on=contract.starts_on.isoformat())
