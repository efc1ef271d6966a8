"""Scope is not enough: whoever a thing does not belong to neither reads nor writes it, whatever its token may.

In the same story, told once for each service as it takes seconds, no write goes without an audit entry, and no sentence
of an answer calls a unit, a client or a field by its English id.
"""

import pytest

from tests.contract.documents import NAMES, operations, secured, service_of
from tests.contract.sentences import reads_as_chinese
from tests.contract.stories import tell

#: What a POST computes and keeps nothing of.
COMPUTED = {("post", "/assessments")}


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
    serve, name
):
    writes = tell(
        serve, name, others=True
    )  # each write is tried as others first, and looked up in the audit after
    assert writes.left <= COMPUTED
    assert writes.others is not None
    for template in readable(name):
        path = writes.found(template)
        if path is not None and "{" in template:
            answer = writes.caller.get(path)
            assert answer.status_code == 200, path
            reads_as_chinese(path, answer)
            writes.others.are_refused("get", template, path)
        elif path is not None:
            reads_as_chinese(path, writes.caller.get(path))
            writes.others.see_nothing_of_others(template)
    for method, path, caller, request in writes.sent:  # what cannot be done twice is refused in Chinese too
        reads_as_chinese(f"{method} {path}", caller.request(method.upper(), path, **request))


def readable(name):
    """The templates of a service's reading operations that ask for nothing but a path."""
    prefix = service_of(name).prefix
    for method, path, operation in operations(name):
        needed = [
            each for each in operation.get("parameters", []) if each["in"] == "query" and each["required"]
        ]
        if method == "get" and not needed:
            yield path.removeprefix(prefix)
