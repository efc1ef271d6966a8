"""What goes in and out of endpoints: a shape says what it is in its class line.

    class ReasonIn(Body, title="理由", example={"reason": "顶板有二次垮落征兆"}):
        reason: Text = Field(description="理由")

    class RouteOut(Grounded, title="信息报送路线", clauses=("E-4.1c", "E-A2")):
        hops: list[HopOut] = Field(description="报送环节")

Rows become an answer by `RouteOut.of(row, incident, …)`. The docstring of a shape is for engineers and gives its Chinese
term; users read its title and the descriptions of its fields.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Self, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema

from kit.district.citations import Basis, cite
from kit.web.kinds import SOMETHING, strict, written

#: A name, a sentence or a paragraph that somebody types.
Name = Annotated[
    str, Field(min_length=1, max_length=200, json_schema_extra=SOMETHING), AfterValidator(written)
]
Text = Annotated[
    str, Field(min_length=1, max_length=5000, json_schema_extra=SOMETHING), AfterValidator(written)
]


class Choice(StrEnum):
    """One of a list of values, each with its Chinese: `COAL = "coal", "煤矿"`."""

    zh: str

    def __new__(cls, value: str, zh: str = "") -> Self:
        """The value, as JSON and rows hold it, and what people read."""
        made = str.__new__(cls, value)
        made._value_, made.zh = value, zh
        return made


def choices(kind: type[Choice]) -> str:
    """The values with their Chinese, for a description: `coal 煤矿，fire 消防`."""
    return "，".join(f"{each} {each.zh}" for each in kind)


_NONE = object()


@dataclass(frozen=True, slots=True)
class ShownAs:
    """In the annotation of what is entered: the annotation of what answers show of it."""

    annotation: Any


def shown(annotation: Any) -> Any:
    """The annotation by which answers show what is entered, within unions and lists too."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        told = [each.annotation for each in parts[1:] if isinstance(each, ShownAs)]
        return told[-1] if told else shown(parts[0])  # bounds of what is entered are nothing to an answer
    if origin is None or origin is Literal:
        return annotation
    return (Union if origin is UnionType else origin)[tuple(shown(part) for part in parts)]


class Shape(BaseModel):
    """What every shape has: an example in its class line."""

    def __init_subclass__(cls, *, example: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # What a subclass adds is no longer what the example of its base shows.
        cls.model_config["json_schema_extra"] = {"examples": [example]} if example is not None else None


class Body(Shape, extra="forbid"):
    """What a caller sends: a field that is unknown is refused, and so is a value of another kind."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        made: CoreSchema = strict(handler(source))
        return made


class Answer(Shape, from_attributes=True, json_schema_serialization_defaults_required=True):
    """What a caller gets."""

    @classmethod
    def of(cls, *rows: object, **more: Any) -> Self:
        """The rows as an answer: each field from the first row that has it; `more` are those that no row has."""
        own = more
        for name in cls.__pydantic_fields__.keys() - more.keys():
            for row in rows:
                value = getattr(row, name, _NONE)
                if value is not _NONE:
                    own[name] = value
                    break
        return cls(**own)


class Grounded(Answer):
    """An answer that names the clauses it rests on: those of its class line, or of the row itself."""

    clauses: ClassVar[tuple[str, ...]] = ()

    basis: Basis

    def __init_subclass__(cls, *, clauses: tuple[str, ...] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if clauses is not None:
            cls.clauses = clauses

    @model_validator(mode="before")
    @classmethod
    def _cited(cls, given: Any) -> Any:
        if isinstance(given, dict) and "basis" not in given:
            return {"basis": cite(*cls.clauses), **given}
        return given

    @classmethod
    def of(cls, *rows: object, **more: Any) -> Self:
        """The rows as an answer; it rests on the clause of the first row that has one of its own."""
        clause = next((found for row in rows if (found := getattr(row, "clause", None))), None)
        return super().of(*rows, **({"basis": cite(clause)} if clause else {}) | more)
