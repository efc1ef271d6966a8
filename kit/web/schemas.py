"""The schemas of an OpenAPI document as generators of clients need them: unique names, words of JSON Schema alone."""

import re
from typing import Any

Schemas = dict[str, Any]

_REF = "#/components/schemas/"
_GENERIC = re.compile(r"(\w+?)_(\w+)_")
_UPLOAD = re.compile("Body_(.+)")
#: Words of pydantic that stand in a schema where it cannot tell which of a field's alternatives they bound.
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_ONLY_PYDANTIC_S = ("max_digits", "decimal_places", "strict", "allow_inf_nan")
_VALUES = ("example", "examples", "default", "enum", "const")


def tidy(document: dict[str, Any]) -> None:
    """Rename and repair the schemas of a document, where they stand and where they are referred to."""
    schemas: Schemas = document["components"]["schemas"]
    names = {name: _named(name) for name in schemas}
    document["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}
    for name, schema in schemas.items():
        if generic := _GENERIC.fullmatch(name):
            inner = schemas.get(generic[2], {}).get("title", "")
            schema["title"] = f"{schema['title']}{inner}" if inner else schema["title"]
    _repair(document, {_REF + old: _REF + new for old, new in names.items()})


def _named(name: str) -> str:
    """`Page_CompanyOut_` is a page of companies, `CompanyOutPage`; `Body_import_survey` what is uploaded by it."""
    if generic := _GENERIC.fullmatch(name):
        return generic[2] + generic[1]
    if upload := _UPLOAD.fullmatch(name):
        return "".join(word.title() for word in upload[1].split("_")) + "Upload"
    return name


def _repair(node: Any, references: dict[str, str]) -> None:
    if isinstance(node, list):
        for inner in node:
            _repair(inner, references)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        node["$ref"] = references.get(node["$ref"], node["$ref"])
    if "type" in node or "anyOf" in node:
        _repair_words(node)
    for word, inner in node.items():
        if word == "mapping":
            node[word] = {tag: references.get(target, target) for tag, target in inner.items()}
        elif word not in _VALUES or (isinstance(inner, dict) and word == "default"):
            _repair(inner, references)


def _repair_words(schema: Schemas) -> None:
    for word, meant in _BOUNDS.items():
        if isinstance(schema.get(word), int | float):
            schema.setdefault(meant, schema.pop(word))
    for word in (*_BOUNDS, *_ONLY_PYDANTIC_S):
        if not isinstance(schema.get(word), dict):  # a property may be called so
            schema.pop(word, None)
    if "prefixItems" in schema:  # not every generator reads them
        first, *others = schema["prefixItems"]
        different = [first, *(each for each in others if each != first)]
        schema.setdefault("items", first if len(different) == 1 else {"anyOf": different})
