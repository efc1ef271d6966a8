"""Accounts: made by one office, granted roles by another, looked at by a third; nobody has two."""

import pytest

from console.people.roles import Duty, Limit, all_roles
from kit.district import units
from tests.console.conftest import CLIENTS, FIRST, Desk, Person
from tests.console.crowd import ODD, PAGE, faults, walked


@pytest.fixture
def administrator(desk: Desk) -> Person:
    return desk.sit("administrator", "admin", "管理员甲")


@pytest.fixture
def security(desk: Desk) -> Person:
    return desk.sit("security", "safe", "安全员乙")


def account(desk: Desk, login: str) -> tuple[object, ...]:
    [found] = desk.clone.sql(
        "SELECT role, unit, division, company, active, to_change FROM people WHERE login = %s", login
    )
    return found


def id_of(desk: Desk, login: str) -> str:
    return str(desk.clone.sql("SELECT id FROM people WHERE login = %s", login)[0][0])


def test_the_first_accounts_are_the_three_offices_with_passwords_to_be_changed(desk: Desk) -> None:
    found = desk.clone.sql("SELECT login, role, to_change FROM people ORDER BY login")
    assert found == [(each, each, True) for each in ("administrator", "auditor", "security")]


def test_an_account_is_made_by_one_office_and_may_do_nothing_until_another_grants_a_role(
    desk: Desk, administrator: Person, security: Person
) -> None:
    made = administrator.do("/people/make", login=" Zhao.Min ", name="赵敏")
    assert "账号 zhao.min 已开设" in made.words
    assert account(desk, "zhao.min") == (None, None, None, None, True, True)
    here = f"/people/{id_of(desk, 'zhao.min')}"
    granted = security.do(f"{here}/grant", role="street-clerk", limit="天骄街道办")
    assert granted.goes_to == f"{here}?done=person.grant"
    assert account(desk, "zhao.min")[:4] == ("street-clerk", "tianjiao-street", "天骄街道", None)
    assert desk.audit() == [("account.made", "管理员甲"), ("account.role", "安全员乙")]


def test_hundreds_of_accounts_are_listed_page_by_page_and_found_by_name(
    desk: Desk, administrator: Person
) -> None:
    desk.clone.sql(
        "INSERT INTO people (id, login, name, role, to_change, active, made_at, version)"
        " SELECT gen_random_uuid(), 'clerk-' || n, '长名' || n || repeat('长', 30), 'leader', false, true, now(), 1"
        " FROM generate_series(1, 320) n"
    )
    seen, heaviest = walked(administrator.see, "/people", r'href="/people/[0-9a-f-]{36}"')
    assert (seen, heaviest <= PAGE) == (320 + len(FIRST) + 1, True)
    assert "共 1 个" in administrator.see("/people?name=clerk-317").words
    assert "共 1 个" in administrator.see("/people?name=长名317").words
    assert "共 0 个" in administrator.see("/people?name=%").words


def test_a_name_is_shown_as_it_is_written_wherever_accounts_are(desk: Desk, administrator: Person) -> None:
    odd = desk.sit("auditor", "odd", name=ODD)
    administrator.do(f"/people/{odd.id}/reset")
    odd = desk.sit("auditor", "odder", name=ODD)
    odd.do("/sessions/end-others")
    shown = [administrator.see("/people"), administrator.see(f"/people/{odd.id}"), odd.see("/audit")]
    assert [fault for page in shown for fault in faults(page, clause=False)] == []


@pytest.mark.parametrize(
    ("role", "limit", "kept"),
    [
        ("duty-officer", "", ("emergency-bureau", None, None)),
        ("handler", "区城管局", ("urban-management-bureau", None, None)),
        ("company", "91150602MA0DEMF10R", (None, None, "91150602MA0DEMF10R")),
        ("auditor", "anything", (None, None, None)),
    ],
)
def test_a_role_says_whom_its_people_belong_to(
    desk: Desk, security: Person, role: str, limit: str, kept: tuple[str | None, ...]
) -> None:
    desk.sit(None, "sunli")
    security.do(f"/people/{id_of(desk, 'sunli')}/grant", role=role, limit=limit)
    assert account(desk, "sunli")[:4] == (role, *kept)


@pytest.mark.parametrize(
    ("role", "limit", "why"),
    [
        ("street-clerk", "", "街道或镇"),
        ("street-clerk", "康巴什区", "街道或镇"),
        ("handler", "没有的单位", "没有这个单位"),
        ("company", "91150602MA0DEMF10X", "18 位"),
        ("made-up", "", "请选择岗位"),
    ],
)
def test_what_a_role_asks_for_must_be_there(
    desk: Desk, security: Person, role: str, limit: str, why: str
) -> None:
    desk.sit(None, "sunli")
    shown = security.do(f"/people/{id_of(desk, 'sunli')}/grant", role=role, limit=limit)
    assert (shown.status, why in shown.words) == (422, True)
    assert account(desk, "sunli")[0] is None


