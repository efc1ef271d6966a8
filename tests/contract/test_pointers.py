"""What is wrong in a body is told by JSON pointers (RFC 6901) into the body as it was sent, one for each mistake."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kit.testing import Running
from tests.contract.documents import NAMES as SERVICES
from tests.contract.documents import bodies, every, in_each_service, scopes_of, service_of

NOBODY = "00000000-0000-0000-0000-000000000000"
HEADERS = {"If-Match": "*", "Content-Type": "application/json"}
#: A report of an accident is taken as it is told, without what is no text; an event is signed as it stands.
AS_TOLD = {"/emergency/v1/incidents", "/emergency/v1/incidents/{key}/reports"}
SIGNED = {f"/{name}/v1/events" for name in SERVICES}
#: Names are made one line, in which nothing unseen stands.
NAMES = {"/citizen/name"}


class Told(NamedTuple):
    """What was sent to an operation, and the places in it that its answer names."""

    path: str
    sent: Any
    pointers: list[str]

    @property
    def elsewhere(self) -> bool:
        """Whether a pointer leads nowhere, or one place is told twice."""
        return not set(self.pointers) <= {*places(self.sent)} or len(set(self.pointers)) < len(self.pointers)


@in_each_service
def test_every_pointer_is_a_place_in_the_body_and_told_once(name, serve):
    told = sent_wrong(name, serve, lambda value: {"a b": [value]})
    every(name, (f"{each.path}: {each.pointers} in {each.sent}" for each in told if each.elsewhere))


@in_each_service
def test_a_control_character_is_refused_at_its_place_in_every_text(name, serve):
    def wrong() -> Iterator[str]:
        for each in sent_wrong(
            name, serve, lambda value: value + "\x00" if isinstance(value, str) else value
        ):
            if each.elsewhere:
                yield f"{each.path}: {each.pointers}"
            if each.path not in AS_TOLD | SIGNED:
                yield from (
                    f"{each.path}{place}" for place in texts(each.sent) if not named(place, each.pointers)
                )

    every(name, wrong())


def named(place: str, pointers: list[str]) -> bool:
    return place in NAMES or any(f"{place}/".startswith(f"{pointer}/") for pointer in pointers)


def sent_wrong(name: str, serve: Callable[..., Running], how: Callable[[Any], Any]) -> Iterator[Told]:
    """Every body of a service with all that stands in it put wrong, and what was said of it."""
    everything = serve(service_of(name)).client(*scopes_of(name))
    for method, path, example in bodies(name):
        sent = spoiled(example, how)
        address = re.sub(r"\{[^}]+\}", NOBODY, path).removeprefix(f"/{name}/v1")
        answer = everything.request(method, address, content=json.dumps(sent), headers=HEADERS)
        assert answer.status_code < 500, f"{method} {path}: {answer.text}"
        said = answer.json() if answer.content else {}
        pointers = [each["pointer"] for each in said.get("errors", ())]
        # What could not be read of a report is kept as it was told.
        unread = [f"/{each['field']}" for each in said.get("unread", ())]
        yield Told(path, sent, [*(each for each in pointers if each.startswith("/")), *unread])


def spoiled(value: Any, how: Callable[[Any], Any]) -> Any:
    """A value with all that stands in it, and holds nothing else, put wrong."""
    if isinstance(value, dict) and value:
        return {name: spoiled(inner, how) for name, inner in value.items()}
    if isinstance(value, list) and value:
        return [spoiled(inner, how) for inner in value]
    return how(value)


def places(value: Any, place: str = "") -> Iterator[str]:
    """Every place of a value, as a pointer."""
    yield place or "/"
    for key, inner in inside(value):
        yield from places(inner, f"{place}/{key.replace('~', '~0').replace('/', '~1')}")


def texts(value: Any, place: str = "") -> Iterator[str]:
    """The place of every text of a value."""
    if isinstance(value, str):
        yield place
    for key, inner in inside(value):
        yield from texts(inner, f"{place}/{key}")


def inside(value: Any) -> list[tuple[str, Any]]:
    """What stands in a value, by its name or number."""
    if isinstance(value, dict):
        return [*value.items()]
    return [(str(number), inner) for number, inner in enumerate(value)] if isinstance(value, list) else []
