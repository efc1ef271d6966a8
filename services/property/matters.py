"""What the 12345 hotline, and the hazard ledger, may send to the units through this service, and of which compound."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from kit.context import Context
from kit.dispatch.matters import Hook, Matter, load_matters
from kit.dispatch.tables import DispatchRequest
from kit.web.problems import FieldError, Invalid
from services.property.compounds.models import Compound, located
from services.property.divisions import STREET

#: The service's letter in numbers of requests.
LETTER = "P"
#: What `details` of a request call the compound that it concerns.
COMPOUND = "compound"
_DETAILS = f"{COMPOUND}：诉求所涉小区的编号（UUID），见 /property/v1/compounds；不清楚是哪个小区的，不填"


async def concerning(context: Context, request: DispatchRequest) -> None:
    """Keep which compound a request concerns, where it says so, or its details do; in these always written alike.

    Raises: Invalid for what is no compound, or none of the street or town that the request names.
    """
    in_details = request.details.get(COMPOUND)
    told = request.compound or in_details
    if told is None:
        return
    query = located(select(Compound.id)).where(Compound.id == _id(told), Compound.withdrawn_on.is_(None))
    if request.division is not None:
        query = query.where(STREET.name == request.division)
    compound = await context.session.scalar(query)
    if compound is None:
        raise Invalid(
            "unknown-reference",
            f"{request.division or '本区'}没有这个小区，或者它已撤回、已并入另一小区，请核对编号；"
            "不清楚是哪个小区的，请不要填写。",
            errors=[
                FieldError(
                    pointer=f"/{COMPOUND}" if request.compound else f"/details/{COMPOUND}",
                    reason="应为本区或所填街道（镇）的小区编号（UUID）",
                )
            ],
            clauses=("P-2.2.2b",),
        )
    request.compound = compound
    if in_details is not None:
        request.details = request.details | {COMPOUND: str(compound)}


def _id(told: object) -> UUID | None:
    try:
        return UUID(str(told)) if isinstance(told, str | UUID) else None
    except ValueError:
        return None


MATTERS = tuple(
    replace(each, taken=concerning, details=_DETAILS)
    for each in load_matters(Path(__file__).parent / "plan" / "data" / "matters.yaml")
)


def becoming(hooks: Mapping[str, Hook]) -> tuple[Matter, ...]:
    """The matters as the service takes them: by code, what a request becomes; the others keep their compound alone."""
    return tuple(replace(each, taken=hooks.get(each.code, concerning)) for each in MATTERS)
