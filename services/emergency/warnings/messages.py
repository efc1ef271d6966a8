"""The messages of a warning: made once, kept as sent, and followed by every way out and up (E-3.3b)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.audit.auditing import audit
from kit.district import units as canon
from kit.storage import db
from kit.web.problems import Conflict, Unavailable
from kit.web.tokens import Caller
from services.emergency.case.exercise import MARK
from services.emergency.plan import roles
from services.emergency.plan import warnings as rules
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan_moves import must_hold
from services.emergency.warnings import cap
from services.emergency.warnings.models import Bulletin, Delivery, Message

#: The last digit of an identifier tells the messages of one second apart.
_IN_A_SECOND = 10
#: How long a Cancel is to be shown where the warning itself has ended before.
_SHOWN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends CAP messages: the sender, the agency's code, and the public page."""

    sender: str
    agency: str
    web: str | None


async def send(
    session: AsyncSession, bulletin: Bulletin, kind: str, note: str | None, identity: Identity, now: datetime
) -> Message:
    """Keep the next message of a warning, with everywhere it has to go."""
    sent = now.replace(microsecond=0)
    alert = _alert(bulletin, kind, note, identity, await _identifier(session, identity.agency, sent), sent)
    message = Message(
        id=db.new_id(),
        number=len(bulletin.messages) + 1,
        kind=kind,
        identifier=alert.identifier,
        sender=alert.sender,
        sent=cap.stamp(sent),
        sent_at=sent,
        exercise=bulletin.exercise,
        colour=bulletin.in_colour,
        headline=alert.headline,
        instruction=alert.instruction,
        xml=cap.to_xml(alert),
        deliveries=[Delivery(id=db.new_id(), step=step, to=to) for step, to in _ways(bulletin)],
    )
    bulletin.messages.append(message)
    return message


async def deliver(session: AsyncSession, caller: Caller, id: UUID, now: datetime) -> tuple[Delivery, bool]:
    """Enter that a message has gone out by a channel, or up to a receiver, level by level (E-3.3b).

    Returns the way and whether it is an exercise's.

    Raises: NotFound, Forbidden, Conflict.
    """
    must_hold(caller, "E-3.3b", roles.WARNING)
    delivery = await db.locked(session, Delivery, id, "没有这项发布或上报，请核对编号。")
    if delivery.done_at is not None:
        raise Conflict("delivered", "已经登记过送达。", clauses=("E-3.3b",))
    below = select(func.count()).where(
        Delivery.message_id == delivery.message_id,
        Delivery.step.between(1, delivery.step - 1),
        Delivery.done_at.is_(None),
    )
    if await session.scalar(below):
        raise Conflict("level-by-level", "要逐级上报：请先登记上一级已经收到。", clauses=("E-3.3b",))
    delivery.done_at, delivery.done_by = now, caller.client
    await session.flush()
    audit(session, "emergency.warning.delivered", str(id), caller, now, {"to": delivery.to})
    return delivery, (await session.get_one(Message, delivery.message_id)).exercise


def _ways(bulletin: Bulletin) -> Iterator[tuple[int, str]]:
    yield from ((0, channel) for channel in dict.fromkeys(bulletin.channels))
    for step, receivers in enumerate(rules.upward(bulletin.issuer or ""), 1):
        yield from ((step, receiver) for receiver in receivers if receiver != bulletin.issuer)


async def _identifier(session: AsyncSession, agency: str, sent: datetime) -> str:
    """The next identifier of this second; senders of the same second wait for one another."""
    stem = cap.identifier_stem(agency, sent)
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:stem))"), {"stem": stem})
    used = select(func.count()).where(Message.identifier.startswith(stem, autoescape=True))
    number = (await session.execute(used)).scalar_one()
    if number >= _IN_A_SECOND:
        raise Unavailable("too-many-at-once", "同一秒内发布的预警太多，请稍后重试。", retry_after=1)
    return f"{stem}{number}"


def _alert(
    bulletin: Bulletin, kind: str, note: str | None, identity: Identity, identifier: str, sent: datetime
) -> cap.Alert:
    assert bulletin.accident_type and bulletin.measures and bulletin.issuer
    assert bulletin.starts_at and bulletin.expires_at
    issuer = canon.unit(bulletin.issuer).name
    shown_until = sent + _SHOWN if kind == "Cancel" else bulletin.expires_at
    verb = {"Alert": "发布", "Update": "调整发布", "Cancel": "解除"}[kind]
    mark = MARK if bulletin.exercise else ""
    return cap.Alert(
        identifier=identifier,
        sender=identity.sender,
        sent=sent,
        kind=kind,
        exercise=bulletin.exercise,
        references=tuple(
            cap.Reference(each.sender, each.identifier, each.sent) for each in bulletin.messages
        ),
        note=f"{mark}{note}" if note else None,
        incident=bulletin.incident,
        categories=tuple(dict.fromkeys(bulletin.categories)),
        event=bulletin.accident_type,
        event_code=bulletin.event_code,
        responses=tuple(dict.fromkeys(bulletin.response_types)) or (cap.RESPONSES[bulletin.in_colour],),
        urgency=bulletin.urgency,
        certainty=bulletin.certainty,
        colour=bulletin.in_colour,
        onset=bulletin.starts_at,
        expires=max(bulletin.expires_at, shown_until),
        sender_name=issuer,
        headline=f"{mark}{issuer}{verb}{bulletin.accident_type}{bulletin.in_colour.zh}预警",
        description=f"{mark}{bulletin.description}" if bulletin.description else None,
        instruction=f"{mark}{bulletin.measures if kind != 'Cancel' else '预警解除，停止预警行动。'}",
        web=identity.web,
        contact=catalogue().duty_phone.number,
        areas=tuple(map(_area, bulletin.areas)),
    )


def area_name(area: dict[str, Any]) -> str:
    return canon.unit(area["division"]).name if area.get("division") else "东胜区"


def _area(area: dict[str, Any]) -> cap.Area:
    polygon = tuple((Decimal(point[0]), Decimal(point[1])) for point in area.get("polygon") or ())
    given = area.get("circle")
    circle = cap.Circle(*(Decimal(given[name]) for name in cap.Circle._fields)) if given else None
    return cap.Area(name=area_name(area), code=area["code"], polygon=polygon, circle=circle)
