"""Every event that a service tells is a webhook of its document, and says what each of its parts is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kit.events.event import EXERCISE, types_of
from tests.contract.documents import CHINESE, MERGED, NAMES, document, every, in_each_service


def events(name: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(type, webhook, what its schema has besides that of every event)."""
    for type, item in document(name)["webhooks"].items():
        [content] = item["post"]["requestBody"]["content"].values()
        yield type, item["post"], content["schema"]["allOf"][1]


@in_each_service
def test_every_event_that_the_service_tells_is_a_webhook(name):
    told = {f"dispatch.request.{what}" for what in ("taken", "moved", "raised", "alarming")}
    told |= {"webhook.switched-off", "dispatch.pattern.noticed"}
    for path in Path(f"services/{name}").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        told |= set(re.findall(rf'\(\s*\w+,\s*type="({name}\.[a-z._-]+)"', text))
        if "add_register(" in text:
            told.add(f"{name}.register.changed")
    assert document(name)["webhooks"].keys() == told
    assert types_of(name) == told | {EXERCISE + type for type in told}


@in_each_service
def test_an_event_s_schema_says_its_type_and_every_part_in_chinese(name):
    def lacking() -> Iterator[str]:
        for type, webhook, schema in events(name):
            if not CHINESE.search(webhook["summary"]):
                yield type
            if schema["properties"]["type"]["const"] != type:
                yield f"{type}: another type"
            data = schema["properties"]["data"]
            if data["properties"].keys() != set(data["required"]):
                yield f"{type}: something may be missing"
            for part, about in (schema["properties"] | data["properties"]).items():
                if not CHINESE.search(about.get("description", "")):
                    yield f"{type}.{part}"

    every(name, lacking())


@in_each_service
def test_no_two_events_are_called_the_same(name):
    summaries = [webhook["summary"] for _, webhook, _ in events(name)]
    every(name, (each for each in set(summaries) if summaries.count(each) > 1))


def test_every_event_of_every_service_is_a_webhook_of_the_document_of_all():
    told = {type for name in NAMES for type in document(name)["webhooks"]}
    assert document(MERGED)["webhooks"].keys() == told
