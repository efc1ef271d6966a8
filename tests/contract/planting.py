"""Writes whose texts hold personal data, in every field that takes a text."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from itertools import cycle
from typing import Any

from httpx2 import Response

from kit.testing import Client, Running
from tests.contract.documents import document
from tests.contract.others import Others
from tests.contract.writes import Writes

NAME, PHONE = "欧阳无双", "13800001111"
#: What is planted, and what must then stand nowhere: digits without what sets them apart.
TYPED = (
    "13912345678",
    "139 1234 5678",
    "１３９１２３４５６７８",
    "11010519491231002X",
    "0477-8123456",
    "+86 139-1234-5678",
)
NOWHERE = ("13912345678", "11010519491231002X", "04778123456", PHONE, NAME)
#: Where a body names a person, so that the name is known.
NAMES, PHONES = ("reporter_name", "citizen/name"), ("reporter_phone", "citizen/phone", "phone")
#: Another system's keys, by which it finds its own again.
KEYS = ("external_number",)
#: What would make another story of it: an accident under another plan.
TURNS = ("special_plan", "facts/special_plan")
_APART = re.compile(r"[\s\u3000\-－–—()（）]")


class Planting(Writes):
    """Writes with personal data in every text that the document's schemas allow and the service takes."""

    def __init__(self, running: Running, caller: Client, others: Others | None = None) -> None:
        super().__init__(running, caller, others)
        self.document = document(running.service.name)
        self.planted: set[tuple[str, str]] = set()
        self._typed = cycle(TYPED)

    def ask(self, method: str, path: str, caller: Client, **request: Any) -> Response:
        """Send it with texts planted, leaving out those that the service refuses."""
        template = self.operation(method, path)[1]
        plain = request.get("json")
        places = sorted(self._places(method, template, plain)) if plain is not None else []
        while places:
            answer = caller.request(method.upper(), path, **request | {"json": self._with(plain, places)})
            if answer.is_success:
                self.planted |= {(template, place) for place in places}
                return answer
            refused = {error["pointer"].strip("/") for error in answer.json().get("errors", ())}
            kept = [
                place for place in places if not any(f"{place}/".startswith(f"{each}/") for each in refused)
            ]
            places = kept if len(kept) < len(places) else places[:-1]
        return super().ask(method, path, caller, **request)

    def _with(self, plain: Any, places: list[str]) -> Any:
        body = deepcopy(plain)
        named = [place for place in places if place in NAMES]
        for place in places:
            *parents, last = place.split("/")
            held = body
            for parent in parents:
                held = held[int(parent) if isinstance(held, list) else parent]
            last = int(last) if isinstance(held, list) else last
            if place in NAMES:
                held[last] = NAME
            elif place in PHONES:
                held[last] = PHONE
            else:
                before = held[last] if isinstance(held, list) else held.get(last) or ""
                held[last] = f"{before}{NAME if named else '家属'}{next(self._typed)}"
        return body

    def _places(self, method: str, template: str, body: Any) -> Iterator[str]:
        operation = self.document["paths"][self.running.service.prefix + template][method]
        for content in operation["requestBody"]["content"].values():
            yield from self._texts(content["schema"], body, "")

    def _texts(self, schema: dict[str, Any], body: Any, place: str) -> Iterator[str]:
        """Where a body may hold a text of no particular form."""
        for each in schema.get("anyOf", [schema]):
            shape = self._shape(each)
            if shape.get("type") == "string" and not {"enum", "const", "format"} & shape.keys():
                if place not in (*KEYS, *TURNS) and (
                    shape.get("pattern") in (None, r"\S") or place in PHONES
                ):
                    yield place
            elif shape.get("type") == "object" and isinstance(body, dict):
                for name, inner in shape.get("properties", {}).items():
                    yield from self._texts(inner, body.get(name), f"{place}/{name}".strip("/"))
            elif shape.get("type") == "array" and isinstance(body, list):
                for number, item in enumerate(body):
                    yield from self._texts(shape.get("items", {}), item, f"{place}/{number}")

    def _shape(self, schema: dict[str, Any]) -> dict[str, Any]:
        reference = schema.get("$ref", "").removeprefix("#/components/schemas/")
        found: dict[str, Any] = self.document["components"]["schemas"][reference] if reference else schema
        return found


def told_in(data: bytes) -> list[str]:
    """Which planted texts stand in what was answered or written, packed or not."""
    plain = _APART.sub("", unicodedata.normalize("NFKC", _unpacked(data)))
    return [each for each in NOWHERE if each in plain]


def _unpacked(data: bytes) -> str:
    if not data.startswith(b"PK"):
        return data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(_unpacked(archive.read(name)) for name in archive.namelist())
