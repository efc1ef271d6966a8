"""Signing in by an identity provider: only as whom an account is tied to, and whatever fails is said on the page."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from console.app import create_app
from console.people import passwords
from console.settings import ConsoleSettings
from tests import identity_provider
from tests.console.conftest import HERE, Desk, Person, Shown
from tests.scenarios.district import free_ports

START = "/sign-in/provider?next=/sessions"
NAME = "蒙政通"


class Outside(httpx2.AsyncBaseTransport):
    """The way to the provider, which may be broken; notes what was asked."""

    def __init__(self) -> None:
        self._http = httpx2.AsyncHTTPTransport(verify=False)  # nothing is encrypted on the way to it
        self.asked: list[httpx2.Request] = []
        self.instead: dict[str, httpx2.Response | None] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        for path, answer in self.instead.items():
            if request.url.path.endswith(path):
                if answer is None:
                    raise httpx2.ConnectError("away", request=request)
                return answer
        return await self._http.handle_async_request(request)

    async def aclose(self) -> None:
        await self._http.aclose()

    def form(self) -> dict[str, str]:
        """The last form that was handed in there."""
        return dict(parse_qsl(self.asked[-1].content.decode()))


@dataclass
class Entrance:
    """The console beside a provider."""

    desk: Desk
    outside: Outside
    issuer: str

    def tied(self, identity: str, **sql: Any) -> str:
        """The id of an account that is tied to somebody at the provider, with another's choice of a password."""
        self.desk.sit("leader", "zhaomin", "赵敏", unit="district-government")
        self.desk.clone.sql("DELETE FROM sessions")
        changes = {"subject": f"{self.issuer} {identity}", "to_change": True} | sql
        for column, value in changes.items():
            self.desk.clone.sql(f"UPDATE people SET {column} = %s WHERE login = 'zhaomin'", value)
        return str(self.desk.clone.sql("SELECT id FROM people WHERE login = 'zhaomin'")[0][0])

    def leave(self, person: Person, start: str = START) -> str:
        """Where somebody is sent to."""
        return person.see(start).goes_to

    def back(self, sent: str, **form: str) -> str:
        """Where the provider sends somebody back to, who says there who it is."""
        there = httpx2.post(sent, data=form, verify=False)
        assert there.status_code == 302, there.text
        return there.headers["location"].removeprefix(HERE)

    def come(self, person: Person, identity: str) -> Shown:
        """Go there and back."""
        return person.see(self.back(self.leave(person), sub=identity))

    def refusals(self) -> list[dict[str, Any]]:
        """What the audit says of those who were not let in."""
        rows = self.desk.clone.sql(
            "SELECT details FROM audit WHERE action = 'sign-in.refused' AND id > %s ORDER BY id",
            self.desk.begun,
        )
        return [row[0] for row in rows]


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    with identity_provider.running(free_ports(1)[0]) as started:
        yield started


@pytest.fixture
def settings(desk: Desk, issuer: str) -> dict[str, Any]:
    secret = SecretStr("a secret")  # the provider of the tests asks for one, whatever it is
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": "console",
        "oidc_client_secret": secret,
        "oidc_name": NAME,
    }


@pytest.fixture
def enter(desk: Desk, _gateway: Any, settings: dict[str, Any]) -> Iterator[Callable[..., Entrance]]:
    """`enter(**settings)`: the console with a provider."""
    with ExitStack() as open_ones:

        def begin(**changes: Any) -> Entrance:
            outside = Outside()
            chosen = ConsoleSettings(
                **{
                    "database_url": SecretStr(desk.clone.url),
                    "gateway": "http://gateway.test",
                    "assertion_key": _gateway[1],
                    "public_url": HERE,
                    "pool_size": 1,
                }
                | settings
                | changes
            )
            app = create_app(chosen, clock=desk.clock, transport=desk.door, outside=outside)
            runs = open_ones.enter_context(TestClient(app))
            return Entrance(replace(desk, app=app, runs=runs), outside, chosen.oidc_issuer)

        yield begin
    desk.clone.sql("DELETE FROM sign_ins")


@pytest.fixture
def entrance(enter: Callable[..., Entrance]) -> Entrance:
    return enter()


