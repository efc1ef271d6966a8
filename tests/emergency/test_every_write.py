"""What holds for every write, from what the API's own documentation says of it."""

import pytest

from services.emergency.app import service
from tests.emergency.conftest import EVERY_ROLE

AHEAD = "2024-06-24T09:36:00+08:00"
#: Forms that are taken as they are told, whatever is wrong with a field.
AS_TOLD = ("/incidents", "/incidents/{key}/reports")
#: Times that are of the future by their nature.
PLANNED = {"starts_at", "expires_at"}
PLACES = {
    "{id}": "01990000-0000-7000-8000-000000000000",
    "{deadline}": "upward-region",
    "{hop}": "headquarters-to-city",
    "{version}": "1",
    "{seq}": "1",
}


def times(document: dict) -> list[tuple[str, str, dict]]:
    """(path, field, example) of every time that a POST takes, nested ones as `outer/inner`."""
    found = []
    for path, methods in document["paths"].items():
        for parameter in methods.get("post", {}).get("parameters", ()):
            if parameter["name"] == "action":
                path = path.replace("{action}", parameter["schema"]["enum"][0])
        body = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if body is None or "/dispatch/" in path or "/alarms/" in path:  # as told, of a request: tested there
            continue
        schema = resolved(document, body["schema"])
        example = schema["examples"][0]
        for name, field in schema["properties"].items():
            if is_time(field):
                found.append((path, name, example))
            for inner, below in resolved(document, field).get("properties", {}).items():
                if is_time(below):
                    found.append((path, f"{name}/{inner}", example))
    return [each for each in found if each[1] not in PLANNED]


def resolved(document: dict, schema: dict) -> dict:
    return document["components"]["schemas"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema


def is_time(field: dict) -> bool:
    return any(each.get("format") == "date-time" for each in (field, *field.get("anyOf", ())))


def told(example: dict, field: str) -> dict:
    outer, _, inner = field.partition("/")
    return example | {outer: {inner: AHEAD} if inner else AHEAD}


@pytest.mark.clause("E-4.1a")
def test_every_time_told_too_far_ahead_is_pointed_at(emergency):
    incident = emergency.report().split("/")[-1]
    boss = emergency.role(*EVERY_ROLE, unit="emergency-headquarters-office")
    asked = times(boss.get("/openapi.json").json())
    assert len(asked) > 20

    for path, field, example in asked:
        place = path.removeprefix(service.prefix)
        for part, value in PLACES.items() | {("{key}", incident)}:
            place = place.replace(part, value)
        refused = boss.post(place, json=told(example, field))
        if path.removeprefix(service.prefix) in AS_TOLD:
            unread = (refused.json().get("report") or refused.json())["unread"]
            assert field.split("/")[-1] in [each["field"] for each in unread], (path, field, refused.text)
            continue
        assert refused.status_code == 422, (path, field, refused.text)
        assert [each["pointer"] for each in refused.json()["errors"]] == [f"/{field}"], (path, refused.text)


@pytest.mark.clause("E-4.1e")
def test_nothing_is_written_into_a_closed_file(emergency):
    incident = emergency.report()
    emergency.move(emergency.office, f"{incident}/close", accident=False, reason="误报")
    boss = emergency.role(*EVERY_ROLE, unit="emergency-headquarters-office")
    before = emergency.duty.get(f"{incident}/timeline/verify").json()
    document = boss.get("/openapi.json").json()

    tried = 0
    for path, methods in document["paths"].items():
        if "post" not in methods or "/incidents/{key}/" not in path or path.endswith(("/reopen", "/part")):
            continue
        content = methods["post"].get("requestBody", {}).get("content", {})
        body = content.get("application/json")
        told = {"json": resolved(document, body["schema"])["examples"][0] if body else {}}
        if "multipart/form-data" in content:
            told = {"files": {"file": ("井口.jpg", b"photo")}, "data": {"about": "井口"}}
        place = path.removeprefix(service.prefix).replace("/incidents/{key}", incident)
        for part, value in PLACES.items():
            place = place.replace(part, value)
        refused = boss.post(place, **told)
        assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (409, "incident-closed"), path
        tried += 1
    assert tried > 25
    assert emergency.duty.get(f"{incident}/timeline/verify").json() == before