def test_another_role_ends_every_session_of_the_person(desk: Desk, security: Person) -> None:
    officer = desk.officer()
    assert officer.see("/duty").status == 200
    security.do(f"/people/{officer.id}/grant", role="leader", limit="")
    assert officer.see("/duty").status == 303


@pytest.mark.parametrize(
    ("office", "verb"),
    [("administrator", "grant"), ("administrator", "end"), ("administrator", "unlock"), ("security", "disable"),
     ("security", "enable"), ("security", "reset"), ("auditor", "grant"), ("auditor", "reset")],
)  # fmt: skip
def test_no_office_does_what_is_anothers(desk: Desk, office: str, verb: str) -> None:
    officer, person = desk.officer(), desk.sit(office, "someone")
    before = account(desk, "lihua")
    assert person.do(f"/people/{officer.id}/{verb}", role="leader").status == 403
    assert account(desk, "lihua") == before
    assert officer.see("/duty").status == 200


def test_only_the_offices_see_accounts_and_only_the_auditor_the_audit(desk: Desk) -> None:
    assert desk.officer().see("/people").status == 403
    assert desk.sit("administrator", "a").see("/people").status == 200
    assert desk.sit("security", "s").see("/audit").status == 403
    assert desk.sit("auditor", "u").see("/audit").status == 200


def test_a_disabled_account_is_out_at_once_and_in_again_only_by_signing_in(
    desk: Desk, administrator: Person
) -> None:
    officer = desk.officer()
    administrator.do(f"/people/{officer.id}/disable")
    assert officer.see("/duty").status == 303
    administrator.do(f"/people/{officer.id}/enable")
    assert officer.see("/duty").status == 303
    assert account(desk, "lihua")[4] is True


def test_nobody_disables_or_promotes_oneself(desk: Desk, administrator: Person, security: Person) -> None:
    assert "不能停用自己" in administrator.do(f"/people/{administrator.id}/disable").words
    assert "不能改自己的岗位" in security.do(f"/people/{security.id}/grant", role="leader").words


def test_a_reset_password_is_shown_once_and_ends_sessions(desk: Desk, administrator: Person) -> None:
    officer = desk.officer()
    shown = administrator.do(f"/people/{officer.id}/reset")
    assert "新的初始密码只显示这一次" in shown.words
    assert officer.see("/duty").status == 303
    assert account(desk, "lihua")[5] is True
    assert "只显示这一次" not in administrator.see(f"/people/{officer.id}").words


@pytest.mark.parametrize(
    ("login", "name"),
    [("x", "甲"), ("有中文", "甲"), ("-x", "甲"), ("abc", ""), ("abc", "字" * 65), ("safe", "甲")],
)
def test_accounts_that_cannot_be_made(
    desk: Desk, administrator: Person, security: Person, login: str, name: str
) -> None:
    shown = administrator.do("/people/make", login=login, name=name)
    assert shown.status == 422
    assert 'aria-invalid="true"' in shown.text


@pytest.mark.parametrize("id", ["x", "00000000-0000-0000-0000-000000000000"])
def test_an_account_that_is_not_there(desk: Desk, security: Person, id: str) -> None:
    assert security.see(f"/people/{id}").status == 404


def test_the_audit_shows_what_was_done_and_says_whether_it_holds(desk: Desk, security: Person) -> None:
    security.do(f"/people/{desk.officer().id}/unlock")
    auditor = desk.sit("auditor", "u", "审计员丙")
    assert "安全员乙 解除锁定 lihua" in auditor.see("/audit").words
    assert "记录完整" in auditor.do("/audit/verify").words


def test_no_role_has_a_scope_that_the_console_may_not_ask_for_and_offices_have_none() -> None:
    ceiling = set(CLIENTS["console"]["scopes"])
    for id, role in all_roles().items():
        assert set(role.scopes) <= ceiling, id
        assert not (role.duty and role.scopes), id
    assert {role.duty for role in all_roles().values() if role.duty} == set(Duty)


def test_every_role_names_a_unit_of_the_district_or_asks_for_one() -> None:
    for id, role in all_roles().items():
        assert role.duty or role.unit or role.limit is not Limit.NONE, id
        if role.unit:
            assert units.unit(role.unit).id == role.unit
