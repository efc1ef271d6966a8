"""The step of the flow of 附件3 at which an accident stands."""

from dataclasses import dataclass
from datetime import datetime


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


def flow_of(progress: Progress, order: tuple[str, ...]) -> tuple[FlowStep, ...]:
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
    current = stands_at(progress)
    here = len(order) if current is None else order.index(current)
    return tuple(
        FlowStep(id, _standing(id == current, times[id], place < here), times[id])
        for place, id in enumerate(order)
    )


def _standing(current: bool, at: datetime | None, behind: bool) -> str:
    if current:
        return "current"
    if at is not None:
        return "done"
    return "passed" if behind else "ahead"
