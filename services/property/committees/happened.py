"""Committees of a compound that were formed and dissolved (P-2.1.2b)."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from services.property.committees.models import Committee
from services.property.compounds.happened import Happened, What, at


def _of(id: UUID, day: Any, done: str) -> Select[Any]:
    kind = case((Committee.kind == "management_committee", "物管会"), else_="业委会")
    sentence = func.concat(
        kind, done, "，委员", Committee.members, "人，其中党员", Committee.party_members, "人"
    )
    what = What(Committee.id, day, sentence, at("committees", Committee.id), "P-2.1.2b")
    return select(*what.columns).where(Committee.compound_id == id)


def _formed(id: UUID) -> Select[Any]:
    return _of(id, Committee.formed_on, "成立")


def _dissolved(id: UUID) -> Select[Any]:
    return _of(id, Committee.dissolved_on, "解散")


HAPPENED = (
    Happened("committee_formed", "业委会（物管会）成立", _formed),
    Happened("committee_dissolved", "业委会（物管会）解散", _dissolved),
)
