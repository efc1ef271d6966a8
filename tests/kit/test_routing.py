"""Which operation a request is for: a fixed path goes before a template, whatever the order and the methods."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kit.web.middleware import Application, Metrics


@pytest.fixture
def http():
    app = Application(metrics=Metrics(), max_body=1000)
    for method, path in (
        ("GET", "/drills/{id}"),
        ("PUT", "/drills/{id}"),
        ("DELETE", "/drills/{key}"),
        ("GET", "/drills/calendar"),
        ("POST", "/drills/{id}/{action}"),
        ("GET", "/drills/{id}/problems"),
        ("GET", "/drills/calendar/{day}"),
    ):
        app.add_api_route(path, answering(f"{method} {path}"), methods=[method])
    inner = FastAPI()
    inner.add_api_route("/there", answering("mounted"))
    app.mount("/inner", inner)
    return TestClient(app)


def answering(name):
    async def endpoint() -> str:
        return name

    return endpoint


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/drills/7", "GET /drills/{id}"),
        ("PUT", "/drills/7", "PUT /drills/{id}"),
        ("DELETE", "/drills/7", "DELETE /drills/{key}"),
        ("GET", "/drills/calendar", "GET /drills/calendar"),
        ("POST", "/drills/7/check", "POST /drills/{id}/{action}"),
        ("GET", "/drills/7/problems", "GET /drills/{id}/problems"),
        ("GET", "/drills/calendar/problems", "GET /drills/calendar/{day}"),
        ("GET", "/inner/there", "mounted"),
    ],
)
def test_a_request_finds_its_operation(http, method, path, operation):
    assert http.request(method, path).json() == operation


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/drills/calendar", "GET, HEAD"),
        ("DELETE", "/drills/calendar", "GET, HEAD"),
        ("POST", "/drills/7", "DELETE, GET, HEAD, PUT"),
        ("POST", "/drills/7/problems", "GET, HEAD"),
        ("HEAD", "/drills/7/check", "POST"),
    ],
)
def test_a_path_that_exists_says_which_methods_it_has(http, method, path, allow):
    answer = http.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)


@pytest.mark.parametrize(
    "path", ["/", "/drills", "/drills/", "/drills//", "/drills/7/", "/drills/7/8/9", "/drills/calendar/"]
)
def test_any_other_path_is_none(http, path):
    assert http.get(path, follow_redirects=False).status_code == 404
