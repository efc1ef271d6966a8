"""The field headquarters: where it stands, its groups, its response plan, evidence that was moved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.web.problems import Conflict, FieldError, Invalid, NotFound
from kit.web.tokens import Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import note
from services.emergency.command.models import Evidence, FieldGroup, FieldHeadquarters, ResponsePlan
from services.emergency.command.siting import Position, Side, Siting, siting
from services.emergency.plan.catalogue import Group, catalogue
from services.emergency.response.models import Response

SIDES_ZH = {
    Side.UPWIND: "上风向",
    Side.CROSSWIND: "侧风向",
    Side.DOWNWIND: "下风向",
    Side.AT_SCENE: "就在事故现场",
}


class FieldSetUp(IncidentEvent, type="emergency.field.set-up"):
    """A field headquarters was set up or moved, with its groups."""

    place: str
    groups: list[str]
    side: str | None


class PlanConfirmed(IncidentEvent, type="emergency.field.plan-confirmed"):
    """The field headquarters confirmed a version of the response plan."""

    plan_version: int


async def field_of(session: AsyncSession, incident: Incident) -> FieldHeadquarters | None:
    """The field headquarters, if one was set up."""
    return await session.get(FieldHeadquarters, incident.id)


async def set_up(
    session: AsyncSession, incident: Incident, given: dict[str, Any], caller: Caller, now: datetime
) -> FieldHeadquarters:
    """Set the field headquarters up, or move it (E-4.5a). The incident is locked.

    Raises: Conflict before the response has started, or after its end.
    """
    response = await session.get(Response, incident.id)
    if response is None or response.state not in ("started", "adjusted"):
        raise Conflict(
            "no-response-runs",
            "响应启动后才设现场指挥部，响应终止后不再变动。请先由区指挥部启动响应。",
            clauses=("E-4.4a", "E-4.5a"),
        )
    row = await field_of(session, incident)
    if row is None:
        row = FieldHeadquarters(incident_id=incident.id, set_up_at=now)
        session.add(row)
    for name, value in given.items():
        setattr(row, name, value)
    row.changed_at = now
    judged = _judge(incident, row)
    row.side = judged.side.value if judged else None
    row.off_degrees, row.distance_m = (judged.off_degrees, judged.distance_m) if judged else (None, None)
    await session.flush()
    lies = f"，位于{SIDES_ZH[judged.side]}" if judged else ""
    note(session, incident, "field", f"现场指挥部设在{row.place}{lies}", now, caller, now, "E-4.5a")
    groups = [each.group for each in await groups_of(session, incident)]
    tell(session, incident, FieldSetUp(place=row.place, groups=groups, side=row.side), caller, now)
    return row


def _judge(incident: Incident, row: FieldHeadquarters) -> Siting | None:
    places = (row.latitude, row.longitude, incident.latitude, incident.longitude)
    if row.wind_from is None or None in places:
        return None
    site, scene = Position(*places[:2]), Position(*places[2:])  # type: ignore[arg-type]
    return siting(site, scene, row.wind_from)


def warning_of(row: FieldHeadquarters) -> str | None:
    """What is wrong with the site, in Chinese; None where nothing is."""
    if row.side is None:
        return "尚不知道现场指挥部、事故地点的坐标或风向，无法判断是否在上风向。"
    if row.side == Side.UPWIND:
        return None
    return f"现场指挥部{SIDES_ZH[Side(row.side)]}，不在上风向，请另选位置。"


async def groups_of(session: AsyncSession, incident: Incident) -> list[FieldGroup]:
    """The groups that were set up, in the plan's order."""
    rows = await session.scalars(select(FieldGroup).where(FieldGroup.incident_id == incident.id))
    order = {group.id: place for place, group in enumerate(catalogue().groups)}
    return sorted(rows, key=lambda row: order[row.group])


