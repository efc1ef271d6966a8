"""Scope is not enough: whoever a thing does not belong to neither reads nor writes it, whatever its token may.

In the same story, told once for each service as it takes seconds, no write goes without an audit entry, and no sentence
of an answer calls a unit, a client or a field by its English id.
"""

from urllib.parse import urlencode

import pytest

from tests.contract.documents import NAMES, operations, secured, service_of
from tests.contract.sentences import reads_as_chinese
from tests.contract.stories import tell

#: What a POST computes and keeps nothing of.
COMPUTED = {("post", "/assessments")}
#: What has a parameter and is a list, of which each caller sees a part.
LISTS = ("/duties/{duty}",)


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_that_asks_for_a_token_says_whose_the_thing_is(name):
    silent = [
        f"{method} {path}"
        for method, path, operation in operations(name)
        if secured(operation) and "x-whose" not in operation
    ]
    assert silent == []


@pytest.mark.parametrize("name", NAMES)
def test_every_write_is_audited_and_nobody_reads_or_writes_what_is_another_street_s_company_s_unit_s_or_client_s(
    serve, door, name
):
    writes = tell(
        serve, name, door=door
    )  # each write is tried as others first, and looked up in the audit after
    assert writes.left <= COMPUTED
    assert writes.others is not None
    for template, query in readable(name):
        path = writes.found(template)
        assert path is not None, template
        answer = writes.caller.get(path + query)
        assert answer.status_code == 200, f"{path}{query}: {answer.text}"
        reads_as_chinese(path, answer)
        if "{" in template and template not in LISTS:
            writes.others.are_refused("get", template, path + query)
        else:
            writes.others.see_nothing_of_others(template, path + query)
    assert writes.others.not_tried() == []
    for method, path, caller, request in writes.sent:  # what cannot be done twice is refused in Chinese too
        reads_as_chinese(f"{method} {path}", caller.request(method.upper(), path, **request))


def readable(name):
    """The templates of a service's reading operations, each with the query that it needs."""
    prefix = service_of(name).prefix
    for method, path, operation in operations(name):
        needed = {
            each["name"]: (each["schema"].get("examples") or each["schema"]["enum"])[0]
            for each in operation.get("parameters", [])
            if each["in"] == "query" and each["required"]
        }
        if method == "get":
            yield path.removeprefix(prefix), f"?{urlencode(needed)}" if needed else ""
