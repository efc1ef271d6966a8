"""ETag and If-Match: nobody overwrites what they have not seen."""

from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def note(client):
    """The address of a note of version 1."""
    written = client.post("/notes", json={"text": "first"})
    assert written.headers["ETag"] == '"1"'
    return f"/notes/{written.json()['id']}"


def change(client, note, etag, text="changed"):
    headers = {} if etag is None else {"If-Match": etag}
    return client.put(note, json={"text": text}, headers=headers)


def test_a_reader_gets_the_version_and_may_change_it(client, note):
    etag = client.get(note).headers["ETag"]
    changed = change(client, note, etag)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert client.get(note).headers["ETag"] == '"2"'
    assert client.get(note).json()["text"] == "changed"


def test_a_change_without_having_read_is_428(client, note):
    for etag in (None, ""):
        answer = change(client, note, etag)
        assert (answer.status_code, answer.json()["type"]) == (428, "urn:dongsheng:problem:no-if-match")
    assert client.get(note).json()["text"] == "first"


@pytest.mark.parametrize("etag", ['"0"', '"2"', '"abc"', "1", '"1', 'W/"2"', 'W/"1"', 'W/"1", "2"'])
def test_a_change_of_another_version_is_412(client, note, etag):
    answer = change(client, note, etag)
    assert (answer.status_code, answer.json()["type"]) == (412, "urn:dongsheng:problem:changed-meanwhile")
    assert client.get(note).json()["text"] == "first"


@pytest.mark.parametrize("etag", ['"1"', '"7", "1"', 'W/"1", "1"', "*"])
def test_the_version_may_be_one_of_several_or_any(client, note, etag):
    assert change(client, note, etag).status_code == 200


def test_several_versions_may_stand_in_several_headers(client, notebook, note):
    several = [*client._headers.items(), ("If-Match", '"7"'), ("If-Match", '"1"')]
    answer = notebook.http.put(f"/notebook/v1{note}", json={"text": "changed"}, headers=several)
    assert answer.status_code == 200


@pytest.mark.parametrize("known", ['"1"', 'W/"1"', '"7", "1"', "*"])
def test_who_has_the_version_is_told_so_without_it(client, note, known):
    answer = client.get(note, headers={"If-None-Match": known})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", '"1"')


@pytest.mark.parametrize("known", ['"2"', "", "1"])
def test_who_has_another_version_gets_the_new_one(client, note, known):
    answer = client.get(note, headers={"If-None-Match": known})
    assert (answer.status_code, answer.json()["text"]) == (200, "first")


def test_what_has_no_version_is_given_whatever_the_caller_has(client, note):
    assert client.get("/notes", headers={"If-None-Match": "*"}).status_code == 200


def test_a_change_that_changes_nothing_keeps_the_version(client, note):
    assert change(client, note, '"1"', text="first").headers["ETag"] == '"1"'


def test_of_many_changes_at_once_one_wins_and_the_others_are_412(client, note):
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda n: change(client, note, '"1"', f"by {n}"), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]
    [won] = [answer for answer in answers if answer.status_code == 200]
    assert client.get(note).json()["text"] == won.json()["text"]
    assert {a.json()["type"] for a in answers if a is not won} == {"urn:dongsheng:problem:changed-meanwhile"}
