"""A company's own warning, and how it reaches the supervising department of the place (E-3.3a)."""

from typing import Any
from uuid import UUID

from pydantic import Field

from kit.context import Context
from kit.district import units as canon
from kit.district.named_units import unit_of
from kit.events.event import Event, exercised
from kit.storage import db
from kit.web.ownership import UNKNOWN, Owner
from kit.web.problems import Forbidden
from services.emergency.companies.companies import Company, of_company
from services.emergency.company_warnings.models import CompanyWarning
from services.emergency.plan.roles import OFFICE
from services.emergency.plan.warnings import COMPANY_WARNINGS

CLAUSE = "E-3.3a"

#: Whose companies' warnings are.
BELONGING = of_company(CompanyWarning.company_id, CompanyWarning.street)


class CompanyWarningEvent(Event):
    """What every event of a company's warning carries; `department` is the unit that it must reach."""

    department: str = Field(description="应当收到预警的部门名称")
    exercise: bool = Field(description="是否演练")


class CompanyWarned(CompanyWarningEvent, type="emergency.company_warning.sent", title="企业发出预警"):
    """A company warned."""

    company: UUID = Field(description="企业登记编号")
    street: str = Field(description="企业所在街道（镇）")


class CompanyWarningReceived(
    CompanyWarningEvent, type="emergency.company_warning.received", title="部门收到企业预警"
):
    """The department has a company's warning."""


async def send(context: Context, facts: dict[str, Any]) -> CompanyWarning:
    """Send a company's warning to the department that supervises it (E-3.3a).

    Raises: NotFound; Forbidden for another company; Invalid for a time to come.
    """
    context.refuse_future(found_at=facts["found_at"])
    missing = "没有这家生产经营单位，请先登记。"
    company = await db.found(context.session, Company, facts["company_id"], missing)
    context.must_own(Owner(company.street, company.uscc or UNKNOWN), missing)
    if not context.caller.may(OFFICE) and context.caller.company is None:
        raise Forbidden(
            "another-company", "只能发布本单位的预警；代为登记请由指挥部办公室办理。", clauses=(CLAUSE,)
        )
    warning = CompanyWarning(
        id=db.new_id(),
        department=company.supervisor,
        street=company.street,
        state="sent",
        sent_at=context.now,
        **facts,
    )
    context.session.add(warning)
    await _happened(context, warning, CompanyWarned, company=company.id, street=warning.street)
    return warning


async def receive(context: Context, id: UUID, finding: str | None) -> CompanyWarning:
    """Enter that the department has a company's warning; only that department or the office may (E-3.3a).

    Raises: NotFound, Conflict, Forbidden.
    """
    missing = "没有这条企业预警，请核对编号。"
    warning = await db.locked(context.session, CompanyWarning, id, missing)
    await context.must_hold(BELONGING, CompanyWarning.id == id, missing)
    move = COMPANY_WARNINGS.check(warning.state, "receive", context.caller)
    if not context.caller.may(OFFICE) and unit_of(context.caller) != warning.department:
        raise Forbidden(
            "another-department",
            f"这条预警应由{canon.unit(warning.department).name}接收。",
            clauses=(CLAUSE,),
        )
    warning.state, warning.received_at, warning.received_by = move.target, context.now, context.caller.by
    warning.finding = finding
    await _happened(context, warning, CompanyWarningReceived)
    return warning


async def _happened(
    context: Context, warning: CompanyWarning, kind: type[CompanyWarningEvent], **facts: Any
) -> None:
    await context.session.flush()
    kind = exercised(kind) if warning.exercise else kind
    event = kind(department=warning.department, exercise=warning.exercise, **facts)
    context.record(event, str(warning.id))
