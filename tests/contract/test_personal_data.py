"""Personal data that is typed into any text of any write shows nowhere, and is found again by who may see it."""

import pytest

from tests.contract.documents import NAMES, operations
from tests.contract.planting import Planting, told_in
from tests.contract.stories import tell

#: How many texts of its writes a service takes personal data in, at least; a story that plants less tests less.
TEXTS = {"property": 9, "credit": 5, "emergency": 150, "lawstudy": 5, "office": 5}


@pytest.fixture
def planted(request, serve):
    """A service whose story has been told with personal data in every text."""
    writes = tell(serve, request.param, how=Planting)
    assert isinstance(writes, Planting)
    assert len(writes.planted) >= TEXTS[request.param], sorted(writes.planted)
    return writes


@pytest.mark.parametrize("planted", NAMES, indirect=True)
def test_what_was_typed_stands_in_the_clear_in_no_table_no_answer_no_event_and_no_line(planted, capfd):
    running, shown = planted.running, {}
    planted.running.work()
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    for (table,) in running.sql(tables):
        rows = running.sql(f'SELECT t::text FROM "{table}" AS t')
        shown[table] = "\n".join(row for (row,) in rows).encode()
    for path in addresses(planted):
        answer = planted.caller.get(path)
        assert answer.headers["cache-control"] in ("no-store", "private, no-cache"), path
        shown[path] = answer.content
    shown["log"] = capfd.readouterr().out.encode()
    assert {place: told for place, data in shown.items() if (told := told_in(data))} == {}


@pytest.mark.parametrize("planted", ["office"], indirect=True)  # the house's own, the same in every service
def test_the_originals_are_shown_to_who_may_see_them_and_the_look_is_audited(planted):
    running = planted.running
    (subject,) = running.sql("SELECT subjects[1] FROM originals ORDER BY id LIMIT 1")[0]
    name = running.service.name
    answer = running.client(f"{name}:read", "personal:read", name="inspector").get(
        "/originals", params={"subject": subject}
    )
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert all(
        told_in(each["text"].encode()) and not told_in(each["masked"].encode()) for each in answer.json()
    )
    assert running.sql("SELECT subject FROM audit WHERE client = 'inspector'") == [(subject,)]
    assert running.client(f"{name}:read").get(f"/originals?subject={subject}").status_code == 403


def addresses(planted):
    """Every address that the service answers about what was written, but those of a number in full, on the record."""
    prefix = planted.running.service.prefix
    for method, path, operation in operations(planted.running.service.name):
        needed = [
            each for each in operation.get("parameters", []) if each["in"] == "query" and each["required"]
        ]
        found = planted.found(path.removeprefix(prefix))
        if method == "get" and not needed and found is not None and not found.endswith("/phone"):
            yield found
            for each in operation.get("parameters", []):
                if each["name"] == "format":
                    yield from (f"{found}?format={one}" for one in each["schema"].get("enum", ()))
