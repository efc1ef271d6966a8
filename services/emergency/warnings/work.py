"""What happens to a warning: drafted, issued, adjusted, lifted; every message kept as it was sent."""

from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, cast, false, func, true
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from kit.context import Context
from kit.district import units as canon
from kit.district.named_units import streets, unit_of
from kit.events.event import Event, exercised
from kit.storage import db
from kit.storage.numbers import next_number
from kit.web.caller import Caller
from kit.web.ownership import Owner
from kit.web.problems import FieldError, Forbidden, Invalid, NotFound
from kit.web.registers import must_exist
from services.emergency.assignments.work import ask, stop_all
from services.emergency.case.numbers import must_be_incident
from services.emergency.company_warnings.models import CompanyWarning
from services.emergency.plan import warnings as rules
from services.emergency.plan.accidents.grading import Grade
from services.emergency.plan.catalogue import WarningAction, catalogue
from services.emergency.plan.roles import WARNING
from services.emergency.plan.warnings import WARNINGS, Colour
from services.emergency.settings import EmergencySettings
from services.emergency.warnings.messages import send
from services.emergency.warnings.models import Bulletin

NONE = "没有这条预警，请核对编号。"
#: An area that is not the street itself: another one, or the whole district.
_ELSEWHERE = cast("$[*] ? (@.division != $street || !exists(@.division))", JSONPATH)
#: What our own bulletins need besides, to go out and to end.
OURS = {"expires_at": "失效时间", "channels": "发布方式"}
#: Where in a request each fact of a bulletin stands.
_FIELDS = {"area": "areas"}


class WarningEvent(Event):
    """What every event of a warning carries."""

    number: str = Field(description="预警编号")
    colour: str = Field(description="预警颜色")
    exercise: bool = Field(description="是否演练")
    identifier: str = Field(description="预警信息在 CAP 中的标识")


class WarningIssued(WarningEvent, type="emergency.warning.issued", title="发布预警"):
    """A warning went out."""


class WarningAdjusted(WarningEvent, type="emergency.warning.adjusted", title="调整预警"):
    """A warning was raised, lowered, or says something else."""

    before: str = Field(description="调整前的颜色")


class WarningLifted(WarningEvent, type="emergency.warning.lifted", title="解除预警"):
    """A warning was lifted."""

    reason: str = Field(description="解除的理由")


def owns(context: Context, bulletin: Bulletin) -> bool:
    """Whether the caller may draft and issue for every area of a warning; one without an area is the district's."""
    areas = bulletin.areas or [{}]
    return all(context.owns(Owner(area.get("division"))) for area in areas)


def own_drafts(caller: Caller) -> ColumnElement[bool]:
    """The drafts that a caller may see: of whoever issues warnings, and of a street those for itself alone."""
    if not caller.may(WARNING) or caller.company is not None:
        return false()
    if caller.division is None:
        return true()
    mine = cast({"street": canon.unit(caller.division).id}, JSONB)
    return (func.jsonb_array_length(Bulletin.areas) > 0) & ~func.jsonb_path_exists(
        Bulletin.areas, _ELSEWHERE, mine
    )


async def locked(context: Context, id: UUID) -> Bulletin:
    """A warning to be written to, of a caller whose it is.

    Raises: NotFound.
    """
    bulletin = await db.locked(context.session, Bulletin, id, NONE)
    if not owns(context, bulletin):
        raise NotFound("not-found", NONE)
    return bulletin


async def draft(context: Context, facts: dict[str, Any]) -> Bulletin:
    """Begin a warning; anything but the default may be missing."""
    number = await next_number(context.session, "EW", context.today)
    bulletin = Bulletin(id=db.new_id(), number=number, state="draft", messages=[])
    await _write(context, bulletin, facts, "drafted")
    return bulletin


async def revise(context: Context, bulletin: Bulletin, facts: dict[str, Any]) -> None:
    """Change a draft. Raises: Conflict once it is issued."""
    bulletin.state = WARNINGS.check(bulletin.state, "revise", context.caller).target
    await _write(context, bulletin, facts, "revised")


async def _write(context: Context, bulletin: Bulletin, facts: dict[str, Any], done: str) -> None:
    await _must_belong(context, facts, exercise=facts["exercise"])
    _fill(bulletin, facts)
    _must_cover(context, bulletin)
    context.session.add(bulletin)
    await context.session.flush()
    context.audit(f"emergency.warning.{done}", str(bulletin.id), number=bulletin.number)


async def issue(context: Context, id: UUID, settings: EmergencySettings) -> Bulletin:
    """Send a warning out (E-3.3b), with the actions of its colour as tasks (E-3.3c).

    Raises: NotFound, Conflict, Forbidden; Invalid naming everything that is lacking at once.
    """
    bulletin = await locked(context, id)
    bulletin.state = WARNINGS.check(bulletin.state, "issue", context.caller).target
    bulletin.issuer, bulletin.issued_at = unit_of(context.caller), context.now
    _must_be_fit(context, bulletin)
    await send(context, bulletin, "Alert", None, settings)
    await ask(context, bulletin, _wanted(bulletin))
    return _tell(context, bulletin, WarningIssued)


async def adjust(
    context: Context, id: UUID, facts: dict[str, Any], reason: str, settings: EmergencySettings
) -> Bulletin:
    """Raise, lower or reword a warning; only its issuer may (E-3.3d). facts: what changes; the rest stays.

    Raises: NotFound, Conflict, Forbidden, Invalid as on issuing.
    """
    bulletin = await locked(context, id)
    bulletin.state = WARNINGS.check(bulletin.state, "adjust", context.caller).target
    _must_be_issuer(context.caller, bulletin)
    await _must_belong(context, facts, exercise=bulletin.exercise)
    before = bulletin.in_colour
    _fill(bulletin, facts)
    _must_agree(bulletin)
    _must_be_fit(context, bulletin)
    await send(context, bulletin, "Update", reason, settings)
    await ask(context, bulletin, _wanted(bulletin))
    return _tell(context, bulletin, WarningAdjusted, before=before)