def said(person: Person, answer: Shown) -> str:
    """The words of the page that somebody was led back to."""
    assert (answer.status, answer.goes_to.startswith("/sign-in?failed=")) == (303, True)
    shown = person.see(answer.goes_to)
    assert (shown.status, 'role="alert"' in shown.text) == (200, True)
    return shown.words


def test_somebody_goes_to_the_provider_and_comes_back_signed_in_to_the_page_that_was_wanted(
    entrance: Entrance,
) -> None:
    id = entrance.tied("zm-1")
    person = entrance.desk.somebody()
    assert f"用{NAME}登录" in person.see("/sign-in?next=/sessions").words
    came = entrance.come(person, "zm-1")
    assert (came.status, came.goes_to) == (303, "/sessions")
    assert "赵敏" in person.see("/sessions").text, (
        "and the first password, another's choice, is not asked for"
    )
    assert entrance.desk.audit()[-1] == ("sign-in.done", "赵敏")
    [(subject, details)] = entrance.desk.clone.sql(
        "SELECT subject, details FROM audit WHERE id > %s", entrance.desk.begun
    )
    assert (subject, details["provider"]) == (id, entrance.issuer)


def test_what_is_sent_shows_nothing_that_another_could_come_back_with(entrance: Entrance) -> None:
    entrance.tied("zm-1")
    person = entrance.desk.somebody()
    went = person.see(START)
    asked = dict(parse_qsl(urlsplit(went.goes_to).query))
    assert asked.keys() == {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid")
    assert asked["redirect_uri"] == f"{HERE}/sign-in/provider/back"
    name, *attributes = went.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "Max-Age=600", "Path=/", "SameSite=lax"} <= set(attributes)
    kept = b"".join(key for (key,) in entrance.desk.clone.sql("SELECT key FROM sign_ins"))
    assert name.partition("=")[2].encode() not in kept
    person.see(entrance.back(went.goes_to, sub="zm-1"))
    form = entrance.outside.form()
    hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert urlsafe_b64encode(hashed).rstrip(b"=").decode() == asked["code_challenge"]


@pytest.mark.parametrize(
    ("methods", "in_form"), [(None, False), (["client_secret_basic"], False), (["client_secret_post"], True)]
)
def test_a_secret_is_shown_as_the_provider_wants_it(
    enter: Callable[..., Entrance], issuer: str, methods: list[str] | None, in_form: bool
) -> None:
    entrance = enter(oidc_client_secret=SecretStr("a secret"))
    entrance.tied("zm-1")
    found = httpx2.get(f"{issuer}/.well-known/openid-configuration", verify=False).json()
    if methods:
        found["token_endpoint_auth_methods_supported"] = methods
    entrance.outside.instead["openid-configuration"] = httpx2.Response(200, json=found)
    assert entrance.come(entrance.desk.somebody(), "zm-1").goes_to == "/sessions"
    assert ("client_secret" in entrance.outside.form()) == in_form
    assert ("authorization" in entrance.outside.asked[-1].headers) != in_form


def test_whom_no_account_is_tied_to_is_told_whom_to_ask_and_gets_no_account(entrance: Entrance) -> None:
    entrance.tied("", subject="https://elsewhere.example stranger")
    person = entrance.desk.somebody()
    people = entrance.desk.clone.sql("SELECT count(*) FROM people")
    assert "请联系系统管理员开设账号并关联" in said(person, entrance.come(person, "stranger"))
    assert entrance.desk.clone.sql("SELECT count(*) FROM people") == people
    assert entrance.desk.clone.sql("SELECT * FROM sessions") == []
    [refusal] = entrance.refusals()
    assert (refusal["reason"], refusal["identity"]) == ("untied", "stranger")


def test_a_disabled_account_lets_nobody_in_by_the_provider_either(entrance: Entrance) -> None:
    entrance.tied("zm-1", active=False)
    person = entrance.desk.somebody()
    assert "账号已停用" in said(person, entrance.come(person, "zm-1"))
    assert entrance.desk.audit()[-1] == ("sign-in.refused", None)


def test_who_refuses_there_is_not_signed_in_here(entrance: Entrance) -> None:
    person = entrance.desk.somebody()
    back = entrance.back(entrance.leave(person), action="deny")
    state = dict(parse_qsl(urlsplit(entrance.leave(person)).query))["state"]
    assert "state=" not in back, "the provider of the tests leaves it out"
    assert f"您在{NAME}那里取消了登录" in said(person, person.see(f"{back}&state={state}"))


