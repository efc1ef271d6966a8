"""What happens to a warning: drafted, issued, adjusted, lifted; every message kept as it was sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kit.audit.auditing import audit
from kit.district import units as canon
from kit.district.named_units import unit_of
from kit.district.natural_time import local_day
from kit.events.event import Event, record
from kit.storage import db
from kit.storage.numbers import next_number
from kit.web.problems import FieldError, Forbidden, Invalid
from kit.web.tokens import Caller
from services.emergency.case.exercise import exercised
from services.emergency.case.numbers import must_be_incident
from services.emergency.plan import warnings as rules
from services.emergency.plan.grading import Grade
from services.emergency.plan.warnings import WARNINGS
from services.emergency.plan_moves import PlanMoves
from services.emergency.register import must_exist
from services.emergency.warnings.company import CompanyWarning
from services.emergency.warnings.messages import Identity, area_name, send
from services.emergency.warnings.models import Bulletin, Message
from services.emergency.warnings.tasks import ask_for_actions

MOVES = PlanMoves(
    WARNINGS,
    states_zh={
        "draft": "预警尚未发布",
        "issued": "预警已发布",
        "adjusted": "预警已调整",
        "lifted": "预警已解除",
    },
    actions_zh={"revise": "修改草稿", "issue": "发布", "adjust": "调整", "lift": "解除"},
)
#: What our own bulletins need besides, to go out and to end.
OURS = {"expires_at": "失效时间", "channels": "发布方式"}
#: Where in a request each fact of a bulletin stands.
_FIELDS = {"area": "areas"}


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


async def draft(session: AsyncSession, caller: Caller, facts: dict[str, Any], now: datetime) -> Bulletin:
    """Begin a warning; anything but the default may be missing.

    Raises: Forbidden for who may not warn.
    """
    MOVES.check("draft", "revise", caller)
    await _must_belong(session, facts, exercise=facts["exercise"])
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
    audit(session, "emergency.warning.drafted", str(bulletin.id), caller, now, {"number": bulletin.number})
    return bulletin


async def revise(
    session: AsyncSession, caller: Caller, bulletin: Bulletin, facts: dict[str, Any], now: datetime
) -> None:
    """Change a draft. Raises: Conflict once it is issued."""
    bulletin.state = MOVES.check(bulletin.state, "revise", caller).target
    await _must_belong(session, facts, exercise=facts["exercise"])
    _fill(bulletin, facts, now)
    await session.flush()
    audit(session, "emergency.warning.revised", str(bulletin.id), caller, now, {"number": bulletin.number})


async def issue(
    session: AsyncSession, caller: Caller, id: UUID, identity: Identity, now: datetime
) -> Bulletin:
    """Send a warning out (E-3.3b), with the actions of its colour as tasks (E-3.3c).

    Raises: NotFound, Conflict, Forbidden; Invalid naming everything that is missing at once.
    """
    bulletin = await _locked(session, id)
    move = MOVES.check(bulletin.state, "issue", caller)
    _must_cover(caller, bulletin)
    bulletin.issuer, bulletin.issued_at = unit_of(caller), now
    _must_be_complete(bulletin, now)
    bulletin.state = move.target
    _fill(bulletin, {}, now)
    message = await send(session, bulletin, "Alert", None, identity, now)
    ask_for_actions(bulletin)
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
    await _must_belong(session, facts, exercise=bulletin.exercise)
    before = bulletin.in_colour
    _fill(bulletin, facts, now)
    _must_cover(caller, bulletin)
    _must_be_complete(bulletin, now)
    bulletin.state = move.target
    message = await send(session, bulletin, "Update", reason, identity, now)
    ask_for_actions(bulletin)
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
    message = await send(session, bulletin, "Cancel", reason, identity, now)
    for task in bulletin.tasks:
        if task.state == "open":
            task.state = "stopped"
    await session.flush()
    _tell(session, WarningLifted, bulletin, message, caller, now, reason=reason)
    return bulletin


def missing(bulletin: Bulletin) -> list[str]:
    """What a draft still lacks, in Chinese."""
    return [name for _, name in _missing(bulletin, drafted=bulletin.state == "draft")]


async def _locked(session: AsyncSession, id: UUID) -> Bulletin:
    return await db.locked(session, Bulletin, id, "没有这条预警，请核对编号。")


async def _must_belong(session: AsyncSession, facts: dict[str, Any], *, exercise: bool) -> None:
    """What a warning names must be there, and be an exercise's where it is one."""
    await must_be_incident(session, facts["incident"], exercise=exercise)
    await must_exist(
        session, CompanyWarning, facts.get("company_warning_id"), "/company_warning_id", "企业预警"
    )


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
        caller.must_cover(area_name(area))


def _must_be_issuer(caller: Caller, bulletin: Bulletin) -> None:
    issuer = bulletin.issuer or ""
    if not rules.may_change(issued_by=issuer, caller=unit_of(caller) or ""):
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