async def lift(context: Context, id: UUID, reason: str, settings: EmergencySettings) -> Bulletin:
    """Lift a warning and stop what it asked for; only its issuer may (谁发布谁解除, E-3.3d).

    Raises: NotFound, Conflict, Forbidden.
    """
    bulletin = await locked(context, id)
    move = WARNINGS.check(bulletin.state, "lift", context.caller)
    _must_be_issuer(context.caller, bulletin)
    bulletin.state, bulletin.lifted_at, bulletin.lift_reason = move.target, context.now, reason
    await send(context, bulletin, "Cancel", reason, settings)
    await stop_all(context, bulletin)
    return _tell(context, bulletin, WarningLifted, reason=reason)


def lacking(bulletin: Bulletin) -> list[str]:
    """What a bulletin still lacks, in Chinese. A draft gets its issuer and time on issuing."""
    later = {"issuer", "issued_at"} if bulletin.state == "draft" else ()
    return [name for fact, name in _lacking(bulletin) if fact not in later]


def _lacking(bulletin: Bulletin) -> list[tuple[str, str]]:
    """What a bulletin lacks: (fact, Chinese name)."""
    known = {name: getattr(bulletin, _FIELDS.get(name, name)) for name in rules.CONTENT}
    plan = [(fact, rules.CONTENT[fact]) for fact in rules.lacking_content(known)]
    return plan + [(fact, name) for fact, name in OURS.items() if not getattr(bulletin, fact)]


def _wanted(bulletin: Bulletin) -> list[tuple[WarningAction, str]]:
    """Each action of the colour with each unit that it means here (E-3.3c)."""
    here: list[Any] = [area.get("division") for area in bulletin.areas]
    if None in here:  # the whole district
        here = [street.id for street in streets()]
    meant = {"departments": bulletin.departments or ["departments"], "local-street": here}
    return [
        (action, unit)
        for action in catalogue().actions_of(bulletin.in_colour)
        for owner in action.owners
        for unit in meant.get(owner, [owner])
    ]


async def _must_belong(context: Context, facts: dict[str, Any], *, exercise: bool) -> None:
    """What a warning names must be there, and be an exercise's where it is one."""
    await must_be_incident(context.session, facts.get("incident"), exercise=exercise)
    caused_by = facts.get("company_warning_id")
    await must_exist(context.session, CompanyWarning, caused_by, "/company_warning_id", "企业预警")


def _fill(bulletin: Bulletin, facts: dict[str, Any]) -> None:
    """Enter the facts; where no colour was chosen, the one that the expected grade calls for (E-3.2b)."""
    for name, value in facts.items():
        setattr(bulletin, name, value)
    if bulletin.colour is None and bulletin.expected_grade is not None:
        bulletin.colour = rules.EXPECTED[Grade(bulletin.expected_grade)]


def _must_agree(bulletin: Bulletin) -> None:
    """Refuse a change that contradicts what stays."""
    expected = Grade(bulletin.expected_grade) if bulletin.expected_grade else None
    colour = Colour(bulletin.colour) if bulletin.colour else None
    if wrong := rules.contradiction(bulletin.starts_at, bulletin.expires_at, colour, expected):
        fact, reason = wrong
        raise Invalid("invalid-request", reason, errors=[FieldError(pointer=f"/{fact}", reason=reason)])


def _must_be_issuer(caller: Caller, bulletin: Bulletin) -> None:
    issuer = bulletin.issuer or ""
    if not rules.may_change(issued_by=issuer, caller=unit_of(caller) or ""):
        raise Forbidden(
            "not-the-issuer",
            f"谁发布谁解除：这条预警由{canon.unit(issuer).name}发布，只能由它调整或解除。",
            clauses=("E-3.3d",),
        )


def _must_cover(context: Context, bulletin: Bulletin) -> None:
    for area in bulletin.areas or [{}]:
        context.must_cover(area.get("division"))


def _must_be_fit(context: Context, bulletin: Bulletin) -> None:
    """Refuse what cannot go out: for another's street, with something lacking, or past its end."""
    _must_cover(context, bulletin)
    if found := _lacking(bulletin):
        raise Invalid(
            "incomplete-warning",
            f"预警还缺少：{'、'.join(name for _, name in found)}。请补齐后再发布。",
            errors=[
                FieldError(pointer=f"/{_FIELDS.get(fact, fact)}", reason=f"缺少{name}")
                for fact, name in found
            ],
            clauses=("E-3.3b",),
        )
    if bulletin.expires_at is not None and bulletin.expires_at <= context.now:
        raise Invalid(
            "expired-warning",
            "失效时间已经过去，请改为今后的时间。",
            errors=[FieldError(pointer="/expires_at", reason="不晚于现在")],
        )


def _tell(context: Context, bulletin: Bulletin, kind: type[WarningEvent], **facts: Any) -> Bulletin:
    """Record an event of a warning, as an exercise's where it is one; returns the warning."""
    message = bulletin.messages[-1]
    kind = exercised(kind) if bulletin.exercise else kind
    event = kind(
        number=bulletin.number,
        colour=message.colour,
        exercise=bulletin.exercise,
        identifier=message.identifier,
        **facts,
    )
    context.record(event, str(bulletin.id))
    return bulletin
