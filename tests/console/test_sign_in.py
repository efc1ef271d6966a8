"""Signing in by an account: the same words for whatever is wrong, and no more than so many tries."""

import pytest

from console.people import passwords, tries
from console.people.signing_in import REFUSED
from tests.console.conftest import Desk

PASSWORD = "Qinghai-2024"


@pytest.fixture
def account(desk: Desk) -> str:
    """An account with the role of a leader, whose password was its own choice; its login."""
    desk.clone.sql(
        "INSERT INTO people (id, login, name, role, unit, password, to_change, active, made_at, version)"
        " VALUES (gen_random_uuid(), 'wangwei', '王伟', 'leader', 'district-government', %s, false, true, now(), 1)",
        passwords.hashed(PASSWORD),
    )
    return "wangwei"


def test_who_signs_in_comes_to_the_page_that_was_wanted(desk: Desk, account: str) -> None:
    person = desk.somebody()
    asked = person.see("/duty")
    assert (asked.status, asked.goes_to) == (303, "/sign-in?next=/duty")
    came = person.do("/sign-in/now", login=account, password=PASSWORD, next="/duty")
    assert (came.status, came.goes_to) == (303, "/duty")
    assert "王伟" in person.see("/duty").text
    assert desk.audit()[-1] == ("sign-in.done", "王伟")


def test_the_cookie_is_for_our_pages_alone_and_the_database_knows_only_its_hash(
    desk: Desk, account: str
) -> None:
    answer = desk.somebody().do("/sign-in/now", login=account, password=PASSWORD)
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(attributes)
    assert name.partition("=")[2].encode() not in b"".join(
        key for (key,) in desk.clone.sql("SELECT key FROM sessions")
    )


@pytest.mark.parametrize("login", ["wangwei", "ＷａｎｇＷｅｉ ", "WANGWEI"])
def test_width_case_and_blanks_of_an_account_make_no_difference(desk: Desk, account: str, login: str) -> None:
    assert desk.somebody().do("/sign-in/now", login=login, password=PASSWORD).status == 303


def test_whatever_is_wrong_the_words_are_the_same(desk: Desk, account: str) -> None:
    unknown = desk.somebody().do("/sign-in/now", login="nobody", password=PASSWORD)
    wrong = desk.somebody().do("/sign-in/now", login=account, password="wrong")
    desk.clone.sql("UPDATE people SET active = false WHERE login = %s", account)
    disabled = desk.somebody().do("/sign-in/now", login=account, password=PASSWORD)
    for answer in (unknown, wrong, disabled):
        assert answer.status == 401
        assert REFUSED in answer.words
        assert "set-cookie" not in answer.headers
    reasons = [
        row[0]["reason"]
        for row in desk.clone.sql(
            "SELECT details FROM audit WHERE action = 'sign-in.refused' AND id > %s", desk.begun
        )
    ]
    assert reasons == ["unknown", "wrong", "disabled"], "the auditor sees which"


def test_after_five_failures_not_even_the_right_password_lets_in_until_half_an_hour_has_passed(
    desk: Desk, account: str
) -> None:
    person = desk.somebody()
    for _ in range(tries.OF_ACCOUNT):
        assert person.do("/sign-in/now", login=account, password="wrong").status == 401
    assert person.do("/sign-in/now", login=account, password=PASSWORD).status == 401
    desk.clock.advance(minutes=30, seconds=1)
    assert person.do("/sign-in/now", login=account, password=PASSWORD).status == 303


def test_who_gets_in_within_five_tries_begins_to_count_anew(desk: Desk, account: str) -> None:
    person = desk.somebody()
    for _ in range(2):
        for _ in range(tries.OF_ACCOUNT - 1):
            person.do("/sign-in/now", login=account, password="wrong")
        assert person.do("/sign-in/now", login=account, password=PASSWORD).status == 303


def test_an_address_that_tries_many_accounts_is_kept_out_of_all(desk: Desk, account: str) -> None:
    desk.clone.sql("INSERT INTO tries VALUES ('address testclient', %s, %s)", tries.OF_ADDRESS, desk.clock())
    assert desk.somebody().do("/sign-in/now", login=account, password=PASSWORD).status == 401


def test_what_was_typed_as_an_account_is_kept_nowhere_but_as_a_hash(desk: Desk) -> None:
    desk.somebody().do("/sign-in/now", login="my-secret-password", password="x")
    kept = desk.clone.sql("SELECT t::text FROM tries t UNION ALL SELECT a::text FROM audit a")
    assert not [row for (row,) in kept if "my-secret" in row]


def test_a_password_that_another_chose_is_changed_before_anything_else(desk: Desk) -> None:
    desk.sit("auditor", "sunwei")
    chosen = "UPDATE people SET password = %s, to_change = true WHERE login = 'sunwei'"
    desk.clone.sql(chosen, passwords.hashed(PASSWORD))
    person = desk.somebody()
    person.do("/sign-in/now", login="sunwei", password=PASSWORD)
    assert person.see("/audit").goes_to == "/password"
    short = person.do("/password/change", old=PASSWORD, new="short", again="short")
    assert (short.status, "密码太短" in short.words) == (422, True)
    assert (
        person.do("/password/change", old=PASSWORD, new="Erdos-2024-xy", again="Erdos-2024-xy").status == 303
    )
    assert person.see("/audit").status == 200


@pytest.mark.parametrize(
    "next", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:1"]
)
def test_signing_in_leads_nowhere_else(desk: Desk, account: str, next: str) -> None:
    assert desk.somebody().do("/sign-in/now", login=account, password=PASSWORD, next=next).goes_to == "/"
    assert next not in desk.somebody().see(f"/sign-in?next={next}").text


def test_an_empty_form_says_which_field_is_missing_without_counting_a_try(desk: Desk) -> None:
    shown = desk.somebody().do("/sign-in/now", login="", password="")
    assert shown.status == 422
    assert "请填写账号。" in shown.words
    assert "请填写密码。" in shown.words
    assert desk.clone.sql("SELECT * FROM tries") == []


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab1-56789", "太短"),
        ("A1-" + "x" * 126, "太长"),
        ("abcdefghij", "太简单"),
        ("abcdefghi1", "太简单"),
        ("Wangwei-2024", "不能含有账号"),
    ],
)
def test_passwords_that_are_refused(password: str, why: str) -> None:
    assert why in (passwords.refused(password, "wangwei") or "")


@pytest.mark.parametrize("password", ["Abcdefghi1", "abcdefghi-1", "草原上的马-Aa1草原"])
def test_passwords_that_are_taken(password: str) -> None:
    assert passwords.refused(password, "wangwei") is None


def test_first_passwords_are_taken_themselves_and_never_the_same() -> None:
    made = {passwords.first_password() for _ in range(50)}
    assert len(made) == 50
    assert all(passwords.refused(each, "lihua") is None for each in made)
