"""The part of the property service's story that goes step by step: hazards, inspections and what they find."""

from services.property.plan.roles import CENTRE, STREET
from tests.contract.writes import Writes

#: The roles of whoever takes a step.
ROLES = (CENTRE, STREET)


def workflows(writes: Writes, compound: str) -> None:
    """Everything of a compound that has a table of moves."""
    hazards(writes, compound)
    inspections(writes, compound)


def hazards(writes: Writes, compound: str) -> None:
    """A hazard that dissuasion does not end."""
    hazard = writes.post("/hazards", compound_id=compound)["id"]
    for action in ("dissuade", "report", "clear"):
        writes.post(f"/hazards/{hazard}/{action}")


def inspections(writes: Writes, compound: str) -> None:
    """Findings that their unit acts on at the second try, and that it declines."""
    found = {"place": "2 号楼北侧", "description": "停满车辆"}
    both = [found | {"kind": kind} for kind in ("blocked-fire-lane", "animals")]
    acted, declined = writes.post("/inspections", compound_id=compound, findings=both)["findings"]
    for action in ("act", "redo", "act", "check", "close"):
        writes.post(f"/findings/{acted['id']}/{action}")
    for action in ("decline", "close"):
        writes.post(f"/findings/{declined['id']}/{action}")
