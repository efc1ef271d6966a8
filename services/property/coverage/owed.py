"""Who owes what coverage is counted from: streets their survey, compounds a filed contract."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from kit.duties.owing import Owed, Who
from services.property.companies import Company
from services.property.compounds.models import Compound, Observation, located, state_of_each
from services.property.contracts.models import Contract, runs_filed
from services.property.coverage.work import standing_compounds
from services.property.divisions import STREET, Division
from services.property.plan.duties import DUTIES, ISSUED


def _unreported(day: date) -> Select[Any]:
    """Streets and towns of which no survey up to a day names a compound (P-3.1)."""
    surveyed = located(select(Observation).join(Compound, Compound.id == Observation.compound_id))
    reported = surveyed.where(Observation.as_of <= day, STREET.id == Division.id).exists()
    columns = Who(Division.name, Division.name, ISSUED, street=Division.name).columns
    return select(*columns).where(Division.kind.in_(("street", "town")), ~reported)


def _unfiled(day: date) -> Select[Any]:
    """Compounds whose company at work has no running contract that was filed by the day (P-2.2.5)."""
    state = state_of_each(day)
    since = (
        select(func.min(Observation.as_of))
        .where(Observation.compound_id == Compound.id, Observation.company_id == state.company_id)
        .scalar_subquery()
    )
    theirs = (Contract.compound_id == Compound.id, Contract.company_id == state.company_id)
    filed = select(Contract.id).where(*theirs, runs_filed(Contract, day)).exists()
    unfiled = Who(Compound.id, Compound.name, since, street=STREET.name, company=Company.uscc)
    return (
        located(standing_compounds(state, day))
        .join(Company, Company.id == state.company_id)
        .add_columns(*unfiled.columns)
        .where(~filed)
    )


OWED = (Owed(DUTIES["survey"], _unreported), Owed(DUTIES["contract-filing"], _unfiled))
