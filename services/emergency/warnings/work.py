"""What happens to a warning: drafted, issued, adjusted, lifted; every message kept as it was sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit import db
from kit import units as canon
from kit.moves import Moves
from kit.numbers import next_number
from kit.problems import Conflict, FieldError, Forbidden, Invalid, Unavailable
from kit.records import Event, record
from kit.tokens import Caller
from services.emergency import roles
from services.emergency.catalogue import WarningAction, catalogue
from services.emergency.exercise import MARK, exercised
from services.emergency.incidents.rules import Grade
from services.emergency.named_units import streets
from services.emergency.natural_time import local_day
from services.emergency.warnings import cap, rules
from services.emergency.warnings.models import Bulletin, Delivery, Message, WarningTask
from services.emergency.warnings.rules import WARNINGS

MOVES = Moves(*WARNINGS)
#: What our own bulletins need besides, to go out and to end.
OURS = {"expires_at": "失效时间", "channels": "发布方式"}
#: Where in a request each fact of a bulletin stands.
_FIELDS = {"area": "areas"}
#: A tail digit of an identifier tells the messages of one second apart.
_IN_A_SECOND = 10


class WarningEvent(Event, type="emergency.warning"):
    """What every event of a warning carries."""

    number: str
    colour: str
    exercise: bool
    identifier: str


class WarningIssued(WarningEvent, type="emergency.warning.issued"):
    """A warning went out."""


class WarningAdjusted(WarningEvent, type="emergency.warning.adjusted"):
    """A warning was raised, lowered, or says something else."""

    before: str


class WarningLifted(WarningEvent, type="emergency.warning.lifted"):
    """A warning was lifted."""

    reason: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends CAP messages: the sender, the agency's code, and the public page."""

    sender: str
    agency: str
    web: str | None


async def draft(session: AsyncSession, caller: Caller, facts: dict[str, Any], now: datetime) -> Bulletin:
    """Begin a warning; anything but the default may be missing.

    Raises: Forbidden for who may not warn.
    """
    MOVES.check("draft", "revise", caller)
    bulletin = Bulletin(
        id=db.new_id(),
        number=await next_number(session, "EW", local_day(now)),
        created_at=now,
        changed_at=now,
        messages=[],
        tasks=[],
        **_coloured(facts),
    )
    session.add(bulletin)
    await session.flush()
    return bulletin


async def revise(
    session: AsyncSession, caller: Caller, bulletin: Bulletin, facts: dict[str, Any], now: datetime
) -> None:
    """Change a draft. Raises: Conflict once it is issued."""
    bulletin.state = MOVES.check(bulletin.state, "revise", caller).target
    _fill(bulletin, facts, now)
    await session.flush()


async def issue(
    session: AsyncSession, caller: Caller, id: UUID, identity: Identity, now: datetime
) -> Bulletin:
    """Send a warning out (E-3.3b), with the actions of its colour as tasks (E-3.3c).

    Raises: NotFound, Conflict, Forbidden; Invalid naming everything that is missing at once.
    """
    bulletin = await _locked(session, id)
    move = MOVES.check(bulletin.state, "issue", caller)
    _must_cover(caller, bulletin)
    bulletin.issuer, bulletin.issued_at = issuer_of(caller), now
    _must_be_complete(bulletin, now)
    bulletin.state = move.target
    _fill(bulletin, {}, now)
    message = await _send(session, bulletin, "Alert", None, identity, now)
    _ask_for_actions(bulletin)
    await session.flush()
    _tell(session, WarningIssued, bulletin, message, caller, now)
    return bulletin


async def adjust(
    session: AsyncSession,
    caller: Caller,
    id: UUID,
    facts: dict[str, Any],
    reason: str,
    identity: Identity,
    now: datetime,
) -> Bulletin:
    """Raise, lower or reword a warning; only its issuer may (E-3.3d).

    Raises: NotFound, Conflict, Forbidden, Invalid as on issuing.
    """
    bulletin = await _locked(session, id)
    move = MOVES.check(bulletin.state, "adjust", caller)
    _must_be_issuer(caller, bulletin)
    before = bulletin.in_colour
    _fill(bulletin, facts, now)
    _must_cover(caller, bulletin)
    _must_be_complete(bulletin, now)
    bulletin.state = move.target
    message = await _send(session, bulletin, "Update", reason, identity, now)
    _ask_for_actions(bulletin)
    await session.flush()
    _tell(session, WarningAdjusted, bulletin, message, caller, now, before=before)
    return bulletin


