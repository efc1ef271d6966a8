"""The official form back out: the state of a street's or the district's compounds on a day."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.property.companies import Company
from services.property.compounds.models import Compound, states
from services.property.coverage.work import standing_compounds
from services.property.divisions import Division
from services.property.surveys.form import Status, Survey, SurveyRow
from services.property.surveys.models import SurveyRecord


async def survey_on(
    session: AsyncSession, day: date, street: str | None, unit: str, contact: str, phone: str
) -> Survey:
    """What the newest surveys up to a day say, as one survey; added columns come back (P-A1c)."""
    state = states(day)
    community, parent = aliased(Division), aliased(Division)
    query = (
        standing_compounds(state, day)
        .join(community, community.id == Compound.community_id)
        .join(parent, parent.id == community.parent_id)
        .outerjoin(Company, Company.id == state.company_id)
        .add_columns(parent.name, community.name, Compound.name, Company.name, state)
        .order_by(parent.id, state.as_of, state.position, Compound.id)
    )
    if street is not None:
        query = query.where(parent.name == street)
    found = (await session.execute(query)).all()
    rows = tuple(
        SurveyRow(
            street=street_name,
            community=community_name,
            compound=compound,
            status=Status(seen.status),
            company=company or "",
            buildings=seen.buildings,
            households=seen.households,
            area=seen.area,
            built=seen.built,
            members=seen.members,
            party_members=seen.party_members,
            fee=seen.fee,
            collection_rate=seen.collection_rate,
            added=seen.added,
        )
        for street_name, community_name, compound, company, seen in found
    )
    headings = await session.scalars(
        select(SurveyRecord.added_headings)
        .where(SurveyRecord.id.in_({seen.survey_id for *_, seen in found}))
        .order_by(SurveyRecord.recorded_at)
    )
    added = tuple(dict.fromkeys(heading for group in headings for heading in group))
    return Survey(unit=unit, contact=contact, phone=phone, rows=rows, added=added)