def test_what_comes_back_holds_once_in_the_browser_where_it_began_and_for_ten_minutes(
    entrance: Entrance,
) -> None:
    entrance.tied("zm-1")
    person, other = entrance.desk.somebody(), entrance.desk.somebody()
    back = entrance.back(entrance.leave(person), sub="zm-1")
    assert "请重新登录" in said(other, other.see(back)), "another browser"
    cookie = person.http.cookies["sign-in"]
    assert person.see(back).goes_to == "/sessions"
    assert "sign-in" not in person.http.cookies
    person.http.cookies.set("sign-in", cookie)
    assert "请重新登录" in said(person, person.see(back)), "a second time"
    back = entrance.back(entrance.leave(person), sub="zm-1")
    entrance.desk.clock.advance(minutes=10, seconds=1)
    assert "请重新登录" in said(person, person.see(back)), "late"
    assert [each["reason"] for each in entrance.refusals()] == ["state"] * 3
    assert len(entrance.desk.clone.sql("SELECT * FROM sessions")) == 1


def test_a_code_that_was_used_is_refused(entrance: Entrance) -> None:
    entrance.tied("zm-1")
    person = entrance.desk.somebody()
    used = dict(parse_qsl(urlsplit(entrance.back(entrance.leave(person), sub="zm-1")).query))["code"]
    sent = entrance.leave(person)
    state = dict(parse_qsl(urlsplit(sent).query))["state"]
    httpx2.post(
        f"{entrance.issuer}/oauth2/token",
        data={
            "grant_type": "authorization_code",
            "code": used,
            "client_id": "console",
            "redirect_uri": f"{HERE}/sign-in/provider/back",
        },
        auth=("console", "a secret"),
        verify=False,
    ).raise_for_status()
    answer = person.see(f"/sign-in/provider/back?code={used}&state={state}")
    assert "答复无法核验" in said(person, answer)
    assert entrance.refusals()[-1]["wrong"] == "code"


@pytest.mark.parametrize("more", ["code=x", "error=server_error", "code=x&iss=https://elsewhere.example", ""])
def test_what_the_provider_would_not_say_signs_nobody_in(entrance: Entrance, more: str) -> None:
    person = entrance.desk.somebody()
    state = dict(parse_qsl(urlsplit(entrance.leave(person)).query))["state"]
    answer = person.see(f"/sign-in/provider/back?state={state}&{more}")
    assert "答复无法核验" in said(person, answer)
    assert entrance.refusals()[-1]["reason"] == "unfit"


def test_a_token_for_another_sign_in_is_refused(entrance: Entrance) -> None:
    """As it would be if a code of somebody else's were put under."""
    entrance.tied("zm-1")
    victim, thief = entrance.desk.somebody(), entrance.desk.somebody()
    stolen = dict(parse_qsl(urlsplit(entrance.back(entrance.leave(thief), sub="zm-1")).query))["code"]
    state = dict(parse_qsl(urlsplit(entrance.leave(victim)).query))["state"]
    answer = victim.see(f"/sign-in/provider/back?code={stolen}&state={state}")
    assert "答复无法核验" in said(victim, answer)
    assert entrance.refusals()[-1]["wrong"] == "nonce"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        httpx2.Response(500),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json={"issuer": "https://elsewhere.example"}),
    ],
)
def test_while_the_provider_is_away_the_form_for_passwords_stands(
    entrance: Entrance, answer: httpx2.Response | None
) -> None:
    entrance.outside.instead["openid-configuration"] = answer
    person = entrance.desk.somebody()
    words = said(person, person.see(START))
    assert (f"{NAME}暂时连接不上" in words, "密码" in words) == (True, True)
    assert entrance.refusals() == [{"reason": "away", "provider": entrance.issuer, "address": "testclient"}]


@pytest.mark.parametrize("answer", [None, httpx2.Response(503), httpx2.Response(200, text="<html>")])
def test_a_provider_that_goes_away_meanwhile_is_no_fault_of_ours(
    entrance: Entrance, answer: httpx2.Response | None
) -> None:
    person = entrance.desk.somebody()
    back = entrance.back(entrance.leave(person), sub="zm-1")
    entrance.outside.instead["/token"] = answer
    assert f"{NAME}暂时连接不上" in said(person, person.see(back))


