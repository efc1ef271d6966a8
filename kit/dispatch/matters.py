"""The catalogue of matters (诉求事项): what a service takes, who handles it by when, and what is asked about it. Data."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from kit.context import Context
from kit.dispatch.limits import URGENCIES, Limit
from kit.dispatch.tables import DispatchRequest
from kit.district import reference, units
from kit.district.citations import cite
from kit.web.problems import FieldError, Invalid, Problem

#: What a matter makes of a request that is taken, or given it only then: each kind of thing once, however often it runs for the
#: same request; returns the number of what it became, if anything. It refuses before it records.
Hook = Callable[[Context, DispatchRequest], Awaitable[str | None]]
#: Whether a matter's requests must say where it is.
PLACES = ("optional", "required")


class Earlier(NamedTuple):
    """A limit that was in force until a day, that day included, and its source."""

    until: date
    limit: Limit
    source: str


@dataclass(frozen=True)
class Matter:
    """A kind of request that a service owns.

    unit: id of the unit that handles it, or None when it is the street or town where it happened, which
    handles it on the spot; limit: of the answer; source: where the limit comes from (Chinese); earlier: limits that were
    in force before; details: what may be said in a request's `details` (Chinese); questions: the same as a JSON Schema;
    words: by which the matter is proposed; level: the urgency that its requests have at least; companies: whether a company
    may hand it in for itself, by a token that is limited to it; place: `required` where nobody can act without knowing
    where it is; urgent_if: the questions whose yes makes a request an emergency.
    """

    code: str
    name: str
    unit: str | None
    limit: Limit
    source: str
    clauses: tuple[str, ...]
    taken: Hook | None = None
    details: str | None = None
    questions: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    level: str = "normal"
    group: str | None = None
    earlier: tuple[Earlier, ...] = ()
    companies: bool = False
    place: str = "optional"
    urgent_if: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.level not in URGENCIES:
            raise TypeError(f"no such level: {self.level}")
        if self.place not in PLACES:
            raise TypeError(f"a place is {' or '.join(PLACES)}, not {self.place}")
        if unasked := set(self.urgent_if) - set(self.questions.get("properties", {})):
            raise TypeError(f"no such question: {', '.join(sorted(unasked))}")

    @property
    def handling(self) -> str:
        """`on_the_spot` by the street, or `dispatched` to a unit."""
        return "dispatched" if self.unit else "on_the_spot"

    def level_of(self, details: Mapping[str, Any]) -> str:
        """The urgency that a request has at least, by the matter and by what was answered."""
        return "emergency" if any(details.get(each) is True for each in self.urgent_if) else self.level

    def limit_on(self, day: date) -> Limit:
        """The limit of the answer to what is dispatched on a day."""
        past = sorted(each for each in self.earlier if day <= each.until)
        return past[0].limit if past else self.limit

    def must_fit(self, details: Mapping[str, Any]) -> None:
        """Refuse answers that the questions do not allow.

        Raises: Invalid with a pointer to each.
        """
        if wrong := self._faults(details):
            raise Invalid(
                "answers-do-not-fit",
                f"“{self.name}”要求填写的内容不对，请按事项的 questions 核对。",
                errors=[
                    FieldError(
                        pointer="/".join(("/details", *map(str, each.absolute_path))), reason=_reason(each)
                    )
                    for each in wrong
                ],
                clauses=self.clauses,
            )

    def _faults(self, details: Mapping[str, Any]) -> list[Any]:
        from jsonschema import Draft202012Validator  # here, since a process that starts has no use for it

        return list(Draft202012Validator(dict(self.questions)).iter_errors(dict(details)))

    async def become(self, context: Context, request: DispatchRequest) -> dict[str, Any]:
        """Make of a request that is given this matter only now what it makes of one; returns what the record keeps of that.

        No request is kept from its unit because nothing can be made of it: the record says why. What was answered to
        another matter's questions and does not fit is kept there too, and left out. The request is locked.
        """
        seen: dict[str, Any] = {}
        if self._faults(request.details):
            seen["details"], request.details = request.details, {}
        if self.taken is None:
            return seen
        try:
            async with context.session.begin_nested():
                request.reference = await self.taken(context, request) or request.reference
        except Problem as problem:
            await context.session.refresh(request)
            seen["became_nothing"] = problem.detail
        return seen

    def lacks_place(self, *told: object) -> bool:
        """Whether a request says nothing of where it is, where the place is the matter; told: each part of its place."""
        return self.place == "required" and not any(told)

    def must_be_placed(self, *told: object) -> None:
        """Refuse a request that says nothing of where it is, where the place is the matter; told: each part of its place.

        Raises: Invalid with a pointer to the address.
        """
        if self.lacks_place(*told):
            raise Invalid(
                "place-needed",
                f"“{self.name}”必须说明地点，请填写街道（镇）和地址、小区编号或坐标中的一项。",
                errors=[
                    FieldError(
                        pointer="/address",
                        reason="地点没有填写，请填写街道（镇）和地址、小区编号或坐标中的一项",
                    )
                ],
                clauses=self.clauses,
            )

    def responsible(self, division: str | None) -> str:
        """The id of the unit that handles it in a street or town.

        Raises: Invalid when the street's matter names no street.
        """
        if self.unit is not None:
            return self.unit
        street = units.street(division) if division else None
        if street is None:
            raise Invalid(
                "unknown-street",
                f"“{self.name}”由属地街道（镇）就地办理，请填写本区的街道或镇。",
                errors=[
                    FieldError(pointer="/division", reason="应为本区 12 个街道、3 个镇之一，例如 天骄街道")
                ],
                clauses=self.clauses,
            )
        return street.id


#: What a schema's word asks for, in words that a clerk understands; `{}` is its value.
_REASONS = {
    "required": "缺少必填的内容",
    "enum": "应为以下之一：{}",
    "type": "填写的类型不对，应为 {}",
    "minimum": "不能小于 {}",
    "maximum": "不能大于 {}",
    "maxLength": "不能超过 {} 个字",
    "minLength": "至少 {} 个字",
    "pattern": "格式不对",
    "additionalProperties": "有事项没有要求的内容",
}
_KINDS = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "是或否",
    "array": "列表",
    "object": "对象",
}


def _reason(error: Any) -> str:
    value = error.validator_value
    if error.validator == "required":
        missing = [name for name in value if name not in error.instance]
        return f"缺少 {'、'.join(missing)}，请填写"
    if error.validator == "enum":
        value = "、".join(map(str, value))
    elif error.validator == "type":
        value = _KINDS.get(value, value)
    return _REASONS.get(error.validator, "不符合事项的要求").format(value)


def load_matters(path: Path, hooks: Mapping[str, Hook] | None = None) -> tuple[Matter, ...]:
    """The matters of a service's data/matters.yaml; hooks by matter code.

    Raises: KeyError for an unknown clause or unit, TypeError for an unknown limit or level, SchemaError.
    """
    hooks = hooks or {}
    return tuple(_matter(row, hooks.get(row["code"])) for row in reference.read(path))


def _matter(row: dict[str, Any], hook: Hook | None) -> Matter:
    cite(*row["clauses"])
    limit = Limit(**row["limit"])
    return Matter(
        code=row["code"],
        name=row["name"],
        unit=units.unit(row["unit"]).id if row.get("unit") else None,
        limit=limit,
        source=row["source"],
        clauses=tuple(row["clauses"]),
        taken=hook,
        questions=row.get("questions", {}),
        words=tuple(row.get("words", ())),
        level=row.get("level", _level(limit)),
        group=row.get("group"),
        earlier=tuple(
            Earlier(each["until"], Limit(**each["limit"]), each["source"]) for each in row.get("earlier", ())
        ),
        companies=row.get("companies", False),
        place=row.get("place", "optional"),
        urgent_if=tuple(row.get("urgent_if", ())),
    )


def _level(limit: Limit) -> str:
    """What a limit says of the urgency: within hours, the same day, or later."""
    if limit.natural is not None:
        return "emergency"
    return "urgent" if limit.same_day else "normal"
