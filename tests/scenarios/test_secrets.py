"""What is secret or personal stands in no line of a log, no figure, no refusal and no delivery of the whole set."""

import json
import re
import unicodedata
from pathlib import Path

import httpx2
import pytest

from deploy.plan import SERVICES, assertion_key
from deploy.tokens import read_environment
from kit.web.assertions import read_key, sign_assertion
from kit.web.caller import Caller, Person
from tests.kit.receivers import Receiver
from tests.scenarios.door import eventually

pytestmark = pytest.mark.processes

NAME, PHONE, ID_NUMBER = "欧阳无双", "13912345678", "11010519491231002X"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#: Written as a person, and as a program, would.
CITIZEN = {"name": NAME, "phone": "139 1234 5678"}
CALL = {
    "matter": "property-service",
    "summary": f"{NAME}来电：楼道灯不亮",
    "description": f"联系 {PHONE}，身份证 {ID_NUMBER}",
    "division": "天骄街道",
    "citizen": CITIZEN,
}
#: Settings of the set that are secret as a whole, or hold a password.
SECRET_SETTINGS = re.compile(r"(KEY|SECRET|PASSWORD)$")


@pytest.fixture
def receiver():
    started = Receiver()
    yield started
    started.close()


def test_nothing_secret_or_personal_is_told_to_who_need_not_know(district, receiver):
    with district.client("operator") as operator, district.client("hotline") as hotline:
        subscribed = operator.post(
            "/property/v1/subscriptions",
            json={"name": "secrets", "url": receiver.url, "secret": WEBHOOK_SECRET, "since": "now"},
        )
        assert subscribed.status_code == 201, subscribed.text
        number = hotline.post("/dispatch/v1/requests", json=CALL).json()["number"]
        for action, body in (("accept", {}), ("answer", {"note": f"已与{NAME}（{PHONE}）联系"})):
            assert hotline.post(f"/dispatch/v1/requests/{number}/{action}", json=body).status_code < 500
        signed = _signed_in(district)
        refused = [answer.text for answer in _refused(hotline, district)]
        assert all(refused)
        _told_back(hotline)
        assert eventually(lambda: any(number in json.dumps(each) for each in receiver.got), 30)
        shown = {
            "log": district.said(),
            "refusals": "\n".join(refused),
            "figures": "\n".join(_figures(district)),
            "deliveries": "\n".join(f"{head} {body.decode()}" for head, body in receiver.requests),
        }
        operator.delete(f"/property/v1/subscriptions/{subscribed.json()['id']}")

    sought = {NAME, PHONE, ID_NUMBER, WEBHOOK_SECRET, *signed, *_secrets(district)}
    assert len(sought) > 20
    plain = {place: _plain(text) for place, text in shown.items()}
    assert {
        place: found for place, text in plain.items() if (found := [s for s in sought if _plain(s) in text])
    } == {}


def _signed_in(district) -> set[str]:
    """What a person has who comes by what the console signs: name, assertion and token. Both are used twice."""
    who = Caller("console", scopes=frozenset(("property:read",)), person=Person("p-1", "呼格吉勒图"))
    assertion = sign_assertion(read_key(assertion_key(district.var, "console")), who, "dongsheng-gateway")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    with district.client() as anybody:
        given, again = (anybody.post("/auth/v1/token", data=form) for _ in range(2))
        assert (given.status_code, again.status_code) == (200, 400)
        token = given.json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        paths = ("/property/v1/compounds", "/emergency/v1/incidents")
        assert [anybody.get(path, headers=bearer).status_code for path in paths] == [200, 403]
    return {"呼格吉勒图", assertion, token}


def _refused(hotline, district) -> list[httpx2.Response]:
    """Calls of which each is refused, with what is personal or secret where it does not belong."""
    requests = "/dispatch/v1/requests"
    secret = _client_secrets(district)["hotline"]
    with district.client() as nobody:
        answers = [
            hotline.post(
                requests, json=CALL | {"citizen": {"name": NAME, "phone": f"{PHONE}0000{ID_NUMBER}"}}
            ),
            hotline.post(requests, json=CALL | {"received_at": f"{NAME} {PHONE}"}),
            hotline.post(
                requests, content=json.dumps(CALL)[:-1], headers={"Content-Type": "application/json"}
            ),
            hotline.get(requests, params={"limit": PHONE, "phone": PHONE, "q": f"{NAME} {ID_NUMBER}"}),
            hotline.get("/emergency/v1/incidents", params={"reporter_phone": PHONE}),
            nobody.post(
                "/auth/v1/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": "hotline",
                    "client_secret": f"{secret}x",
                },
            ),
            nobody.get(
                requests, headers={"Authorization": f"Bearer {hotline.headers['authorization'][7:]}x"}
            ),
            nobody.get(requests, params={"access_token": hotline.headers["authorization"][7:]}),
        ]
    assert all(400 <= answer.status_code < 500 for answer in answers), [each.status_code for each in answers]
    return answers


def _told_back(hotline) -> None:
    """Calls whose refusal names the code, the field or the number that was sent, to who sent it, but to no log."""
    requests = "/dispatch/v1/requests"
    for answer, word in (
        (hotline.post(requests, json=CALL | {"matter": f"unknown {PHONE}"}), PHONE),
        (hotline.post(requests, json=CALL | {NAME: PHONE}), NAME),
        (hotline.get(f"{requests}/DS-PQ-{PHONE}"), PHONE),
    ):
        assert answer.status_code in (404, 422)
        assert word in answer.text


def _figures(district) -> list[str]:
    ports = [district.settings[f"{name}_PORT".upper()] for name in (*SERVICES, "gateway")]
    answers = [httpx2.get(f"http://127.0.0.1:{port}/metrics") for port in ports]
    assert all(answer.status_code == 200 for answer in answers)
    return [answer.text for answer in answers]


def _client_secrets(district) -> dict[str, str]:
    return {
        each.name: each.read_text().strip() for each in Path(district.var, "secrets", "clients").iterdir()
    }


def _secrets(district) -> set[str]:
    """The secrets of the clients, the tokens that were given out, and those of the set's settings."""
    settings = read_environment(district.var)
    kept = {
        value for name, value in settings.items() if SECRET_SETTINGS.search(name) and not Path(value).exists()
    }
    passwords = {
        found[1]
        for name, value in settings.items()
        if name.endswith("DATABASE_URL") and (found := re.search(r"://[^:/@]+:([^@]+)@", value))
    }
    console = assertion_key(district.var, "console").read_text().splitlines()[1]
    return (
        kept
        | passwords
        | {console}
        | set(_client_secrets(district).values())
        | set(district._tokens.values())
    )


def _plain(text: str) -> str:
    """A text without what sets digits apart, and with escaped letters as themselves."""
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"[\s\-－（）()]", "", unicodedata.normalize("NFKC", unescaped))
