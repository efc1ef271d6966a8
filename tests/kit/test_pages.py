"""Pages: put one after the other they are the list, whatever is added meanwhile."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ORDERS = ("rank", "text", "amount", "day", "at")


@pytest.fixture
def notes(notebook):
    """23 notes, many of the same rank, text, day and moment."""
    notebook.sql(
        "INSERT INTO notes (id, version, number, text, rank, amount, day, written_at)"
        " SELECT gen_random_uuid(), 1, n::text, '便条' || n % 4, n % 3, n % 5 / 3.0, date '2024-06-24' + n % 2,"
        " timestamptz '2024-06-24 09:30:00.123456+08' + n % 6 * interval '1 microsecond'"
        " FROM generate_series(1, 23) AS n"
    )
    return notebook


def pages(client, **params):
    """The ids of each page, following the cursors."""
    while True:
        answer = client.get("/notes", params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield [note["id"] for note in page["items"]]
        if page["next"] is None:
            return
        params["cursor"] = page["next"]


def whole(notebook, by, descending):
    column = {"at": "written_at"}.get(by, by)
    direction = "DESC" if descending else "ASC"
    return [
        str(id)
        for (id,) in notebook.sql(f"SELECT id FROM notes ORDER BY {column} {direction}, id {direction}")
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 30), by=st.sampled_from(ORDERS), descending=st.booleans())
def test_pages_together_are_the_list_in_order(notes, limit, by, descending):
    found = list(pages(notes.client(), limit=limit, by=by, descending=descending))
    assert [id for page in found for id in page] == whole(notes, by, descending)
    assert all(len(page) == limit for page in found[:-1])
    assert 1 <= len(found[-1]) <= limit


def test_rows_added_meanwhile_repeat_nothing_and_hide_nothing(notes):
    client = notes.client()
    before = whole(notes, "rank", False)
    seen = []
    for number, page in enumerate(pages(client, limit=4, by="rank")):
        seen += page
        client.post("/notes", json={"text": "added", "rank": number % 3})
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)


def test_an_empty_list_is_one_empty_page(client):
    answer = client.get("/notes")
    assert answer.json() == {"items": [], "next": None}
    assert "Link" not in answer.headers


def test_the_next_page_is_linked_without_a_host_and_with_every_filter(notes):
    answer = notes.client().get("/notes", params={"limit": 10, "by": "text", "descending": True})
    link = answer.headers["Link"]
    assert link.startswith("</notebook/v1/notes?")
    assert link.endswith('>; rel="next"')
    linked = notes.client().get(link[1:].split(">")[0].removeprefix("/notebook/v1"))
    assert [note["id"] for note in linked.json()["items"]] == whole(notes, "text", True)[10:20]


def test_fifty_is_a_page_and_five_hundred_the_most(notes):
    assert len(notes.client().get("/notes").json()["items"]) == 23
    assert notes.client().get("/notes", params={"limit": 500}).status_code == 200
    assert notes.client().get("/notes", params={"limit": 501}).status_code == 422


def forged(client, by, values):
    """A cursor of these values for the list in this order: with the mark of one that was given out."""
    given = client.get("/notes", params={"by": by, "limit": 1}).json()["next"]
    mark, *_ = json.loads(base64.urlsafe_b64decode(given + "=="))
    return written([mark, *values])


def written(plain):
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


ID = "01990000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "令牌",
        "",
        "////",
        base64.urlsafe_b64encode(b"null").decode(),
        base64.urlsafe_b64encode(b'{"rank": 1, "id": 2}').decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        written([]),
        written([1, ID]),
        written([["mark"], 1, ID]),
    ],
)
def test_a_cursor_that_nobody_gave_out_is_refused(client, given):
    refused(client.get("/notes", params={"by": "rank", "cursor": given}))


@pytest.mark.parametrize(
    ("by", "values"),
    [
        ("rank", []),
        ("rank", [1]),
        ("rank", [1, ID, 1]),
        ("rank", ["1", ID]),
        ("rank", [1.5, ID]),
        ("rank", [True, ID]),
        ("rank", [None, ID]),
        ("rank", [1, "no id"]),
        ("rank", [1, None]),
        ("rank", [[1], ID]),
        ("text", [1, ID]),
        ("amount", ["x", ID]),
        ("amount", [[], ID]),
        ("day", ["2024-13-01", ID]),
        ("day", [20240624, ID]),
        ("at", ["2024-06-24T09:30:00", ID]),
        ("at", ["yesterday", ID]),
    ],
)
def test_a_cursor_whose_values_are_none_of_its_columns_is_refused(notes, by, values):
    client = notes.client()
    refused(client.get("/notes", params={"by": by, "cursor": forged(client, by, values)}))


def refused(answer):
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:bad-cursor")
    assert answer.json()["errors"][0]["pointer"] == "?cursor"


@pytest.mark.parametrize("other", [{"by": "text"}, {"by": "rank", "descending": True}, {}])
def test_a_cursor_goes_on_with_the_filters_it_was_given_for_and_no_others(notes, other):
    client = notes.client()
    given = client.get("/notes", params={"by": "rank", "limit": 1}).json()["next"]
    refused(client.get("/notes", params=other | {"cursor": given}))
    assert client.get("/notes", params={"by": "rank", "cursor": given, "limit": 3}).status_code == 200


@pytest.mark.parametrize(
    ("by", "value"), [("rank", 2**70), ("text", "\x00"), ("text", "\ud800"), ("amount", "NaN")]
)
def test_a_cursor_beyond_what_a_column_holds_is_no_error_of_ours(notes, by, value):
    client = notes.client()
    given = forged(client, by, [value, ID])
    assert client.get("/notes", params={"by": by, "cursor": given}).status_code in (200, 422)
