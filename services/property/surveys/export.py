"""The official form back out: the state of a street's or the district's compounds on a day."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.property.companies import Company
from services.property.compounds.models import Compound, located, state_of_each
from services.property.coverage.work import standing_compounds
from services.property.divisions import COMMUNITY, STREET
from services.property.surveys.form import Status, Survey, SurveyRow
from services.property.surveys.models import SurveyRecord
from services.property.surveys.survey import FIGURES


async def survey_on(session: AsyncSession, day: date, street: str | None) -> Survey:
    """What the newest surveys up to a day say, as one survey; added columns come back (P-A1c)."""
    state = state_of_each(day)
    query = (
        located(standing_compounds(state, day))
        .outerjoin(Company, Company.id == state.company_id)
        .add_columns(STREET.name, COMMUNITY.name, Compound.name, Company.name, state)
        .order_by(STREET.id, state.as_of, state.position, Compound.id)
    )
    if street is not None:
        query = query.where(STREET.name == street)
    found = (await session.execute(query)).all()
    rows = tuple(
        SurveyRow(
            street=street_name,
            community=community,
            compound=compound,
            status=Status(seen.status),
            company=company or "",
            added=seen.added,
            **{name: getattr(seen, name) for name in FIGURES},
        )
        for street_name, community, compound, company, seen in found
    )
    headings = await session.scalars(
        select(SurveyRecord.added_headings)
        .where(SurveyRecord.id.in_({seen.survey_id for *_, seen in found}))
        .order_by(SurveyRecord.recorded_at)
    )
    return Survey(rows=rows, added=tuple(dict.fromkeys(heading for group in headings for heading in group)))