async def lift(
    session: AsyncSession, caller: Caller, id: UUID, reason: str, identity: Identity, now: datetime
) -> Bulletin:
    """Lift a warning and stop what it asked for; only its issuer may (谁发布谁解除, E-3.3d).

    Raises: NotFound, Conflict, Forbidden.
    """
    bulletin = await _locked(session, id)
    move = MOVES.check(bulletin.state, "lift", caller)
    _must_be_issuer(caller, bulletin)
    bulletin.state, bulletin.lifted_at, bulletin.lift_reason = move.target, now, reason
    bulletin.changed_at = now
    message = await _send(session, bulletin, "Cancel", reason, identity, now)
    for task in bulletin.tasks:
        if task.state == "open":
            task.state = "stopped"
    await session.flush()
    _tell(session, WarningLifted, bulletin, message, caller, now, reason=reason)
    return bulletin


def missing(bulletin: Bulletin) -> list[str]:
    """What a draft still lacks, in Chinese."""
    return [name for _, name in _missing(bulletin, drafted=bulletin.state == "draft")]


def issuer_of(caller: Caller) -> str | None:
    """The canonical unit that the caller's token names; None where it names none."""
    try:
        return canon.unit(caller.unit).id if caller.unit else None
    except canon.UnknownUnit:
        return None


async def finish_task(
    session: AsyncSession, caller: Caller, id: UUID, note: str | None, now: datetime
) -> WarningTask:
    """Enter that an action is done; its owner may, and whoever warns.

    Raises: NotFound, Forbidden, Conflict.
    """
    task = await db.locked(session, WarningTask, id, "没有这项预警行动，请核对编号。")
    if issuer_of(caller) != task.owner and not caller.may(roles.WARNING):
        raise Forbidden(
            "not-your-task",
            "这项行动由其他单位承担，只能由该单位或指挥部办公室登记办结。",
            clauses=(task.clause,),
        )
    if task.state != "open":
        raise Conflict("not-open", "这项行动已经办结或终止。", clauses=(task.clause,))
    task.state, task.done_at, task.done_by, task.note = "done", now, caller.client, note
    await session.flush()
    return task


async def deliver(session: AsyncSession, caller: Caller, id: UUID, now: datetime) -> tuple[Delivery, bool]:
    """Enter that a message has gone out by a channel, or up to a receiver, level by level (E-3.3b).

    Returns the way and whether it is an exercise's.

    Raises: NotFound, Forbidden, Conflict.
    """
    if not caller.may(roles.WARNING):
        raise Forbidden(
            "not-your-move", f"只有具备 {roles.WARNING} 权限的单位可以登记送达。", clauses=("E-3.3b",)
        )
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
    return delivery, (await session.get_one(Message, delivery.message_id)).exercise


async def _locked(session: AsyncSession, id: UUID) -> Bulletin:
    return await db.locked(session, Bulletin, id, "没有这条预警，请核对编号。")


