"""Where what a request tells of is: as it is handed in, and as it is added or put right later (P-2.2.2b)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.context import Context
from kit.dispatch.desk import Desk, Opened
from kit.dispatch.moves import CLAUSE
from kit.dispatch.requests import Point, find_by_words, point_fields
from kit.dispatch.shapes import CoordinatesIn
from kit.dispatch.tables import DispatchRequest
from kit.district.coordinates import is_near_district, to_wgs84
from kit.web.problems import FieldError, Invalid


@dataclass(frozen=True)
class Place:
    """A place, as far as it is told."""

    division: str | None
    address: str | None
    compound: UUID | None
    point: Point | None


async def place(context: Context, desk: Desk, number: str, note: str, told: Place) -> Opened:
    """Add to a request where it is, or put that right; the former place stays in the record. Its units stay the same.

    Where its matter made nothing of it so far, it may now: as with one that is given its matter only later.
    Raises: Forbidden for another street than the caller's; Conflict for what has ended.
    """
    if told.division is not None:
        context.must_cover(told.division)
    case = await Opened.of(context, desk, number)
    case.move("place")
    request, former = case.request, _told(case.request)
    for name in ("division", "address", "compound"):
        if (value := getattr(told, name)) is not None:
            setattr(request, name, value)
    if told.point is not None:
        for name, value in point_fields(told.point).items():
            setattr(request, name, value)
    find_by_words(request)
    became = await case.matter.become(context, request) if case.matter and request.reference is None else {}
    now = _told(request)
    changed = [name for name in now if now[name] != former[name]]
    case.turn(
        "place",
        note,
        former={name: former[name] for name in changed},
        to={name: now[name] for name in changed},
        **became,
    )
    return case


def _told(request: DispatchRequest) -> dict[str, Any]:
    return {
        "division": request.division,
        "address": request.address,
        "compound": str(request.compound) if request.compound else None,
        "coordinates": request.coordinates,
    }


def point_of(given: CoordinatesIn | None) -> Point | None:
    """Where it is. Raises: Invalid for what lies far from the district, as when the two numbers are exchanged."""
    if given is None:
        return None
    if not is_near_district(*to_wgs84(given.longitude, given.latitude, given.datum)):
        raise Invalid(
            "far-from-district",
            "坐标不在本区附近，请核对经纬度和坐标系，不要把经度和纬度填反。",
            errors=[FieldError(pointer="/coordinates", reason="应在东胜区及其附近")],
            clauses=(CLAUSE,),
        )
    return Point(given.longitude, given.latitude, given.datum)
