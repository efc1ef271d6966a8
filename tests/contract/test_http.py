"""Every operation of every service as HTTP expects it: who may act first, HEAD, Allow, kinds of bodies, parameters."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from kit.testing import Client
from kit.web.checks import STREAMED
from tests.contract.documents import (
    NAMES,
    document,
    every,
    in_each_service,
    operations,
    scopes_of,
    secured,
    service_of,
)

NOBODY = "00000000-0000-0000-0000-000000000000"
#: Whatever else may be wrong with a request.
WRONG = {"Content-Type": "text/plain", "Content-Encoding": "gzip", "Idempotency-Key": "k"}


def addresses(name: str) -> Iterator[tuple[str, str, dict]]:
    """(method, address below the service's, operation): parameters filled in with what nobody has."""
    for method, path, operation in operations(name):
        yield method, re.sub(r"\{[^}]+\}", NOBODY, path).removeprefix(f"/{name}/v1"), operation


def kind(answer) -> str:
    return answer.json()["type"].removeprefix("urn:dongsheng:problem:") if answer.content else ""


@pytest.fixture
def running(serve, name):
    return serve(service_of(name))


@pytest.fixture
def everything(running, name) -> Client:
    """Who may do everything."""
    return running.client(*scopes_of(name))


@in_each_service
def test_head_is_answered_wherever_get_is_and_alike(everything, name):
    def unlike() -> Iterator[str]:
        for method, address, _ in addresses(name):
            if method == "get":
                got, head = everything.get(address), everything.request("HEAD", address)
                if head.status_code != got.status_code or head.content:
                    yield f"{address}: {head.status_code}, not {got.status_code}"

    every(name, unlike())


@in_each_service
def test_another_method_is_405_and_allow_names_all_methods_of_the_path(everything, name):
    methods = defaultdict(set)
    for method, address, _ in addresses(name):
        methods[address] |= {"GET", "HEAD"} if method == "get" else {method.upper()}

    def wrong() -> Iterator[str]:
        for address, known in methods.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - known:
                answer = everything.request(method, address)
                if (answer.status_code, set(answer.headers.get("Allow", "").split(", "))) != (405, known):
                    yield f"{method} {address}: {answer.status_code} {answer.headers.get('Allow')}"

    every(name, wrong())


@in_each_service
def test_an_unknown_parameter_is_refused_and_the_nearest_known_one_named(everything, name):
    def wrong() -> Iterator[str]:
        for method, address, operation in addresses(name):
            if not secured(operation):
                continue
            known = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
            for given in ["no_such_thing", *(f"{each}x" for each in known)]:
                answer = everything.request(method, address, params={given: "1"})
                if (answer.status_code, kind(answer)) != (422, "unknown-parameter"):
                    yield f"{method} {address}?{given}: {answer.status_code} {kind(answer)}"
                elif [error["pointer"] for error in answer.json()["errors"]] != [f"?{given}"]:
                    yield f"{method} {address}?{given}: {answer.text}"
                elif given[:-1] in known and given[:-1] not in answer.json()["detail"]:
                    yield f"{method} {address}?{given}: {answer.json()['detail']}"

    every(name, wrong())


@in_each_service
def test_a_parameter_that_says_one_thing_may_not_stand_twice(everything, name):
    def wrong() -> Iterator[str]:
        for method, address, operation in addresses(name):
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query" and parameter["schema"].get("type") != "array":
                    twice = f"{address}?{parameter['name']}=1&{parameter['name']}=1"
                    answer = everything.request(method, twice)
                    if kind(answer) != "unknown-parameter":
                        yield f"{method} {twice}: {answer.status_code} {kind(answer)}"

    every(name, wrong())


@in_each_service
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Type": "text/plain"}, "unsupported-content-type"),
        ({"Content-Type": "application/xml"}, "unsupported-content-type"),
        ({"Content-Encoding": "br"}, "unsupported-encoding"),
        ({"Content-Encoding": "gzip"}, "unsupported-encoding"),
    ],
)
def test_a_body_of_another_kind_is_415(everything, name, headers, expected):
    def wrong() -> Iterator[str]:
        for method, address, operation in addresses(name):
            packed_rows = headers.get("Content-Encoding") == "gzip" and STREAMED in str(operation)
            if "requestBody" in operation and secured(operation) and not packed_rows:
                answer = everything.request(method, address, content=b"{}", headers=headers)
                if (answer.status_code, kind(answer)) != (415, expected):
                    yield f"{method} {address}: {answer.status_code} {kind(answer)}"

    every(name, wrong())


@in_each_service
def test_an_address_with_a_slash_at_its_end_is_none_and_leads_nowhere(everything, name):
    def wrong() -> Iterator[str]:
        for path in {path for _, path, _ in addresses(name)}:
            answer = everything.request("GET", f"{path}/", params={"a": "1"}, follow_redirects=False)
            if answer.status_code != 404 or "Location" in answer.headers:
                yield f"{path}/: {answer.status_code}"

    every(name, wrong())


def test_the_services_are_all_tried():
    assert len(NAMES) == 5
    assert all(document(name)["paths"] for name in NAMES)
