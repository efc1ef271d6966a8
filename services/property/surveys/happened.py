"""What each survey said of a compound otherwise than the one before (P-3.1)."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, case, cast, func, select

from services.property.companies import Company
from services.property.compounds.happened import Happened, What, at
from services.property.compounds.models import Observation
from services.property.surveys.findings import HEADINGS
from services.property.surveys.survey import FIGURES


def _surveyed(id: UUID) -> Select[Any]:
    said = {"status": Observation.status, "company": Company.name}
    said |= {name: getattr(Observation, name) for name in FIGURES}
    row_before: dict[str, Any] = {"order_by": Observation.as_of}
    changes = [
        _change(HEADINGS[name], cell, func.lag(cell).over(**row_before)) for name, cell in said.items()
    ]
    added_before = func.lag(Observation.added).over(**row_before)
    changes.append(case((Observation.added != added_before, "自行增加的内容有改动")))
    sentence = case(
        (func.lag(Observation.as_of).over(**row_before).is_(None), "首次摸底：" + Observation.status),
        else_="摸底：" + func.coalesce(func.nullif(func.concat_ws("；", *changes), ""), "与上一次相同"),
    )
    what = What(
        Observation.survey_id, Observation.as_of, sentence, at("surveys", Observation.survey_id), "P-3.1"
    )
    observed = select(*what.columns).outerjoin_from(
        Observation, Company, Company.id == Observation.company_id
    )
    return observed.where(Observation.compound_id == id)


def _change(heading: str, cell: Any, before: Any) -> Any:
    """A cell that is another than before; nothing where it is the same."""
    was, now = (func.coalesce(cast(value, Text), "空") for value in (before, cell))
    return case((cell.is_distinct_from(before), func.concat(heading, "由", was, "改为", now)))


HAPPENED = (Happened("surveyed", "摸底", _surveyed),)
