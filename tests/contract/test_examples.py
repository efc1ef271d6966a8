"""The examples of every OpenAPI document are true."""

import re
from collections.abc import Iterator

from tests.contract.documents import bodies, every, in_each_service, scopes_of, service_of


@in_each_service
def test_every_body_has_an_example(name):
    every(name, (f"{method} {path}" for method, path, example in bodies(name) if example is None))


@in_each_service
def test_every_example_is_accepted_by_its_own_operation(name, serve):
    everything = serve(service_of(name)).client(*scopes_of(name))

    def refused() -> Iterator[str]:
        for method, path, example in bodies(name):
            address = re.sub(r"\{[^}]+\}", "00000000-0000-0000-0000-000000000000", path)
            address = address.removeprefix(f"/{name}/v1")
            answer = everything.request(method, address, json=example, headers={"If-Match": "*"})
            if answer.status_code >= 500:
                yield f"{method} {path}: {answer.text}"
            if answer.status_code == 422 and answer.json()["type"].endswith(":invalid-request"):
                errors = [error for error in answer.json()["errors"] if error["pointer"].startswith("/")]
                yield from (f"{method} {path}: {error}" for error in errors)

    every(name, refused())


@in_each_service
def test_the_hotline_s_example_is_taken_by_each_service_with_matters(name, serve):
    service = service_of(name)
    hotline = serve(service).client("dispatch:write")
    [example] = [found for _, path, found in bodies(name) if path.endswith("/dispatch/requests")]
    answer = hotline.post("/dispatch/requests", json=example)
    assert answer.status_code == (201 if service.matters else 422), answer.text
