"""Examples of what operations answer, made of what their document says anyhow: nobody writes an answer down by hand.

A field's value is the first that there is: its own example; what the example of a body has for the same thing
(`CompanyIn` for `CompanyOut`), or for a field of the same name and description anywhere; the first of its choices; what
values of its format look like.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

Schema = dict[str, Any]

_REF = "#/components/schemas/"
_EXAMPLES = "#/components/examples/"
_FORMATS = {
    "uuid": "0190a5f2-7c11-7b3e-9a54-3f2d8c6e1b07",
    "date-time": "2024-06-24T09:30:00+08:00",
    "date": "2024-06-24",
    "time": "09:30:00",
    "uri": "https://example.com/events",
}
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
#: How a description of choices begins: `coal 煤矿，fire 消防`.
_CHOICE = re.compile("([a-z][a-z0-9_-]*) [一-鿿]")
#: What one thing is called as it is sent, changed and answered.
_FORM = re.compile("(?<=[a-z])(In|Out|Taken|WithSteps|Change|Edit)$")
_NONE = object()


class Place(NamedTuple):
    """Where a value stands: in which thing, under which name, with which description."""

    thing: str
    field: str
    description: str


def add(document: dict[str, Any]) -> None:
    """Give every answer in JSON that tells of success an example, kept once among the components."""
    known = Known(document["components"]["schemas"])
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    for operation in operations:
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "example" in media:
                known.learn(media["schema"], media["example"])
    made: dict[str, Any] = {}
    for operation in operations:
        for media in _answers(operation):
            name = _name(operation, media["schema"])
            made.setdefault(name, {"summary": "示例", "value": known.example(media["schema"])})
            media["examples"] = {"example": {"$ref": _EXAMPLES + name}}
    document["components"]["examples"] = made


def _answers(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for status, answer in operation["responses"].items():
        for kind, media in answer.get("content", {}).items():
            if status.startswith("2") and kind.endswith("json") and "example" not in media:
                yield media


def _name(operation: dict[str, Any], schema: Schema) -> str:
    """An example is called like the schema of the answer, or like the operation where that has no name."""
    many = schema.get("type") == "array"
    name = (schema["items"] if many else schema).get("$ref", "").removeprefix(_REF)
    return f"{name}List" if name and many else name or str(operation["operationId"])


class Known:
    """What a document's schemas tell of the values of their fields."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self._schemas = schemas
        self._of_things: dict[tuple[str, str], Any] = {}
        self._of_words: dict[tuple[str, str], Any] = {}
        for name, schema in schemas.items():
            for example in schema.get("examples", ()):
                self.learn({"$ref": _REF + name}, example)
        for name, schema in schemas.items():
            for field, about in schema.get("properties", {}).items():
                for example in _own(about):
                    self._keep(Place(_thing(name), field, about.get("description", "")), example)

    def learn(self, schema: Schema, example: Any) -> None:
        """Take in an example of something that has this schema."""
        self._learn(schema, example, Place("", "", ""))

    def example(self, schema: Schema) -> Any:
        """A value that the schema allows."""
        return self._value(schema, Place("", "", ""), ())

    def _learn(self, schema: Schema, example: Any, place: Place) -> None:
        for part, thing in self._parts(schema, place.thing):
            if isinstance(example, list) and "items" in part:
                for each in example:
                    self._learn(part["items"], each, Place(thing, *place[1:]))
            for field, about in part.get("properties", {}).items() if isinstance(example, dict) else ():
                if example.get(field) is not None:
                    inner = Place(thing, field, about.get("description", ""))
                    self._keep(inner, example[field])
                    self._learn(about, example[field], inner)

    def _keep(self, place: Place, example: Any) -> None:
        self._of_things.setdefault((place.thing, place.field), example)
        self._of_words.setdefault((place.field, place.description), example)

    def _parts(self, schema: Schema, thing: str) -> Iterator[tuple[Schema, str]]:
        """The schema, or those of which it is one, and what they are of."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_REF)
            yield from self._parts(self._schemas[name], _thing(name))
        elif choices := _choices(schema):
            for each in choices:
                yield from self._parts(each, thing)
        else:
            yield schema, thing

    def _value(self, schema: Schema, place: Place, within: tuple[str, ...]) -> Any:
        """A value of the schema; `within`: the schemas in which it stands, _NONE where it would stand in itself."""
        if own := _own(schema):
            return own[0]
        if "const" in schema:
            return schema["const"]
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_REF)
            inner = Place(_thing(name), *place[1:])
            if name in within:
                return _NONE
            return self._value(
                self._schemas[name], inner if "properties" in self._schemas[name] else place, (*within, name)
            )
        if choices := _choices(schema):
            values = (self._value(each, place, within) for each in choices if each.get("type") != "null")
            return next((value for value in values if value is not _NONE), None)
        if "properties" in schema:
            return self._object(schema, place.thing, within)
        return self._plain(schema, place, within)

    def _object(self, schema: Schema, thing: str, within: tuple[str, ...]) -> Any:
        made = {
            field: self._value(about, Place(thing, field, about.get("description", "")), within)
            for field, about in schema["properties"].items()
        }
        return {field: value for field, value in made.items() if value is not _NONE}

    def _plain(self, schema: Schema, place: Place, within: tuple[str, ...]) -> Any:
        kind = schema.get("type", "object")
        items = schema.get("items", {})
        if kind == "array" and self._is_of_things(items):
            value = self._value(items, place, within)
            return [] if value is _NONE else [value]
        known = () if "format" in schema else (self._of_things.get(place[:2]), self._of_words.get(place[1:]))
        for found in known:
            if isinstance(found, _KINDS[kind]) and found in schema.get("enum", [found]):
                return found
        if kind == "array":
            return [self._value(each, place, within) for each in schema.get("prefixItems", [items])]
        if kind == "object":
            inner = schema.get("additionalProperties")
            return {"项目": self._value(inner, place, within)} if isinstance(inner, dict) else {}
        return _made_up(schema, kind, place)

    def _is_of_things(self, schema: Schema) -> bool:
        return any("properties" in part for part, _ in self._parts(schema, ""))


def _own(schema: Schema) -> list[Any]:
    """The examples that a field has itself, or one of its alternatives."""
    found = [*schema.get("examples", ())]
    return found or [each for part in schema.get("anyOf", ()) for each in part.get("examples", ())]


def _choices(schema: Schema) -> list[Schema]:
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ())]


def _thing(name: str) -> str:
    return _FORM.sub("", name)


def _made_up(schema: Schema, kind: str, place: Place) -> Any:
    """A value that nothing is known of but its kind."""
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "boolean":
        return bool(schema.get("default", False))
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    choice = _CHOICE.match(place.description)
    return _FORMATS.get(schema.get("format", "")) or (choice[1] if choice else place.description)
