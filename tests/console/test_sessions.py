"""Sessions end by themselves, by an act, and everywhere at once."""

from console.people import passwords
from tests.console.conftest import Desk


def test_a_session_ends_half_an_hour_after_the_last_act(desk: Desk) -> None:
    person = desk.officer()
    desk.clock.advance(minutes=29)
    assert person.see("/keep").status == 200
    desk.clock.advance(minutes=29)
    assert person.see("/keep").status == 200
    assert "2024-06-24 10:58 退出登录" in person.see("/keep").words, "the page says until when"
    desk.clock.advance(minutes=31)
    assert person.see("/keep").goes_to == "/sign-in?next=/keep"


def test_a_board_that_asks_by_itself_does_not_keep_a_session_alive_and_is_told_when_it_has_ended(
    desk: Desk,
) -> None:
    person = desk.officer()
    desk.clock.advance(minutes=29)
    assert person.see("/keep", **{"X-Refresh": "1"}).status == 200
    desk.clock.advance(minutes=2)
    assert person.see("/keep", **{"X-Refresh": "1"}).status == 401


def test_twelve_hours_after_it_began_a_session_ends_whatever_is_done(desk: Desk) -> None:
    person = desk.officer()
    for _ in range(12 * 3 - 1):
        desk.clock.advance(minutes=20)
        assert person.see("/keep").status == 200
    desk.clock.advance(minutes=20)
    assert person.see("/keep").status == 303


def test_signing_out_ends_the_session_in_the_database_and_takes_the_cookie_away(desk: Desk) -> None:
    person = desk.officer()
    out = person.do("/sign-out/now")
    assert out.goes_to == "/sign-out"
    assert 'session=""' in out.headers["set-cookie"]
    assert desk.clone.sql("SELECT * FROM sessions") == []
    assert "您已退出" in person.see("/sign-out").words


def test_one_sees_where_one_is_signed_in_and_ends_it_elsewhere(desk: Desk) -> None:
    person = desk.officer()
    desk.clone.sql(
        "INSERT INTO sessions SELECT sha256('other'), person_id, made_at, seen_at, idle_at, ends_at, '10.1.2.3', 'another'"
        " FROM sessions"
    )
    assert "10.1.2.3" in person.see("/sessions").words
    person.do("/sessions/end-others")
    shown = person.see("/sessions?done=sessions.end-others").words
    assert "10.1.2.3" not in shown
    assert "其他浏览器已退出。" in shown
    person.do("/sessions/end-all")
    assert person.see("/sessions").status == 303


def test_a_cookie_of_nobody_is_nobodys(desk: Desk) -> None:
    person = desk.somebody()
    person.http.cookies.set("session", "made up")
    assert person.see("/").status == 303


def test_a_screen_on_a_wall_stays_signed_in_though_nobody_touches_it(desk: Desk) -> None:
    desk.clone.sql(
        "INSERT INTO people (id, login, name, role, unit, password, to_change, active, made_at, version)"
        " VALUES (gen_random_uuid(), 'wall', '大屏', 'wall', 'district-government', %s, false, true, now(), 1)",
        passwords.hashed("Daping-2024"),
    )
    screen = desk.somebody()
    screen.do("/sign-in/now", login="wall", password="Daping-2024")
    desk.clock.advance(days=29)
    assert screen.see("/", **{"X-Refresh": "1"}).status == 200
    desk.clock.advance(days=2)
    assert screen.see("/", **{"X-Refresh": "1"}).status == 401
