"""What is wrong is refused at the gateway with a clear problem, and nothing is half written."""

import pytest

PROBLEM = "urn:dongsheng:problem:"


def assert_problem(answer, status, slug):
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), (
        answer.text
    )
    body = answer.json()
    assert (body["type"], body["status"]) == (PROBLEM + slug, status)
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    ("file", "status", "slug", "told"),
    [
        ("with-mistakes/改了扩展名.xlsx", 415, "not-a-workbook", "xlsx"),
        ("with-mistakes/缺少一列.xlsx", 422, "survey-errors", "收费率"),
        ("with-mistakes/街道名称写错.xlsx", 422, "survey-errors", "旱台镇"),
        ("with-mistakes/小区重复.xlsx", 422, "survey-errors", "小区"),
    ],
)
def test_a_workbook_with_a_mistake_is_refused_whole(district, hand_in, file, status, slug, told):
    with district.nothing_written("property"):
        answer = hand_in("housing-centre", file)
    assert_problem(answer, status, slug)
    assert told in answer.text


def test_another_streets_survey_is_refused(district, hand_in):
    with district.nothing_written("property"):
        answer = hand_in("street-jiaotong", "05-巴音门克街道.xlsx")
    body = assert_problem(answer, 403, "another-division")
    assert "交通街道" in body["detail"]


@pytest.mark.parametrize(
    ("call", "slug", "pointer"),
    [
        ({"matter": "lost-cat", "summary": "猫丢了"}, "unknown-matter", "/matter"),
        (
            {"matter": "property-service", "summary": "灯", "division": "康巴什"},
            "unknown-street",
            "/division",
        ),
        ({"matter": "property-service", "summary": "灯不亮"}, "unknown-street", "/division"),
        ({"matter": "property-service", "summary": ""}, "invalid-request", "/summary"),
    ],
)
def test_a_call_that_cannot_be_placed_is_refused_by_the_field_that_is_wrong(district, call, slug, pointer):
    with district.client("hotline") as hotline, district.nothing_written("property"):
        answer = hotline.post("/dispatch/v1/requests", json=call)
    body = assert_problem(answer, 422, slug)
    assert pointer in [error["pointer"] for error in body["errors"]]


CALLS = [
    ("GET", "/property/v1/coverage"),
    ("POST", "/property/v1/companies"),
    ("POST", "/dispatch/v1/requests"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_without_a_token_nothing_is_let_in(district, method, path):
    with district.client() as stranger:
        answer = stranger.request(method, path, json={})
    assert_problem(answer, 401, "no-token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("client", "path", "body"),
    [
        (
            "viewer",
            "/dispatch/v1/requests",
            {"matter": "property-service", "summary": "灯", "division": "天骄"},
        ),
        ("viewer", "/emergency/v1/incidents", {"place": "某工地", "occurred_at": "now"}),
    ],
)
def test_a_token_without_the_scope_is_refused_by_the_scope_that_it_lacks(district, client, path, body):
    with (
        district.client(client) as http,
        district.nothing_written("property"),
        district.nothing_written("emergency"),
    ):
        answer = http.post(path, json=body)
    assert assert_problem(answer, 403, "missing-scope")["missing"]


def test_another_streets_call_cannot_even_be_seen(district):
    call = {"matter": "property-service", "summary": "灯不亮", "division": "天骄街道"}
    with district.client("hotline") as hotline:
        path = f"/dispatch/v1/requests/{hotline.post('/dispatch/v1/requests', json=call).json()['number']}"
    with district.client("street-jiaotong") as other:
        assert_problem(other.get(path), 404, "not-found")
        assert_problem(other.post(f"{path}/accept", json={}), 404, "not-found")
