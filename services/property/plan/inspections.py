"""Quarterly joint inspections: what they look for, which unit acts on it, how a finding comes to its end."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.district import reference, units
from kit.web.caller import Role
from kit.web.moves import Moves
from services.property.plan.roles import STREET

_DATA = Path(__file__).parent / "data" / "problem_kinds.yaml"
#: The unit that a kind of problem is sent to.
UNIT = Role("property:write", "承办单位")

#: A finding goes to its unit as it is entered, and is closed only once the street has looked at the place again,
#: or has taken the unit's reason for not acting (P-2.2.3a, P-2.2.3b).
FINDING = Moves(
    "问题",
    states={
        "sent": "问题已交办、尚未办理",
        "acted": "承办单位已查处、尚未复查",
        "declined": "承办单位说明了不予查处的理由",
        "checked": "问题已复查",
        "closed": "问题已销号",
    },
    actions={"act": "查处", "decline": "说明不予查处", "redo": "退回重办", "check": "复查", "close": "销号"},
    rows=(
        ("sent", "act", UNIT, "acted", "P-2.2.3b"),
        ("sent", "decline", UNIT, "declined", "P-2.2.3b"),
        ("acted", "check", STREET, "checked", "P-2.2.3a"),
        ("acted", "redo", STREET, "sent", "P-2.2.3a"),
        ("declined", "redo", STREET, "sent", "P-2.2.3a"),
        ("declined", "close", STREET, "closed", "P-2.2.3a"),
        ("checked", "close", STREET, "closed", "P-2.2.3a"),
    ),
)


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem; unit: id of the unit that acts on it."""

    code: str
    name: str
    unit: str


@cache
def problem_kinds() -> dict[str, ProblemKind]:
    """The kinds that the plan names (二(二)3), by code."""
    rows = (
        ProblemKind(row["code"], row["name"], units.unit(row["unit"]).id) for row in reference.read(_DATA)
    )
    return {kind.code: kind for kind in rows}
