"""A person becomes a caller by what a client signs (RFC 7523 2.1), and by nothing else."""

import base64
import hmac
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey, RSAKey

from gateway.assertions import GRANT, Assertions
from gateway.clients import BrokenClients, Clients, hash_secret
from gateway.limits import Limiter
from gateway.refused import Refused
from kit.web.assertions import new_key, public_jwk, read_key, sign_assertion
from kit.web.caller import Caller, Person
from kit.web.problems import TooMany
from kit.web.tokens import Verifier
from tests.gateway.conftest import HOTLINE

ISSUER = "dongsheng-gateway"
NOW = 1_750_000_000
PERSON = Person("0190-7f3a", "乌兰·其其格")
CLERK = Caller(
    "console", "", "tianjiao-street", "天骄街道", None, frozenset(("property:read", "property:write")), PERSON
)
CONSOLE = {"name": "工作台", "scopes": ["property:read", "dispatch:read"]}


@pytest.fixture(scope="module")
def own_key(tmp_path_factory) -> OKPKey:
    path = tmp_path_factory.mktemp("console") / "console.assertion-key"
    path.write_text(new_key())
    return read_key(path)


@pytest.fixture(scope="module")
def path(tmp_path_factory, own_key) -> Path:
    """The file of the clients: one that signs for people, and one that does not."""
    file = tmp_path_factory.mktemp("clients") / "clients.yaml"
    hotline = HOTLINE | {"secret": hash_secret("s")}
    write(file, console=CONSOLE | {"assertion_keys": [public_jwk(own_key)]}, hotline=hotline)
    return file


def write(file: Path, **clients) -> None:
    file.write_text(yaml.safe_dump({"clients": clients}, allow_unicode=True), encoding="utf-8")


class Taking:
    """What the gateway takes, at a time that the test sets."""

    def __init__(self, path: Path, burst: int = 100) -> None:
        self.now = float(NOW)
        limiter = Limiter(0.001, burst, lambda: 0.0)
        self.assertions = Assertions(Clients(path), ISSUER, limiter, lambda: self.now)

    def accept(self, assertion: str) -> Caller:
        return self.assertions.accept(assertion).caller

    def refusal(self, assertion: str) -> str:
        with pytest.raises(Refused) as refused:
            self.assertions.accept(assertion)
        assert refused.value.body["error"] == "invalid_grant"
        assert refused.value.body["error_description"].isascii()
        return refused.value.body["detail"]


@pytest.fixture
def taking(path) -> Taking:
    return Taking(path)


def claims(**changed) -> dict:
    """Good claims, changed; None: left out."""
    good = {
        "iss": "console",
        "sub": "0190-7f3a",
        "name": "张三",
        "aud": ISSUER,
        "iat": NOW,
        "exp": NOW + 60,
        "jti": "a-jti-of-16-chars",
        "scope": "property:read",
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(key, said: dict, algorithm: str = "Ed25519") -> str:
    return jwt.encode({"alg": algorithm}, said, key, algorithms=[algorithm])


def forged(header: dict, said: bytes) -> str:
    parts = (json.dumps(header).encode(), said, b"")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_a_person_is_limited_as_signed_and_by_what_the_client_may(taking, own_key):
    accepted = taking.assertions.accept(sign_assertion(own_key, CLERK, ISSUER, NOW))

    assert accepted.caller == replace(CLERK, name="工作台", scopes=frozenset(("property:read",)))
    assert accepted.lifetime == 300


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"aud": "dongsheng"}, "aud"),
        ({"aud": [ISSUER, "another"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": NOW + 61}, "exp"),
        ({"exp": NOW}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"iat": None}, "iat"),
        ({"iat": str(NOW)}, "iat"),
        ({"iat": NOW + 31, "exp": NOW + 60}, "尚未生效"),
        ({"nbf": NOW + 31}, "尚未生效"),
        ({"iat": NOW - 90, "exp": NOW - 30}, "过期"),
        ({"jti": None}, "jti"),
        ({"jti": "short"}, "jti"),
        ({"jti": "x" * 129}, "jti"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 65}, "sub"),
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "张\x00三"}, "name"),
        ({"name": "张\u202e三"}, "name"),
        ({"scope": ["property:read"]}, "scope"),
        ({"unit": "某某局"}, "unit"),
        ({"unit": ["区住建局", "区应急管理局"]}, "unit"),
        ({"division": "某某街道"}, "division"),
        ({"division": "区住建局"}, "division"),
        ({"company": "91150602MA0DEMF000"}, "company"),
        ({"unit": "天骄街道", "division": "公园街道"}, "同一街道"),
        ({"company": "91150602MA0DEMF00Q", "unit": "区住建局"}, "企业"),
        ({"company": "91150602MA0DEMF00Q", "division": "天骄街道"}, "企业"),
    ],
)
def test_what_an_assertion_should_not_say_is_refused_and_told(taking, own_key, changed, told):
    assert re.search(told, taking.refusal(signed(own_key, claims(**changed))))


