"""The things to settle after a response: opened at its end, settled by their owners (E-5.1)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.district.named_units import acts_for
from kit.storage.db import found, locked
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid
from kit.web.tokens import Caller
from services.emergency.aftermath.models import AftermathItem
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import opened
from services.emergency.case.timeline import note
from services.emergency.plan.catalogue import AftermathEntry, catalogue
from services.emergency.plan.roles import MEMBER, OFFICE
from services.emergency.response.models import Response
from services.emergency.response.tasks import who

NO_ITEM = "没有这项后期处置事项，请核对编号。"


class ItemSettled(IncidentEvent, type="emergency.aftermath.settled"):
    """A thing to settle after the response was settled, or is not needed."""

    entry: str
    owner: str
    state: str


async def open_items(session: AsyncSession, incident: Incident) -> None:
    """Open what every accident leaves behind; what only some do is added where it is needed."""
    await add_items(session, incident, [entry for entry in catalogue().aftermath if not entry.if_needed])


async def add_items(session: AsyncSession, incident: Incident, entries: list[AftermathEntry]) -> None:
    """Open these entries of the catalogue for their owners, as far as they are not open yet."""
    query = select(AftermathItem.entry, AftermathItem.owner).where(AftermathItem.incident_id == incident.id)
    existing = {tuple(row) for row in await session.execute(query)}
    for place, entry in enumerate(catalogue().aftermath):
        for owner in entry.owners if entry in entries else ():
            if (entry.id, owner) not in existing:
                unit, name = who(incident, owner)
                item = AftermathItem(
                    incident_id=incident.id,
                    entry=entry.id,
                    place=place,
                    owner=owner,
                    unit=unit,
                    owner_name=name,
                    does=entry.does,
                    if_needed=entry.if_needed,
                    clause=entry.clause,
                    state="open",
                )
                session.add(item)
    await session.flush()


async def choose_items(
    session: AsyncSession, incident: Incident, ids: list[str], caller: Caller, now: datetime
) -> None:
    """Open further entries by id, once the response has ended (E-5.1).

    Raises: Conflict before that; Invalid for an unknown id.
    """
    response = await session.get(Response, incident.id)
    if response is None or response.state != "ended":
        raise Conflict("response-not-ended", "后期处置在响应终止之后进行，请先终止响应。", clauses=("E-5.1",))
    known = {entry.id: entry for entry in catalogue().aftermath}
    unknown = [
        FieldError(pointer=f"/entries/{place}", reason=f"没有事项 {id}，可用：{'、'.join(known)}。")
        for place, id in enumerate(ids)
        if id not in known
    ]
    if unknown:
        raise Invalid("unknown-entry", "有事项不在后期处置目录中，请核对编号。", errors=unknown)
    await add_items(session, incident, [known[id] for id in ids])
    text = "、".join(known[id].does for id in ids)
    note(session, incident, "aftermath", f"增加后期处置事项：{text}", now, caller, now, "E-5.1")


async def items_of(session: AsyncSession, incident: Incident) -> list[AftermathItem]:
    """The items in the plan's order."""
    query = select(AftermathItem).where(AftermathItem.incident_id == incident.id)
    return list(await session.scalars(query.order_by(AftermathItem.place, AftermathItem.owner_name)))


async def settle(
    session: AsyncSession, id: UUID, state: str, result: str, at: datetime, caller: Caller, now: datetime
) -> AftermathItem:
    """Settle an item, or find it not needed; its owner does, or the office (E-5.1).

    Raises: NotFound; Conflict when it is settled; Forbidden for another unit's.
    """
    known = await found(session, AftermathItem, id, NO_ITEM)
    incident = await opened(session, str(known.incident_id), caller)
    item = await locked(session, AftermathItem, id, NO_ITEM)
    own = caller.may(MEMBER) and acts_for(caller, item.unit, item.owner_name)
    if not (caller.may(OFFICE) or own):
        raise Forbidden(
            "another-units-item",
            f"这是{item.owner_name}的事项，由其自己或区指挥部办公室办理。",
            clauses=(item.clause,),
        )
    if item.state != "open":
        raise Conflict("already-settled", "这项后期处置事项已办结。", clauses=(item.clause,))
    item.state, item.result, item.settled_at, item.client = state, result, at, caller.client
    verb = "办结" if state == "settled" else "免办"
    text = f"{item.owner_name}{verb}“{item.does}”：{result}"
    note(session, incident, "aftermath", text, at, caller, now, item.clause)
    event = ItemSettled(entry=item.entry, owner=item.owner_name, state=state)
    tell(session, incident, event, caller, now)
    return item