def test_a_provider_without_an_id_token_is_not_believed(entrance: Entrance) -> None:
    person = entrance.desk.somebody()
    back = entrance.back(entrance.leave(person), sub="zm-1")
    token = {"access_token": "x", "token_type": "Bearer"}
    entrance.outside.instead["/token"] = httpx2.Response(200, json=token)
    assert "答复无法核验" in said(person, person.see(back))


def test_who_signs_out_here_is_led_to_sign_out_there_too(entrance: Entrance) -> None:
    entrance.tied("zm-1")
    person = entrance.desk.somebody()
    entrance.come(person, "zm-1")
    left = person.do("/sign-out/now")
    assert f"正在转到{NAME}" in left.words
    there = f"{entrance.issuer}/oauth2/end_session?client_id=console&amp;post_logout_redirect_uri="
    assert f'content="0; url={there}' in left.text
    assert "赵敏" not in left.text
    assert person.see("/sessions").goes_to == "/sign-in?next=/sessions"
    assert entrance.desk.clone.sql("SELECT * FROM sessions") == []


def test_who_came_by_a_password_is_not_led_to_the_provider(entrance: Entrance) -> None:
    entrance.desk.officer()
    person = entrance.desk.somebody()
    person.http.cookies.set("session", "cookie of lihua")
    assert person.do("/sign-out/now").goes_to == "/sign-out"


def test_an_administrator_ties_an_account_and_unties_it(entrance: Entrance) -> None:
    id = entrance.tied("", subject=None)
    person, here = entrance.desk.somebody(), f"/people/{id}"
    administrator = entrance.desk.sit("administrator", "admin", "管理员甲")
    own = entrance.desk.somebody()
    own.http.cookies = administrator.http.cookies
    assert own.do(f"{here}/tie", identity=" zm-2 ").goes_to == f"{here}?done=person.tie"
    assert "zm-2" in own.see(here).words
    assert entrance.come(person, "zm-2").goes_to == "/sessions"
    other = entrance.desk.sit("leader", "wangwei", "王伟", unit="district-government").id
    twice = own.do(f"/people/{other}/tie", identity="zm-2")
    assert (twice.status, "已经关联了账号 zhaomin" in twice.words) == (422, True)
    assert own.do(f"{here}/tie", identity="x" * 256).status == 422
    assert own.do(f"{here}/tie", identity="").status == 303
    assert person.see("/sessions").goes_to.startswith("/sign-in"), "sessions end"
    assert "还没有关联" in said(person, entrance.come(person, "zm-2"))
    done = [action for action, _ in entrance.desk.audit()]
    assert done == ["account.tied", "sign-in.done", "account.untied", "sign-in.refused"]


def test_only_an_administrator_ties(entrance: Entrance) -> None:
    id = entrance.tied("", subject=None)
    entrance.desk.sit("security", "safe", "安全员乙")
    person = entrance.desk.somebody()
    person.http.cookies.set("session", "cookie of safe")
    assert person.do(f"/people/{id}/tie", identity="zm-2").status == 403


def test_passwords_can_be_switched_off_beside_a_provider(enter: Callable[..., Entrance]) -> None:
    entrance = enter(passwords=False)
    entrance.tied("zm-1", password=passwords.hashed("Qinghai-2024"))
    person = entrance.desk.somebody()
    assert 'name="password"' not in person.see("/sign-in").text
    tried = person.do("/sign-in/now", login="zhaomin", password="Qinghai-2024")
    assert (tried.status, f"请用{NAME}登录" in tried.words) == (403, True)
    assert entrance.come(person, "zm-1").goes_to == "/sessions"


def test_without_a_provider_there_is_no_way_to_it(desk: Desk) -> None:
    person = desk.somebody()
    assert person.see("/sign-in/provider").status == 404
    assert person.see("/sign-in/provider/back?code=x&state=y").status == 404
    assert "provider" not in person.see("/sign-in?failed=away").text
    administrator = desk.sit("administrator", "admin", "管理员甲")
    assert administrator.do(f"/people/{administrator.id}/tie", identity="x").status == 422