def _coloured(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts, with the colour that the expected grade calls for where none was chosen (E-3.2b)."""
    if facts.get("colour") is None and facts.get("expected_grade") is not None:
        return facts | {"colour": rules.EXPECTED[Grade(facts["expected_grade"])]}
    return facts


def _fill(bulletin: Bulletin, facts: dict[str, Any], now: datetime) -> None:
    for name, value in _coloured(facts).items():
        setattr(bulletin, name, value)
    bulletin.changed_at = now


def _must_cover(caller: Caller, bulletin: Bulletin) -> None:
    for area in bulletin.areas:
        caller.must_cover(_area_name(area))


def _must_be_issuer(caller: Caller, bulletin: Bulletin) -> None:
    issuer = bulletin.issuer or ""
    if not rules.may_change(issued_by=issuer, caller=issuer_of(caller) or ""):
        raise Forbidden(
            "not-the-issuer",
            f"谁发布谁解除：这条预警由{canon.unit(issuer).name}发布，只能由它调整或解除。",
            clauses=("E-3.3d",),
        )


def _must_be_complete(bulletin: Bulletin, now: datetime) -> None:
    if lacking := _missing(bulletin):
        errors = [
            FieldError(pointer=f"/{_FIELDS.get(key, key)}", reason=f"缺少{name}") for key, name in lacking
        ]
        names = "、".join(name for _, name in lacking)
        raise Invalid(
            "incomplete-warning", f"预警还缺少：{names}。请补齐后再发布。", errors=errors, clauses=("E-3.3b",)
        )
    if bulletin.expires_at is not None and bulletin.expires_at <= now:
        raise Invalid(
            "expired-warning",
            "失效时间已经过去，请改为今后的时间。",
            errors=[FieldError(pointer="/expires_at", reason="不晚于现在")],
        )


def _missing(bulletin: Bulletin, *, drafted: bool = False) -> list[tuple[str, str]]:
    """What a bulletin lacks: (fact, Chinese name). A draft gets its issuer and time on issuing."""
    known: dict[str, object] = {name: getattr(bulletin, _FIELDS.get(name, name)) for name in rules.CONTENT}
    if drafted:
        known |= {"issuer": "later", "issued_at": "later"}
    plan = [(fact, rules.CONTENT[fact]) for fact in rules.missing_content(known)]
    return plan + [(fact, name) for fact, name in OURS.items() if not getattr(bulletin, fact)]


async def _send(
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
        expires=bulletin.expires_at,
        sender_name=issuer,
        headline=f"{mark}{issuer}{verb}{bulletin.accident_type}{bulletin.in_colour.zh}预警",
        description=f"{mark}{bulletin.description}" if bulletin.description else None,
        instruction=f"{mark}{bulletin.measures if kind != 'Cancel' else '预警解除，停止预警行动。'}",
        web=identity.web,
        contact=catalogue().duty_phone.number,
        areas=tuple(map(_area, bulletin.areas)),
    )


def _area_name(area: dict[str, Any]) -> str:
    return canon.unit(area["division"]).name if area.get("division") else "东胜区"


def _area(area: dict[str, Any]) -> cap.Area:
    polygon = tuple((Decimal(point[0]), Decimal(point[1])) for point in area.get("polygon") or ())
    given = area.get("circle")
    circle = cap.Circle(*(Decimal(given[name]) for name in cap.Circle._fields)) if given else None
    return cap.Area(name=_area_name(area), code=area["code"], polygon=polygon, circle=circle)


def _ask_for_actions(bulletin: Bulletin) -> None:
    """Add the actions that are missing, stop those the colour no longer asks for; done ones stay (E-3.3c)."""
    asked = dict(_actions(bulletin))
    known = {(task.action, task.owner): task for task in bulletin.tasks}
    for key, task in known.items():
        if task.state != "done":
            task.state = "open" if key in asked else "stopped"
    for (action_id, owner), action in asked.items():
        if (action_id, owner) not in known:
            bulletin.tasks.append(
                WarningTask(
                    id=db.new_id(),
                    action=action_id,
                    owner=owner,
                    does=action.does,
                    clause=action.clause,
                    if_needed=action.if_needed,
                    state="open",
                )
            )


def _actions(bulletin: Bulletin) -> Iterable[tuple[tuple[str, str], WarningAction]]:
    """Each action of the colour with each unit that it means here."""
    here = bulletin.streets or [street.id for street in streets()]
    meant = {"departments": bulletin.departments or ["departments"], "local-street": here}
    for action in catalogue().actions_of(bulletin.in_colour):
        for owner in action.owners:
            yield from (((action.id, unit), action) for unit in meant.get(owner, [owner]))


def _tell(
    session: AsyncSession,
    kind: type[WarningEvent],
    bulletin: Bulletin,
    message: Message,
    caller: Caller,
    now: datetime,
    **facts: Any,
) -> None:
    """Record an event of a warning, as an exercise's where it is one."""
    event = (exercised(kind) if bulletin.exercise else kind).model_validate(
        {
            "number": bulletin.number,
            "colour": message.colour,
            "exercise": bulletin.exercise,
            "identifier": message.identifier,
            **facts,
        }
    )
    record(session, event, str(bulletin.id), caller, now)