def test_whoever_is_of_a_street_is_limited_to_it_also_where_that_is_not_said(taking, own_key):
    assert taking.accept(signed(own_key, claims(unit="罕台镇"))).division == "罕台镇"
    bureau = claims(unit="区住建局", division="罕台镇", jti="another-jti-of-16")
    assert taking.accept(signed(own_key, bureau)).division == "罕台镇"


def test_clocks_may_be_apart_by_half_a_minute(taking, own_key):
    assert taking.accept(signed(own_key, claims(iat=NOW + 30, exp=NOW + 90, jti="ahead-of-our-clock")))
    assert taking.accept(signed(own_key, claims(iat=NOW - 89, exp=NOW - 29, jti="behind-our-own-clock")))


def test_names_of_every_length_and_script_stay_what_they_are(taking, own_key):
    assert (
        taking.accept(signed(own_key, claims(name="阿拉腾其木格·巴雅尔"))).person.name
        == "阿拉腾其木格·巴雅尔"
    )


class TestSignatures:
    @pytest.mark.parametrize("issuer", ["nobody", "hotline", "", None])
    def test_of_a_client_that_signs_for_nobody_they_hold_nothing(self, taking, own_key, issuer):
        assert "已登记的密钥" in taking.refusal(signed(own_key, claims(iss=issuer)))

    def test_another_key_does_not_do(self, taking):
        assert "已登记的密钥" in taking.refusal(signed(OKPKey.generate_key("Ed25519"), claims()))

    def test_a_key_that_the_assertion_brings_along_does_not_do(self, taking):
        other = OKPKey.generate_key("Ed25519")
        header = {"alg": "Ed25519", "jwk": other.as_dict(private=False)}
        assert "已登记的密钥" in taking.refusal(jwt.encode(header, claims(), other, algorithms=["Ed25519"]))

    def test_the_public_key_is_no_shared_secret(self, taking, own_key):
        head, said, _ = forged({"alg": "HS256"}, json.dumps(claims()).encode()).split(".")
        for secret in (own_key.as_pem(private=False), own_key.as_dict()["x"].encode()):
            code = hmac.digest(secret, f"{head}.{said}".encode(), "sha256")
            signature = base64.urlsafe_b64encode(code).decode().rstrip("=")
            assert "已登记的密钥" in taking.refusal(f"{head}.{said}.{signature}")

    def test_another_algorithm_does_not_do(self, taking):
        assert "已登记的密钥" in taking.refusal(signed(RSAKey.generate_key(2048), claims(), "RS256"))

    @pytest.mark.parametrize("algorithm", ["none", "None", "Ed25519", "EdDSA"])
    def test_what_is_not_signed_does_not_hold(self, taking, algorithm):
        assert "已登记的密钥" in taking.refusal(
            forged({"alg": algorithm, "typ": "JWT"}, json.dumps(claims()).encode())
        )

    def test_what_was_changed_after_it_was_signed_does_not_hold(self, taking, own_key):
        head, _, signature = signed(own_key, claims()).split(".")
        other = base64.urlsafe_b64encode(json.dumps(claims(scope="dispatch:read")).encode()).decode()
        assert "已登记的密钥" in taking.refusal(".".join((head, other.rstrip("="), signature)))

    @pytest.mark.parametrize(
        "text", ["", "x", "a.b.c", "a.b.c.d.e", "....", forged({"alg": "Ed25519"}, "张三".encode("gbk"))]
    )
    def test_what_is_no_assertion_is_refused(self, taking, text):
        assert "已登记的密钥" in taking.refusal(text)


class TestOnce:
    def test_an_assertion_holds_once(self, taking, own_key):
        assertion = sign_assertion(own_key, CLERK, ISSUER, NOW)
        taking.accept(assertion)
        taking.now += 89  # as late as the clocks may be apart
        assert "已使用过" in taking.refusal(assertion)
        assert taking.accept(sign_assertion(own_key, CLERK, ISSUER, taking.now))

    def test_what_has_expired_is_forgotten(self, taking, own_key):
        taking.accept(sign_assertion(own_key, CLERK, ISSUER, NOW))
        taking.now += 120
        taking.accept(sign_assertion(own_key, CLERK, ISSUER, taking.now))
        assert len(taking.assertions._used) == 1

    def test_a_client_that_comes_too_often_waits_and_uses_nothing_up(self, path, own_key):
        taking = Taking(path, burst=1)
        taking.accept(sign_assertion(own_key, CLERK, ISSUER, NOW))
        with pytest.raises(TooMany):
            taking.accept(sign_assertion(own_key, CLERK, ISSUER, NOW))
        assert len(taking.assertions._used) == 1


