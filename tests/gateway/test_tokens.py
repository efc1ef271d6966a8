"""Clients get tokens as OAuth 2.0 says (RFC 6749 4.4), and everyone gets the keys to check them."""

import base64
from pathlib import Path

import pytest
import yaml
from joserfc import jwt
from joserfc.jwk import KeySet

from gateway.clients import BrokenClients, Clients, hash_secret, matches
from kit.web.tokens import Verifier
from tests.gateway.conftest import HOTLINE, SECRET

FORM = {"grant_type": "client_credentials", "client_id": "hotline", "client_secret": SECRET}


@pytest.fixture
def door(gateway, upstream):
    return gateway(property=upstream())


def ask(door, form=FORM, **kwargs):
    return door.http.post("/auth/v1/token", data=form, **kwargs)


def assert_refused(answer, status, error):
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].isascii()
    assert answer.json()["detail"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_client_gets_a_token_that_the_services_accept(door):
    answer = ask(door)

    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    given = answer.json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    assert given["scope"] == "dispatch:read dispatch:write"
    caller = Verifier(door.settings).verify(given["access_token"])
    assert (caller.client, caller.name, caller.division) == ("hotline", "12345 热线", None)
    assert caller.scopes == {"dispatch:read", "dispatch:write"}
    assert door.http.get(
        "/property/v1/x", headers={"Authorization": f"Bearer {given['access_token']}"}
    ).is_success


def test_the_token_names_the_unit_by_its_id(door, files):
    claims = jwt.decode(ask(door).json()["access_token"], door.key).claims

    assert claims["unit"] == "government-service-bureau"


def test_the_published_keys_check_it_and_hold_nothing_private(door):
    answer = door.http.get("/auth/v1/jwks.json")

    assert "no-store" not in answer.headers["cache-control"]
    keys = answer.json()["keys"]
    assert all(set(key) <= {"kty", "n", "e", "kid", "use", "alg"} for key in keys)
    jwt.decode(ask(door).json()["access_token"], KeySet.import_key_set(answer.json()), algorithms=["RS256"])


def test_the_credentials_may_come_as_http_basic(door):
    answer = ask(door, {"grant_type": "client_credentials"}, auth=("hotline", SECRET.replace(" ", "+")))

    assert answer.status_code == 200


def test_a_client_may_ask_for_less(door):
    given = ask(door, FORM | {"scope": "dispatch:read"}).json()

    assert given["scope"] == "dispatch:read"
    assert Verifier(door.settings).verify(given["access_token"]).scopes == {"dispatch:read"}


@pytest.mark.parametrize("scope", ["property:write", "dispatch:read property:write", "权限"])
def test_a_client_may_not_ask_for_more(door, scope):
    assert_refused(ask(door, FORM | {"scope": scope}), 400, "invalid_scope")


@pytest.mark.parametrize(
    "changed",
    [{"client_secret": "wrong"}, {"client_id": "nobody"}, {"client_secret": ""}, {"client_id": ""}],
)
def test_a_wrong_secret_and_an_unknown_client_are_refused_alike(door, changed):
    assert_refused(ask(door, FORM | changed), 401, "invalid_client")


def test_a_refused_basic_login_is_challenged(door):
    answer = ask(door, {"grant_type": "client_credentials"}, auth=("hotline", "wrong"))

    assert_refused(answer, 401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "credentials", ["!!!", base64.b64encode(b"no colon").decode(), base64.b64encode(b"\xff:x").decode()]
)
def test_basic_credentials_that_cannot_be_read_are_refused(door, credentials):
    answer = ask(
        door, {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {credentials}"}
    )

    assert_refused(answer, 401, "invalid_client")


@pytest.mark.parametrize("grant", ["password", "authorization_code"])
def test_other_grants_are_not_supported(door, grant):
    assert_refused(ask(door, FORM | {"grant_type": grant}), 400, "unsupported_grant_type")


def test_a_request_without_a_grant_is_invalid(door):
    form = {name: value for name, value in FORM.items() if name != "grant_type"}

    assert_refused(ask(door, form), 400, "invalid_request")


def test_credentials_in_two_places_are_invalid(door):
    assert_refused(ask(door, FORM, auth=("hotline", SECRET)), 400, "invalid_request")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials&grant_type=password", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"grant_type", "application/x-www-form-urlencoded"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
def test_a_form_that_is_none_is_invalid(door, content, kind):
    answer = door.http.post("/auth/v1/token", content=content, headers={"Content-Type": kind})

    assert_refused(answer, 400, "invalid_request")


def test_a_form_that_is_too_large_is_refused(door):
    answer = ask(door, FORM | {"scope": "x" * 20_000})

    assert answer.status_code == 413


def test_trying_secrets_is_slowed_down(gateway, upstream):
    door = gateway(property=upstream(), settings={"token_rate": 0.01, "token_burst": 2})

    answers = [ask(door, FORM | {"client_secret": "wrong"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[-1].headers["retry-after"]) > 1


def test_the_secret_is_never_logged(door, capfd):
    ask(door)
    ask(door, FORM | {"client_secret": "wrong horse"})

    written = "".join(capfd.readouterr())
    assert SECRET not in written
    assert "wrong horse" not in written


class TestClientsFile:
    @pytest.fixture
    def path(self, tmp_path) -> Path:
        return tmp_path / "clients.yaml"

    def write(self, path, **clients):
        path.write_text(yaml.safe_dump({"clients": clients}, allow_unicode=True), encoding="utf-8")

    def client(self, **fields):
        return HOTLINE | {"secret": HASH} | fields

    def test_a_change_takes_effect_without_a_restart(self, path):
        self.write(path, one=self.client())
        clients = Clients(path)
        assert clients.get("two") is None

        self.write(path, two=self.client(name="另一个"))

        assert clients.get("one") is None
        assert clients.get("two").name == "另一个"

    def test_a_broken_change_leaves_the_former_clients_in_force(self, path):
        self.write(path, one=self.client())
        clients = Clients(path)

        path.write_text("clients: [")

        assert clients.get("one") is not None

    def test_a_file_that_is_gone_leaves_the_former_clients_in_force(self, path):
        self.write(path, one=self.client())
        clients = Clients(path)

        path.unlink()

        assert clients.get("one") is not None

    def test_units_and_divisions_may_be_written_by_any_of_their_names(self, path):
        self.write(path, one=self.client(unit="区住建局", division="天骄街道办事处"))
        client = Clients(path).get("one")

        assert (client.unit, client.division) == ("housing-construction-bureau", "天骄街道")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"secret": "plain text"},
            {"secret": "scrypt$1$8$1$AAAAAAAAAAA=$AAAA"},
            {"scopes": ["two words"]},
            {"unit": "某某局"},
            {"division": "区住建局"},
            {"division": "某某街道"},
            {"company": "91150602MA0DEMF000"},
            {"lifetime": 1},
            {"role": "admin"},
        ],
    )
    def test_a_mistake_is_found_at_the_start_and_said_where(self, path, wrong):
        self.write(path, one=self.client(**wrong))

        with pytest.raises(BrokenClients) as broken:
            Clients(path)

        assert f"clients.one.{next(iter(wrong))}" in str(broken.value)
        assert "plain text" not in str(broken.value)

    @pytest.mark.parametrize("other", [{"unit": "区住建局"}, {"division": "天骄街道"}])
    def test_a_company_is_limited_to_itself_and_to_nothing_else(self, path, other):
        self.write(path, one=self.client(unit=None, company="91150602MA0DEMF00Q"))
        assert Clients(path).get("one").caller("one", frozenset()).company == "91150602MA0DEMF00Q"
        self.write(path, one=self.client(**({"unit": None, "company": "91150602MA0DEMF00Q"} | other)))
        with pytest.raises(BrokenClients):
            Clients(path)

    @pytest.mark.parametrize("text", ["", "clients: [", "- 1", "others: {}"])
    def test_a_file_that_is_no_clients_file_is_refused(self, path, text):
        path.write_text(text)

        with pytest.raises(BrokenClients):
            Clients(path)

    def test_a_companys_code_is_in_its_token(self, gateway, upstream, path):
        own = self.client(unit=None, secret=hash_secret("s"), company="91150602MA0DEMF00Q")
        self.write(path, plant=own)
        door = gateway(property=upstream(), settings={"clients": path})

        given = ask(door, FORM | {"client_id": "plant", "client_secret": "s"}).json()

        assert jwt.decode(given["access_token"], door.key).claims["company"] == "91150602MA0DEMF00Q"

    def test_a_clients_own_lifetime_and_division_are_in_its_token(self, gateway, upstream, path):
        self.write(path, street=self.client(secret=hash_secret("s"), division="天骄街道", lifetime=120))
        door = gateway(property=upstream(), settings={"clients": path})

        given = ask(door, FORM | {"client_id": "street", "client_secret": "s"}).json()

        assert given["expires_in"] == 120
        claims = jwt.decode(given["access_token"], door.key).claims
        assert (claims["division"], claims["exp"] - claims["iat"]) == ("天骄街道", 120)


HASH = hash_secret("once")


def test_a_hash_matches_its_secret_only_and_never_twice_the_same():
    assert matches("once", HASH)
    assert not matches("Once", HASH)
    assert hash_secret("once") != HASH
    assert HASH.startswith("scrypt$16384$8$1$"), "RFC 7914's for interactive logins"
