"""What is put on the record of an accident besides its reports: verification, findings, referral."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.web.problems import Conflict, NotFound
from kit.web.tokens import Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import note
from services.emergency.clocks.work import clocks_of, set_clocks
from services.emergency.incidents.models import Finding
from services.emergency.response.models import Response

_FINDINGS_ZH = {"late": "迟报", "omitted": "漏报", "false": "谎报", "concealed": "瞒报"}
#: Deadlines that are met outside this service, so that somebody has to say so.
OUTSIDE = ("upward-region", "upward-state", "rectification-evaluation", "rectification-evaluation-higher")


class FindingAdded(IncidentEvent, type="emergency.incident.finding-added"):
    """A late, omitted, false or concealed report was put on the record."""

    kind: str


class Referred(IncidentEvent, type="emergency.incident.referred"):
    """An accident was referred to another special plan."""

    special_plan: str
    receiver: str


class Verified(IncidentEvent, type="emergency.incident.verified"):
    """The report of an accident was verified."""


async def finish(
    session: AsyncSession,
    incident: Incident,
    deadline: str,
    done_at: datetime,
    remark: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Mark a deadline as met that is met outside this service (E-4.1c, E-5.4). Again changes nothing.

    Raises: NotFound where it does not run; Conflict where something else in this service meets it.
    """
    row = next((each for each in await clocks_of(session, incident) if each.deadline == deadline), None)
    if row is None or not row.running:
        raise NotFound("not-found", f"事故 {incident.number} 没有正在计时的时限 {deadline}。")
    if deadline not in OUTSIDE:
        raise Conflict(
            "met-elsewhere",
            f"时限“{row.asks}”由相应的报告、报送环节或调查登记自动完成，请到那里登记。",
            clauses=(row.clause,),
        )
    if row.done_at is not None:
        return
    await set_clocks(session, incident, caller, now, {deadline: done_at})
    note(session, incident, "deadline", f"{row.asks}：{remark}", done_at, caller, now, row.clause)


def verify(
    session: AsyncSession, incident: Incident, remark: str, at: datetime, caller: Caller, now: datetime
) -> None:
    """Keep that the district's office verified the report (E-4.1c); the first time stays."""
    if incident.verified_at is None:
        incident.verified_at = at
        tell(session, incident, Verified(), caller, now)
    note(session, incident, "verified", f"核实：{remark}", at, caller, now, "E-4.1c")


async def add_finding(
    session: AsyncSession,
    incident: Incident,
    given: dict[str, Any],
    at: datetime,
    caller: Caller,
    now: datetime,
) -> Finding:
    """Put a late, omitted, false or concealed report on the record with its evidence (E-4.1g)."""
    row = Finding(
        id=db.new_id(),
        incident_id=incident.id,
        occurred_at=at,
        recorded_at=now,
        client=caller.client,
        client_unit=caller.unit,
        **given,
    )
    session.add(row)
    text = f"{_FINDINGS_ZH[row.kind]}：{row.about}（证据：{row.evidence}）"
    note(session, incident, "finding", text, at, caller, now, "E-4.1g")
    tell(session, incident, FindingAdded(kind=row.kind), caller, now)
    return row


async def findings_of(session: AsyncSession, incident: Incident) -> list[Finding]:
    """The findings in the order in which they were written down."""
    query = select(Finding).where(Finding.incident_id == incident.id).order_by(Finding.id)
    return list(await session.scalars(query))


async def refer(
    session: AsyncSession,
    incident: Incident,
    special_plan: str,
    receiver: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Refer an accident to another special plan of the district (E-1.3).

    Raises: Conflict once a response under this plan runs.
    """
    response = await session.get(Response, incident.id)
    if response is not None and response.state != "proposed":
        raise Conflict(
            "response-runs",
            "响应已按本预案启动，不能再转办；请先终止响应。",
            clauses=("E-1.3", "E-4.9"),
        )
    incident.special_plan, incident.referred_to = special_plan, receiver
    text = f"转由《{special_plan}》处置，转给{receiver}"
    note(session, incident, "referred", text, now, caller, now, "E-1.3")
    tell(session, incident, Referred(special_plan=special_plan, receiver=receiver), caller, now)
