"""The messages of a warning: made once, kept as sent, and followed by every way out and up (E-3.3b)."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text

from kit.context import Context
from kit.district import units
from kit.storage import db
from kit.web.ownership import Owner
from kit.web.problems import Conflict, Unavailable
from services.emergency.plan.cap import Kind, identifier_stem, stamp
from services.emergency.plan.warnings import upward
from services.emergency.settings import EmergencySettings
from services.emergency.warnings.cap import to_xml
from services.emergency.warnings.models import Bulletin, Delivery, Message

#: The last digit of an identifier tells the messages of one second apart.
_IN_A_SECOND = 10
_VERBS = {"Alert": "发布", "Update": "调整发布", "Cancel": "解除"}


async def send(
    context: Context, bulletin: Bulletin, kind: Kind, note: str | None, settings: EmergencySettings
) -> None:
    """Keep the next message of a warning, with everywhere it has to go. note: why; settings: who sends it."""
    sent, mark, colour = context.now.replace(microsecond=0), bulletin.mark, bulletin.in_colour
    issuer = units.unit(bulletin.issuer or "").name
    message = Message(
        id=db.new_id(),
        warning_id=bulletin.id,
        number=len(bulletin.messages) + 1,
        kind=kind,
        identifier=await _identifier(context, settings.cap_agency, sent),
        sender=settings.cap_sender,
        sent=stamp(sent),
        sent_at=sent,
        exercise=bulletin.exercise,
        colour=colour,
        headline=f"{mark}{issuer}{_VERBS[kind]}{bulletin.accident_type}{colour.zh}预警",
        instruction=f"{mark}{bulletin.measures if kind != 'Cancel' else '预警解除，停止预警行动。'}",
        deliveries=[Delivery(id=db.new_id(), step=step, to=to) for step, to in _ways(bulletin)],
    )
    message.xml = to_xml(bulletin, message, note, settings.cap_web or f"{settings.public_url}{message.cap}")
    bulletin.messages.append(message)


def _ways(bulletin: Bulletin) -> Iterator[tuple[int, str]]:
    yield from ((0, channel) for channel in dict.fromkeys(bulletin.channels))
    for step, receivers in enumerate(upward(bulletin.issuer or ""), 1):
        yield from ((step, receiver) for receiver in receivers if receiver != bulletin.issuer)


async def _identifier(context: Context, agency: str, sent: datetime) -> str:
    """The next identifier of this second; senders of the same second wait for one another."""
    stem = identifier_stem(agency, sent)
    await context.session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:stem))"), {"stem": stem})
    used = select(func.count()).where(Message.identifier.startswith(stem, autoescape=True))
    number = (await context.session.execute(used)).scalar_one()
    if number >= _IN_A_SECOND:
        raise Unavailable("too-many-at-once", "同一秒内发布的预警太多，请稍后重试。", retry_after=1)
    return f"{stem}{number}"


async def deliver(context: Context, id: UUID) -> tuple[Delivery, Message]:
    """Enter that a message has gone out by a channel, or up to a receiver, level by level (E-3.3b).

    Raises: NotFound, Conflict.
    """
    missing = "没有这项发布或上报，请核对编号。"
    delivery = await db.locked(context.session, Delivery, id, missing)
    message = await context.session.get_one(Message, delivery.message_id)
    bulletin = await context.session.get_one(Bulletin, message.warning_id)
    for area in bulletin.areas:
        context.must_own(Owner(area.get("division")), missing)
    if delivery.done_at is not None:
        raise Conflict("delivered", "已经登记过送达。", clauses=("E-3.3b",))
    below = select(func.count()).where(
        Delivery.message_id == delivery.message_id,
        Delivery.step.between(1, delivery.step - 1),
        Delivery.done_at.is_(None),
    )
    if await context.session.scalar(below):
        raise Conflict("level-by-level", "要逐级上报：请先登记上一级已经收到。", clauses=("E-3.3b",))
    delivery.done_at, delivery.done_by = context.now, context.caller.by
    await context.session.flush()
    context.audit("emergency.warning.delivered", str(id), to=delivery.to)
    return delivery, message
