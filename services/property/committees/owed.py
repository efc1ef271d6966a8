"""Committees whose term is over, and those without a party organisation (P-2.1.2b)."""

from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, literal, select

from kit.duties.owing import Owed, Who
from services.property.committees.models import Committee
from services.property.compounds.models import Compound, located
from services.property.divisions import STREET
from services.property.plan.duties import DUTIES


def _of_those(day: date, since: Any) -> Select[Any]:
    """The committees in office on a day."""
    kind = case((Committee.kind == "management_committee", literal("物管会")), else_=literal("业委会"))
    who = Who(Committee.id, func.concat(Compound.name, kind), since, street=STREET.name)
    in_office = Committee.dissolved_on.is_(None) | (Committee.dissolved_on > day)
    own = select(*who.columns).join_from(Committee, Compound, Compound.id == Committee.compound_id)
    return located(own).where(Committee.formed_on <= day, in_office)


def _lapsed(day: date) -> Select[Any]:
    return _of_those(day, Committee.term_ends_on + 1).where(Committee.term_ends_on < day)


def _without_party_organisation(day: date) -> Select[Any]:
    return _of_those(day, Committee.formed_on).where(~Committee.has_party_organisation)


OWED = (Owed(DUTIES["committee-term"], _lapsed), Owed(DUTIES["committee-party"], _without_party_organisation))
