"""The gateway's own operations as HTTP expects them, like those of the services."""

import re

import pytest

METHODS = ("get", "post", "put", "patch", "delete")
NUMBER = "DS-PQ-20240624-0001"


@pytest.fixture
def door(gateway, dead_address):
    return gateway(property=dead_address)


@pytest.fixture
def own(door):
    """(method, address, operation) of each of the gateway's operations."""
    paths = door.http.get("/openapi.json").json()["paths"]
    found = [
        (method, re.sub(r"\{number\}", NUMBER, path).replace("{action}", "accept"), item[method])
        for path, item in paths.items()
        for method in METHODS
        if method in item
    ]
    assert len(found) >= 7
    return found


def kind(answer):
    return answer.json()["type"].removeprefix("urn:dongsheng:problem:")


def every(wrong):
    assert not wrong, "; ".join(wrong)


def test_an_unknown_parameter_is_refused_and_the_nearest_known_one_named(door, own):
    wrong = []
    for method, address, operation in own:
        known = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
        token = door.bearer("dispatch:read", "dispatch:write", "property:write")
        for given in ["no_such_thing", *(f"{each}x" for each in known)]:
            answer = door.http.request(method.upper(), address, params={given: "1"}, headers=token)
            near = given[:-1] in known
            named = not near or given[:-1] in answer.json()["detail"]
            if (answer.status_code, kind(answer), named) != (422, "unknown-parameter", True):
                wrong.append(f"{method} {address}?{given}: {answer.text}")
    every(wrong)


def test_who_may_not_act_learns_nothing_else(door, own):
    headers = door.bearer("another:scope") | {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    found = [
        (method, address, door.http.request(method.upper(), f"{address}?x=1", content=b"{", headers=headers))
        for method, address, operation in own
        if [scope for each in operation.get("security", []) for scopes in each.values() for scope in scopes]
    ]
    assert found
    every(
        [
            f"{method} {address}: {answer.text}"
            for method, address, answer in found
            if answer.status_code != 403
        ]
    )


def test_another_method_is_405_and_allow_names_all_methods_of_the_path(door, own):
    methods = {}
    for method, address, _ in own:
        methods.setdefault(address, set()).update({"GET", "HEAD"} if method == "get" else {method.upper()})
    for address in ("/docs", "/redoc", "/openapi.json", "/metrics", "/health/live", "/health/ready"):
        methods[address] = {"GET", "HEAD"}
    for address, known in methods.items():
        for method in {"GET", "PUT", "PATCH", "DELETE", "OPTIONS"} - known:
            answer = door.request(method, address)
            assert answer.status_code == 405, address
            assert set(answer.headers["Allow"].split(", ")) == known, address


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/redoc",
        "/docs/assets/favicon.png",
        "/openapi.json",
        "/metrics",
        "/health/live",
        "/auth/v1/jwks.json",
    ],
)
def test_head_is_answered_as_get_without_the_body(door, path):
    got, head = door.http.get(path), door.http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize(
    "path", ["/docs/", "/openapi.json/", "/dispatch/v1/matters/", "/auth/v1/token/", "/docs/assets"]
)
def test_no_redirect_is_made_of_the_host_that_a_caller_names(door, path):
    answer = door.get(path, params={"a": "1"}, headers={"Host": "elsewhere.test"}, follow_redirects=False)
    assert (answer.status_code, kind(answer)) == (404, "no-such-path")
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Type": "text/plain"}, "unsupported-content-type"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, "unsupported-encoding"),
    ],
)
def test_a_body_of_another_kind_is_415(door, headers, expected):
    token = door.bearer("dispatch:read", "dispatch:write", "property:write")
    for path in ("/dispatch/v1/requests", f"/dispatch/v1/requests/{NUMBER}/accept"):
        answer = door.http.post(path, content=b"{}", headers=token | headers)
        assert (answer.status_code, kind(answer)) == (415, expected)


@pytest.mark.parametrize(
    "path",
    ["/auth/v1/token", "/dispatch/v1/requests", f"/dispatch/v1/requests/{NUMBER}/accept", "/property/v1/x"],
)
def test_a_body_that_stalls_is_given_up_everywhere(gateway, dead_address, path):
    door = gateway(property=dead_address, settings={"read_timeout": 0.1})
    kind = "x-www-form-urlencoded" if path.endswith("token") else "json"
    authorization = door.bearer("dispatch:read", "dispatch:write", "property:write")["Authorization"]
    lines = (f"Authorization: {authorization}", f"Content-Type: application/{kind}", "Content-Length: 1000")
    with door.raw(f"POST {path} HTTP/1.1", *lines, body=b"gran", token=False) as connection:
        answer = connection.recv(2000)
        assert connection.recv(1) == b""
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body-too-slow" in answer


def test_a_token_in_a_trailer_lets_nobody_in(door):
    trailer = f"Authorization: {door.bearer()['Authorization']}\r\n\r\n".encode()
    lines = ("POST /property/v1/x HTTP/1.1", "Transfer-Encoding: chunked")
    with door.raw(*lines, body=b"0\r\n" + trailer, token=False) as connection:
        assert connection.recv(2000).startswith(b"HTTP/1.1 401")


def test_a_body_in_gbk_is_told_to_be_sent_in_utf_8(door):
    headers = door.bearer("dispatch:read") | {"Content-Type": "application/json"}
    content = '{"text": "电梯坏了"}'.encode("gbk")
    answer = door.http.post("/dispatch/v1/matters/proposals", content=content, headers=headers)
    assert (answer.status_code, kind(answer)) == (400, "not-utf-8")
    assert "UTF-8" in answer.json()["detail"]