class TestEndpoint:
    @pytest.fixture
    def door(self, gateway, upstream, path):
        return gateway(property=upstream(), settings={"clients": path, "token_rate": 0.001, "token_burst": 3})

    def ask(self, door, assertion, **form):
        given = {"grant_type": GRANT, "assertion": assertion} | form
        return door.http.post("/auth/v1/token", data=given)

    def test_there_and_back_a_person_is_who_signed_in(self, door, own_key):
        answer = self.ask(door, sign_assertion(own_key, CLERK, ISSUER))

        given = answer.json()
        assert (given["scope"], given["expires_in"]) == ("property:read", 300)
        assert answer.headers["cache-control"] == "no-store"
        caller = Verifier(door.settings).verify(given["access_token"])
        assert caller == replace(CLERK, name="工作台", scopes=frozenset(("property:read",)))
        said = jwt.decode(given["access_token"], door.key).claims
        assert said["person"] == {"id": PERSON.id, "name": PERSON.name}
        assert said["exp"] - said["iat"] == 300
        bearer = {"Authorization": f"Bearer {given['access_token']}"}
        assert door.http.get("/property/v1/x", headers=bearer).is_success

    def test_of_scopes_that_the_client_has_not_none_is_given(self, door, own_key):
        for scopes in (["emergency:read"], ["property:write", "令"], []):
            other = replace(CLERK, scopes=frozenset(scopes))
            answer = self.ask(door, sign_assertion(own_key, other, ISSUER))
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
            assert answer.json()["error_description"].isascii()

    def test_the_form_may_ask_for_less_but_not_for_more(self, door, own_key):
        both = replace(CLERK, scopes=frozenset(("property:read", "dispatch:read")))
        answer = self.ask(door, sign_assertion(own_key, both, ISSUER), scope="property:read property:write")

        assert answer.json()["scope"] == "property:read"

    def test_many_people_come_from_one_address_and_bad_assertions_count_for_theirs(self, door, own_key):
        good = [self.ask(door, sign_assertion(own_key, CLERK, ISSUER)).status_code for _ in range(5)]
        used = sign_assertion(own_key, CLERK, ISSUER)
        bad = [self.ask(door, used).status_code for _ in range(5)]

        assert good == [200] * 5
        assert bad == [200, 400, 400, 400, 429]
        assert self.ask(door, sign_assertion(own_key, CLERK, ISSUER)).status_code == 200

    def test_an_assertion_and_a_secret_do_not_stand_for_one_another(self, door, own_key):
        both = self.ask(door, sign_assertion(own_key, CLERK, ISSUER), client_secret="s")
        none = self.ask(door, "")
        form = {"grant_type": "client_credentials", "client_id": "console", "client_secret": "None"}
        secret = door.http.post("/auth/v1/token", data=form)

        assert [(each.status_code, each.json()["error"]) for each in (both, none, secret)] == [
            (400, "invalid_request"),
            (400, "invalid_request"),
            (401, "invalid_client"),
        ]

    def test_neither_person_nor_assertion_is_logged(self, door, own_key, capfd):
        assertion = sign_assertion(own_key, CLERK, ISSUER)
        self.ask(door, assertion)
        self.ask(door, assertion)

        written = "".join(capfd.readouterr())
        assert PERSON.name not in written
        assert assertion not in written


class TestClientsFile:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"secret": hash_secret("s")},
            {"assertion_keys": []},
            {"assertion_keys": ["no key"]},
            {"assertion_keys": [{"kty": "OKP", "crv": "Ed25519"}]},
            {"unit": "区住建局"},
            {"division": "天骄街道"},
            {"company": "91150602MA0DEMF00Q"},
        ],
    )
    def test_who_signs_for_people_has_keys_alone(self, tmp_path, own_key, wrong):
        write(tmp_path / "c.yaml", console=CONSOLE | {"assertion_keys": [public_jwk(own_key)]} | wrong)
        with pytest.raises(BrokenClients, match=r"clients\.console"):
            Clients(tmp_path / "c.yaml")

    @pytest.mark.parametrize(
        "made",
        [
            OKPKey.generate_key("Ed25519").as_dict(private=True),
            OKPKey.generate_key("Ed448").as_dict(private=False),
            OctKey.generate_key(256).as_dict(),
        ],
        ids=["private", "another curve", "a secret"],
    )
    def test_a_key_is_the_public_half_of_one_on_the_curve_and_never_shown(self, tmp_path, made):
        write(tmp_path / "c.yaml", console=CONSOLE | {"assertion_keys": [made]})
        with pytest.raises(BrokenClients) as broken:
            Clients(tmp_path / "c.yaml")
        assert not any(
            str(value) in str(broken.value) for name, value in made.items() if name in ("d", "k", "x")
        )

    def test_a_second_key_holds_while_one_takes_anothers_place(self, tmp_path, own_key):
        next = OKPKey.generate_key("Ed25519", auto_kid=True)
        keys = [public_jwk(own_key), public_jwk(next)]
        write(tmp_path / "c.yaml", console=CONSOLE | {"assertion_keys": keys})
        taking = Taking(tmp_path / "c.yaml")
        assert taking.accept(sign_assertion(own_key, CLERK, ISSUER, NOW))
        assert taking.accept(sign_assertion(next, CLERK, ISSUER, NOW))


def test_only_a_person_is_asserted(own_key):
    with pytest.raises(ValueError, match="person"):
        sign_assertion(own_key, replace(CLERK, person=None), ISSUER)
