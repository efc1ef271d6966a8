"""Every error is an answer: problem+json with a stable type and a Chinese sentence."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from kit.web.problems import Conflict, FieldError, Problem, problems
from tests.kit.conftest import eventually, in_the_middle
from tests.kit.notebook.app import service

CHINESE = re.compile("[一-鿿]")


def problem(answer, status, slug):
    body = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"urn:dongsheng:problem:{slug}"
    assert body["status"] == status
    assert CHINESE.search(body["title"])
    assert CHINESE.search(body["detail"])
    assert answer.headers["x-request-id"]
    return body


def test_a_problem_carries_fields_clauses_and_members_of_its_own():
    error = Conflict(
        "not-in-this-state",
        "现在不能终止。",
        errors=[FieldError(pointer="/state", reason="已经终止。")],
        clauses=("E-4.9",),
        allowed=["start"],
    )
    body = json.loads(error.response().body)
    assert body["errors"] == [{"pointer": "/state", "reason": "已经终止。"}]
    assert body["basis"][0]["clause"] == "E-4.9"
    assert body["allowed"] == ["start"]


def test_each_status_has_one_kind_of_problem_with_a_chinese_title():
    kinds = Problem.__subclasses__()
    assert len({kind.status for kind in kinds}) == len(kinds)
    assert all(CHINESE.search(kind.title) for kind in kinds)
    assert set(problems(404, 409)) == {404, 409}


def test_mistakes_in_a_body_are_named_one_by_one(client):
    answer = client.post("/notes", json={"rank": "x", "colour": "red"})
    body = problem(answer, 422, "invalid-request")
    assert body["errors"] == [
        {"pointer": "/text", "reason": "缺少这一项，请填写。"},
        {"pointer": "/rank", "reason": "应当是整数。"},
        {"pointer": "/colour", "reason": "没有这一项，请删除。"},
    ]
    assert "3 处" in body["detail"]


def test_a_mistake_in_a_parameter_is_named(client):
    body = problem(client.get("/notes", params={"limit": 0}), 422, "invalid-request")
    assert body["errors"] == [{"pointer": "?limit", "reason": "不能小于 1。"}]


def test_what_was_sent_is_not_repeated(client):
    answer = client.post("/notes", json={"text": ["13800000000"]})
    problem(answer, 422, "invalid-request")
    assert "13800000000" not in answer.text


@pytest.mark.parametrize("content", [b"{", b"{'text': 1}", b"\x00"])
def test_a_body_that_is_no_json_is_refused(client, content):
    answer = client.post("/notes", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code, "bad-request" if answer.status_code == 400 else "invalid-request")


@pytest.mark.parametrize("encoding", ["gbk", "big5"])
def test_a_body_that_is_not_in_utf_8_is_told_which_encoding_to_use(client, encoding):
    content = '{"text": "便條"}'.encode(encoding)
    answer = client.post("/notes", content=content, headers={"Content-Type": "application/json"})
    assert "UTF-8" in problem(answer, 400, "not-utf-8")["detail"]


def test_broken_json_is_told_at_the_document_itself(client):
    answer = client.post("/notes", content=b'{"text": }', headers={"Content-Type": "application/json"})
    body = problem(answer, 422, "invalid-request")
    assert body["errors"] == [{"pointer": "/", "reason": "不是合法的 JSON，请检查格式，编码应为 UTF-8。"}]


@pytest.mark.parametrize("depth", [100_000])
def test_a_body_that_is_nested_without_end_is_refused(client, depth):
    answer = client.post(
        "/notes", content=b"[" * depth + b"]" * depth, headers={"Content-Type": "application/json"}
    )
    problem(answer, 400, "bad-request")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=gbk",
        "json",
        "",
        None,
    ],
)
def test_a_body_of_another_type_says_which_is_wanted(client, content_type):
    headers = {"Content-Type": content_type} if content_type is not None else {}
    answer = client.post("/notes", content=b'{"text":"a"}', headers=headers)
    assert "application/json" in problem(answer, 415, "unsupported-content-type")["detail"]
    assert answer.headers["accept"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8"])
def test_a_body_of_the_right_type_is_taken_however_it_is_written(client, content_type):
    headers = {"Content-Type": content_type}
    assert client.post("/notes", content=b'{"text":"a"}', headers=headers).status_code == 201


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_body_is_refused(client, coding):
    answer = client.post("/notes", content=b"x", headers={"Content-Encoding": coding})
    problem(answer, 415, "unsupported-encoding")
    assert answer.headers["accept-encoding"] == "identity"


def test_no_body_is_missing(client):
    body = problem(client.post("/notes"), 422, "invalid-request")
    assert body["errors"] == [{"pointer": "/", "reason": "缺少这一项，请填写。"}]


def test_a_file_that_is_no_file_is_refused(client):
    part = "--b\r\nContent-Disposition: form-data; name=file\r\n\r\ntext\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    body = problem(client.post("/scans", content=part, headers=headers), 422, "invalid-request")
    assert body["errors"][0]["pointer"] == "/file"
    assert CHINESE.search(body["errors"][0]["reason"])


def test_an_unknown_path_is_named(client):
    assert "/notebook/v1/nothing" in problem(client.get("/nothing"), 404, "no-such-path")["detail"]


def test_a_wrong_method_says_which_are_right(client):
    answer = client.put("/notes", json={})
    assert "PUT" in problem(answer, 405, "method-not-allowed")["detail"]
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    "note",
    [
        {"text": "a", "rank": 2**31},
        {"text": "a", "rank": 2**63},
        {"text": "a", "rank": 10**400},
    ],
    ids=["over int4", "over int8", "endless"],
)
def test_a_value_that_no_column_holds_is_refused(notebook, client, note):
    body = json.dumps(note).encode()
    answer = client.post("/notes", content=body, headers={"Content-Type": "application/json"})
    problem(answer, 422, "value-refused")
    assert notebook.sql("SELECT count(*) FROM notes") == [(0,)]


@pytest.mark.parametrize(
    ("note", "pointer"), [({"text": "灯\x00泡"}, "/text"), ({"text": "a", "slot": "\udfff"}, "/slot")]
)
def test_what_is_no_text_is_refused_at_its_place(notebook, client, note, pointer):
    body = json.dumps(note).encode()
    answer = client.post("/notes", content=body, headers={"Content-Type": "application/json"})
    [error] = problem(answer, 422, "invalid-request")["errors"]
    assert error["pointer"] == pointer
    assert notebook.sql("SELECT count(*) FROM notes") == [(0,)]


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+08:00",
        "1799-01-01T00:00:00Z",
    ],
)
def test_a_time_outside_the_calendar_is_refused(client, at):
    body = problem(client.post("/notes", json={"text": "a", "at": at}), 422, "invalid-request")
    assert body["errors"][0]["pointer"] == "/at"
    assert "年" in body["errors"][0]["reason"]


def test_a_path_with_a_nul_is_refused_or_unknown(client):
    assert client.get("/notes/%00").status_code == 422


def test_a_conflict_found_at_commit_is_an_answer_and_nothing_is_written(notebook, client):
    assert client.post("/notes", json={"text": "first", "slot": "top"}).status_code == 201
    answer = client.post("/notes", json={"text": "second", "slot": "top"})
    body = problem(answer, 409, "conflicts-with-data")
    assert "uq_notes_slot" not in body["detail"]
    assert notebook.sql("SELECT text FROM notes") == [("first",)]


def test_an_unexpected_exception_gives_a_number_to_ask_about_and_nothing_of_itself(notebook, client, capfd):
    answer = client.post(
        "/notes", params={"fail": True}, json={"text": "a"}, headers={"X-Request-ID": "r-42"}
    )
    body = problem(answer, 500, "unexpected")
    assert answer.headers["x-request-id"] == "r-42"
    assert "r-42" in body["detail"]
    assert "secret internals" not in answer.text
    assert "RuntimeError" not in answer.text
    logged = capfd.readouterr().out
    assert "secret internals" in logged, "but the log tells"
    assert "r-42" in logged


def test_a_dead_database_is_503_with_a_time_to_come_back(serve):
    dead = SecretStr("postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    client = serve(service, database_url=dead).client()
    answer = client.get("/notes")
    problem(answer, 503, "database-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    problem(
        client.post("/notes", json={"text": "a"}, headers={"Idempotency-Key": "k"}),
        503,
        "database-unavailable",
    )


def test_a_connection_lost_in_the_middle_is_503_and_the_next_request_works(notebook, client):
    async def lose(context):
        await context.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Exception, match="terminat"):
        notebook.run(lose)
    terminate_others(notebook)
    assert client.get("/notes").status_code == 200


def terminate_others(notebook):
    notebook.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_a_request_whose_connection_dies_under_it_is_503(notebook, client):
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(client.post, "/notes", params={"hold": 1}, json={"text": "a"})
        eventually(lambda: in_the_middle(notebook))
        terminate_others(notebook)
        problem(waiting.result(), 503, "database-unavailable")
    assert notebook.sql("SELECT count(*) FROM notes") == [(0,)]


def test_a_row_that_another_request_holds_for_too_long_is_503_and_may_be_tried_again(notebook, client):
    path = f"/notes/{client.post('/notes', json={'text': 'a'}).json()['id']}/borrow"
    with ThreadPoolExecutor() as threads:
        first = threads.submit(client.post, path, params={"hold": 1})
        eventually(lambda: in_the_middle(notebook))
        second = client.post(path)
        assert int(problem(second, 503, "database-busy") and second.headers["Retry-After"]) > 0
        assert first.result().status_code == 200
    assert client.post(path).status_code == 200


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in chunks"])
def test_a_body_beyond_the_bound_is_413(serve, declared):
    notebook = serve(service, max_body_bytes=2000)
    content = json.dumps({"text": "a" * 3000}).encode()
    sent = content if declared else iter([content[:1500], content[1500:]])
    answer = notebook.client().post("/notes", content=sent, headers={"Content-Type": "application/json"})
    problem(answer, 413, "body-too-large")


def test_a_multipart_body_beyond_the_bound_is_413(serve):
    notebook = serve(service, max_form_bytes=2000)
    files = {"file": ("scan.txt", b"a" * 3000)}
    request = notebook.http.build_request("POST", "http://x/", files=files)
    body, kind = request.read(), request.headers["content-type"]
    answer = notebook.client().post("/scans", content=iter([body]), headers={"Content-Type": kind})
    problem(answer, 413, "body-too-large")


def test_the_metrics_count_by_template_and_not_by_address(serve):
    notebook = serve(service, max_body_bytes=4096)  # made otherwise, so that no other test has used its app
    client = notebook.client()
    client.get("/notes/00000000-0000-0000-0000-000000000000")
    client.get("/nothing/13800000000")
    told = notebook.http.get("/metrics").text
    assert 'http_requests_total{method="GET",path="/notes/{id}",status="404"} ' in told
    assert "13800000000" not in told
