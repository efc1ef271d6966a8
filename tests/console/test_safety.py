"""Only our own pages change anything, and nothing from elsewhere runs or shows."""

import pytest

from tests.console.conftest import HERE, Desk

FORM = "/sessions/end-all"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_what_another_origin_hands_in_is_refused_before_anything_is_read(
    desk: Desk, headers: dict[str, str]
) -> None:
    person = desk.officer()
    answer = person.http.post(FORM, headers=headers)
    assert (answer.status_code, "没有办理" in answer.text) == (403, True)
    assert len(desk.clone.sql("SELECT * FROM sessions")) == 1


@pytest.mark.parametrize("headers", [{"Origin": HERE}, {"Sec-Fetch-Site": "same-origin"}])
def test_what_our_own_pages_hand_in_is_taken(desk: Desk, headers: dict[str, str]) -> None:
    assert desk.officer().http.post(FORM, headers=headers).status_code == 303


@pytest.mark.parametrize("address", ["/sign-in", "/no-such-page", "/static/console.css", "/", "/health/live"])
def test_every_answer_binds_the_browser(desk: Desk, address: str) -> None:
    headers = desk.officer().see(address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    kept = "immutable" if address.startswith("/static") else "no-store"
    assert kept in headers["cache-control"]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/x", 404), ("POST", "/duty", 405), ("GET", "/sessions/end-all", 405)],
)
def test_what_is_not_there_is_said_in_a_page(desk: Desk, method: str, address: str, status: int) -> None:
    answer = desk.officer().http.request(method, address, headers={"Origin": HERE})
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_a_form_with_files_or_of_another_kind_is_no_fault_of_ours(desk: Desk) -> None:
    person = desk.officer()
    answer = person.http.post(FORM, headers={"Origin": HERE}, files={"file": ("x.txt", b"x")})
    assert answer.status_code == 400
    answer = person.http.post("/password/change", headers={"Origin": HERE}, json={"old": "x"})
    assert answer.status_code == 422


def test_without_its_database_the_console_says_so(desk: Desk) -> None:
    person = desk.officer()
    desk.clone.sql("ALTER TABLE sessions RENAME TO elsewhere")
    try:
        shown = person.see("/duty")
    finally:
        desk.clone.sql("ALTER TABLE elsewhere RENAME TO sessions")
    assert (shown.status, "暂时连接不上数据库" in shown.words) == (503, True)