async def add_groups(
    session: AsyncSession, incident: Incident, names: Sequence[str], caller: Caller, now: datetime
) -> None:
    """Set up the groups of these ids or names; those that stand stay (E-4.5a).

    Raises: Invalid for an unknown one; Conflict without a field headquarters.
    """
    if await field_of(session, incident) is None:
        raise Conflict("no-field-headquarters", "请先设立现场指挥部，再设工作组。", clauses=("E-4.5a",))
    chosen = _groups(names)
    standing = {row.group for row in await groups_of(session, incident)}
    fresh = [group for group in chosen if group.id not in standing]
    session.add_all(FieldGroup(incident_id=incident.id, group=group.id, set_up_at=now) for group in fresh)
    await session.flush()
    if fresh:
        text = f"设立工作组：{'、'.join(group.name for group in fresh)}"
        note(session, incident, "field", text, now, caller, now, "E-4.5a")


def _groups(names: Sequence[str]) -> list[Group]:
    found, wrong = [], []
    for place, name in enumerate(names):
        try:
            found.append(catalogue().group(name))
        except KeyError:
            known = "、".join(group.name for group in catalogue().groups)
            wrong.append(FieldError(pointer=f"/groups/{place}", reason=f"没有“{name}”，可设：{known}。"))
    if wrong:
        raise Invalid("unknown-group", "有工作组不在预案的九个组之中。", errors=wrong, clauses=("E-4.5a",))
    return list({group.id: group for group in found}.values())


async def plans_of(session: AsyncSession, incident: Incident) -> list[ResponsePlan]:
    """The versions of the response plan."""
    query = select(ResponsePlan).where(ResponsePlan.incident_id == incident.id)
    return list(await session.scalars(query.order_by(ResponsePlan.version)))


async def draft_plan(
    session: AsyncSession, incident: Incident, text: str, experts: str | None, caller: Caller, now: datetime
) -> ResponsePlan:
    """Draft the next version of the response plan (E-4.6). The incident is locked."""
    query = select(func.coalesce(func.max(ResponsePlan.version), 0))
    last = (await session.execute(query.where(ResponsePlan.incident_id == incident.id))).scalar_one()
    plan = ResponsePlan(
        incident_id=incident.id,
        version=last + 1,
        text=text,
        experts=experts,
        state="drafted",
        drafted_at=now,
        drafted_by=caller.client,
    )
    session.add(plan)
    await session.flush()
    note(session, incident, "plan", f"拟定处置方案第 {plan.version} 版", now, caller, now, "E-4.6")
    return plan


async def confirm_plan(
    session: AsyncSession, incident: Incident, version: int, caller: Caller, now: datetime
) -> ResponsePlan:
    """The field headquarters confirms a version; the one before is superseded (E-4.6).

    Raises: NotFound; Conflict when it was confirmed, or a newer version was.
    """
    plans = await plans_of(session, incident)
    plan = next((each for each in plans if each.version == version), None)
    if plan is None:
        raise NotFound("not-found", f"没有第 {version} 版处置方案。")
    standing = next((each for each in plans if each.state == "confirmed"), None)
    if plan.state != "drafted" or (standing is not None and standing.version > version):
        raise Conflict(
            "not-the-newest", "该版处置方案已确定过，或已有更新的版本。请拟定新的一版。", clauses=("E-4.6",)
        )
    if standing is not None:
        standing.state = "superseded"
        await session.flush()
    plan.state, plan.confirmed_at, plan.confirmed_by = "confirmed", now, caller.client
    await session.flush()
    note(session, incident, "plan", f"现场指挥部确定处置方案第 {version} 版", now, caller, now, "E-4.6")
    tell(session, incident, PlanConfirmed(plan_version=version), caller, now)
    return plan


async def add_evidence(
    session: AsyncSession,
    incident: Incident,
    given: dict[str, Any],
    at: datetime,
    caller: Caller,
    now: datetime,
) -> Evidence:
    """Keep where a thing stood that had to be moved (E-4.6)."""
    row = Evidence(
        id=db.new_id(),
        incident_id=incident.id,
        occurred_at=at,
        recorded_at=now,
        client=caller.client,
        **given,
    )
    session.add(row)
    text = (
        f"移动现场物体：{row.what}，由{row.stood_at}移至{row.moved_to}（{row.why}；记录：{row.recorded_how}）"
    )
    note(session, incident, "evidence", text, at, caller, now, "E-4.6")
    return row


async def evidence_of(session: AsyncSession, incident: Incident) -> list[Evidence]:
    """What was moved, in the order in which it was entered."""
    query = select(Evidence).where(Evidence.incident_id == incident.id).order_by(Evidence.id)
    return list(await session.scalars(query))
