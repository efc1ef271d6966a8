"""The step of the flow of 附件3 at which an accident stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.emergency.plan.catalogue import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What has happened so far, and when; None where it has not."""

    reported_at: datetime
    graded_at: datetime
    proposed_at: datetime | None = None
    started_at: datetime | None = None
    field_at: datetime | None = None
    handled_at: datetime | None = None
    adjusted_at: datetime | None = None
    ended_at: datetime | None = None
    settled_at: datetime | None = None
    reviewed_at: datetime | None = None
    end_asked: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step: `done` with its time, `current`, `ahead`, or `passed` over."""

    id: str
    name: str
    clause: str
    standing: str
    at: datetime | None


def stands_at(progress: Progress) -> str | None:
    """The id of the step at which an accident stands (data/flow.yaml); None once its file is closed."""
    if progress.closed:
        return None
    if progress.ended_at is not None:
        return "flow-review" if progress.settled_at is not None else "flow-aftermath"
    if progress.end_asked:
        return "flow-end"
    if progress.started_at is not None:
        return "flow-handling" if progress.field_at is not None else "flow-field"
    return "flow-start" if progress.proposed_at is not None else "flow-proposal"


def flow_of(progress: Progress, steps: Sequence[Named]) -> tuple[FlowStep, ...]:
    """Every step in the plan's order, with how it stands (E-A3)."""
    times = {
        "flow-report": progress.reported_at,
        "flow-first-response": progress.reported_at,
        "flow-grading": progress.graded_at,
        "flow-proposal": progress.proposed_at,
        "flow-start": progress.started_at,
        "flow-field": progress.field_at,
        "flow-handling": progress.handled_at,
        "flow-adjust": progress.adjusted_at,
        "flow-end": progress.ended_at,
        "flow-aftermath": progress.settled_at,
        "flow-review": progress.reviewed_at,
    }
    current, ahead, found = stands_at(progress), False, []
    for step in steps:
        at = times[step.id]
        if step.id == current:
            standing, ahead = "current", True
        elif at is not None:
            standing = "done"
        else:
            standing = "ahead" if ahead else "passed"
        found.append(FlowStep(step.id, step.name, step.clause, standing, at))
    return tuple(found)
