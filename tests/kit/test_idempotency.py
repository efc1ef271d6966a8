"""Idempotency-Key: whoever repeats a creation gets the first answer, and one row stands."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def write(client, key, text="买灯泡", **kwargs):
    return client.post("/notes", json={"text": text}, headers={"Idempotency-Key": key}, **kwargs)


def scan(client, key, content=b"page", name="scan.txt"):
    return client.post("/scans", files={"file": (name, content)}, headers={"Idempotency-Key": key})


def texts(notebook):
    return [text for (text,) in notebook.sql("SELECT text FROM notes ORDER BY number")]


def refused(answer):
    return (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:dongsheng:problem:idempotency-key-reused",
    )


def test_the_same_key_and_body_give_the_same_answer_and_one_row(notebook, client):
    first, second = write(client, "k"), write(client, "k")
    assert second.status_code == first.status_code == 201
    assert second.content == first.content
    for header in ("content-type", "location", "etag"):
        assert second.headers[header] == first.headers[header]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert texts(notebook) == ["买灯泡"]
    assert notebook.sql("SELECT count(*) FROM events") == [(1,)]


def test_without_a_key_or_with_another_it_is_another_creation(notebook, client):
    write(client, "k")
    write(client, "k2")
    client.post("/notes", json={"text": "买灯泡"})
    assert len(texts(notebook)) == 3


def test_the_same_key_with_another_body_is_refused(notebook, client):
    write(client, "k")
    assert refused(write(client, "k", text="买电池"))
    assert texts(notebook) == ["买灯泡"]


def test_the_same_key_with_other_parameters_or_at_another_address_is_refused(client):
    write(client, "k", params={"hold": 0})
    assert refused(write(client, "k", params={"hold": 0.001}))
    assert refused(client.post("/scans", files={"file": b"x"}, headers={"Idempotency-Key": "k"}))


def test_two_at_once_are_one(notebook, client):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: write(client, "k", params={"hold": 0.2}), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotency-Replayed", "false") for answer in answers) == [
        "false",
        *["true"] * 7,
    ]
    assert texts(notebook) == ["买灯泡"]


def test_of_two_at_once_with_different_bodies_one_is_refused(notebook, client):
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda text: write(client, "k", text, params={"hold": 0.2}), ("a", "b")))
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert len(texts(notebook)) == 1


def test_after_a_failure_the_key_may_be_tried_again(notebook, client):
    for number in range(2):
        assert write(client, "k", params={"fail": True}).status_code == 500, number
    assert client.post("/notes", json={}, headers={"Idempotency-Key": "k"}).status_code == 422
    assert write(client, "k").status_code == 201
    assert texts(notebook) == ["买灯泡"]


def test_while_the_first_fails_the_second_takes_over(notebook, client):
    slow_failure = {"hold": 0.3, "fail": True}
    with ThreadPoolExecutor(2) as threads:
        failed, second = threads.map(lambda _: write(client, "k", params=slow_failure), range(2))
    assert {failed.status_code, second.status_code} == {500}
    assert texts(notebook) == []


def test_another_clients_same_key_is_another_key(notebook):
    write(notebook.client(name="one"), "k", "of one")
    write(notebook.client(name="two"), "k", "of two")
    assert texts(notebook) == ["of one", "of two"]


def test_after_24_hours_a_key_is_forgotten(notebook, client):
    write(client, "k", "first")
    notebook.clock.advance(hours=23, minutes=59)
    assert refused(write(client, "k", "second"))
    notebook.clock.advance(minutes=2)
    assert write(client, "k", "second").status_code == 201
    assert texts(notebook) == ["first", "second"]


def test_old_keys_are_swept_out(notebook, client):
    write(client, "old")
    notebook.clock.advance(hours=24, minutes=1)
    write(client, "new")
    notebook.tick("forget-idempotency-keys")
    assert notebook.sql("SELECT key FROM idempotency_keys") == [("new",)]


def test_the_same_form_sent_again_is_the_same_whatever_its_boundary(notebook, client):
    first, second = scan(client, "k"), scan(client, "k")
    assert first.request.headers["content-type"] != second.request.headers["content-type"]
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert texts(notebook) == ["page"]


@pytest.mark.parametrize("other", [{"content": b"another page"}, {"name": "other.txt"}])
def test_another_file_under_the_same_key_is_refused(client, other):
    scan(client, "k")
    assert refused(scan(client, "k", **other))


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_without_or_beyond_measure_is_refused(client, key):
    answer = write(client, key)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:bad-idempotency-key")
    assert answer.json()["errors"][0]["pointer"] == "header:Idempotency-Key"


def test_a_stranger_s_key_is_not_kept(notebook):
    assert write(notebook.stranger(), "k").status_code == 401
    assert write(notebook.client("notebook:read"), "k").status_code == 403
    assert notebook.sql("SELECT count(*) FROM idempotency_keys") == [(0,)]


def test_a_token_that_may_less_does_not_get_the_answer(notebook):
    whole = notebook.client("notebook:write", "notebook:read")
    assert write(whole, "k").status_code == 201
    assert write(notebook.client("notebook:read"), "k").status_code == 403
    assert refused(write(notebook.client("notebook:write"), "k"))
    assert write(whole, "k").headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("limited", [{"division": "天骄街道"}, {"unit": "区应急管理局"}])
def test_a_token_that_is_limited_to_somebody_does_not_get_the_answer(notebook, limited):
    write(notebook.client(), "k")
    assert refused(write(notebook.client(**limited), "k"))


def test_an_update_ignores_the_key(client):
    note = write(client, "k")
    path, body = f"/notes/{note.json()['id']}", {"text": "b"}
    for etag in ('"1"', '"2"'):
        changed = client.put(path, json=body, headers={"If-Match": etag, "Idempotency-Key": "k"})
        assert changed.status_code == 200
