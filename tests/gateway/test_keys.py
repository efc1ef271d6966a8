"""The key that signs tokens is made once, kept from others, and replaced while the gateway runs."""

import json
import os
import subprocess
import sys

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from gateway.clients import matches
from gateway.keys import SigningKey, UnusableKey, announce, forget, load_signing_key, make_keys, rotate
from kit.web.tokens import write_jwks
from tests.gateway.conftest import settings_of
from tests.gateway.test_tokens import ask


class TestKeys:
    @pytest.fixture
    def settings(self, tmp_path):
        return settings_of(tmp_path, {"property": "http://127.0.0.1:1"})

    def test_the_key_is_made_once_and_only_its_owner_may_read_it(self, settings):
        make_keys(settings)
        made = settings.signing_key.read_bytes()
        make_keys(settings)

        assert settings.signing_key.read_bytes() == made
        assert settings.signing_key.stat().st_mode & 0o777 == 0o600
        assert len(json.loads(settings.token_jwks.read_text())["keys"]) == 1
        assert load_signing_key(settings).kid == json.loads(settings.token_jwks.read_text())["keys"][0]["kid"]

    def test_a_new_key_leaves_the_old_one_published(self, settings):
        make_keys(settings)
        old = load_signing_key(settings).kid
        settings.signing_key.unlink()
        make_keys(settings)

        new = load_signing_key(settings).kid
        assert [key["kid"] for key in json.loads(settings.token_jwks.read_text())["keys"]] == [new, old]

    def test_a_key_that_everybody_may_read_is_refused(self, settings):
        make_keys(settings)
        settings.signing_key.chmod(0o644)

        with pytest.raises(UnusableKey, match="chmod 600"):
            load_signing_key(settings)

    def test_a_key_that_the_services_do_not_know_is_refused(self, settings):
        make_keys(settings)
        write_jwks([RSAKey.generate_key(2048, {"kid": "other"})], settings.token_jwks)

        with pytest.raises(UnusableKey, match="lacks the key"):
            load_signing_key(settings)

    def test_what_is_no_key_is_refused(self, settings):
        make_keys(settings)
        settings.signing_key.write_text("no key")

        with pytest.raises(UnusableKey, match="no RSA key"):
            load_signing_key(settings)

    def test_what_is_no_jwks_is_refused(self, settings):
        make_keys(settings)
        settings.token_jwks.write_text("[]")

        with pytest.raises(UnusableKey, match="no JWKS"):
            load_signing_key(settings)

    def test_a_missing_file_is_named(self, settings):
        with pytest.raises(UnusableKey, match=r"signing\.pem"):
            load_signing_key(settings)


class TestRotation:
    @pytest.fixture
    def door(self, gateway, upstream, files, tmp_path, monkeypatch):
        monkeypatch.setattr(
            "gateway.keys.load_signing_key", load_signing_key
        )  # the fixture keeps one for all
        own = {"signing_key": tmp_path / "signing.pem", "token_jwks": tmp_path / "jwks.json"}
        make_keys(settings_of(files, {"property": "http://127.0.0.1:1"}, **own))
        return gateway(property=upstream(), settings=own)

    def asked(self, door, token):
        return door.http.get("/property/v1/x", headers={"Authorization": f"Bearer {token}"}).status_code

    def published(self, door):
        return [key["kid"] for key in door.http.get("/auth/v1/jwks.json").json()["keys"]]

    def signer(self, token):
        return jws.extract_compact(token.encode()).headers()["kid"]

    def test_a_new_key_signs_at_once_and_tokens_of_the_old_one_hold(self, door):
        old = ask(door).json()["access_token"]
        rotate(door.settings)
        new = ask(door).json()["access_token"]

        assert self.published(door) == [self.signer(new), self.signer(old)]
        assert (self.asked(door, old), self.asked(door, new)) == (200, 200)

    def test_what_is_forgotten_ends_at_once(self, door):
        old = ask(door).json()["access_token"]
        rotate(door.settings)
        new = ask(door).json()["access_token"]
        forget(door.settings)

        assert self.published(door) == [self.signer(new)]
        assert (self.asked(door, old), self.asked(door, new)) == (401, 200)

    def test_a_key_is_announced_before_anything_is_signed_with_it(self, door):
        announce(door.settings)
        announce(door.settings)
        [next, present] = self.published(door)
        assert self.signer(ask(door).json()["access_token"]) == present
        forget(door.settings)
        assert set(self.published(door)) == {next, present}, "the next one is no former one"
        rotate(door.settings)
        assert self.signer(ask(door).json()["access_token"]) == next

    def test_a_broken_change_leaves_the_former_key_in_force(self, door):
        before = self.signer(ask(door).json()["access_token"])
        door.settings.signing_key.write_text("no key")
        assert self.signer(ask(door).json()["access_token"]) == before
        door.settings.signing_key.unlink()
        assert self.signer(ask(door).json()["access_token"]) == before

    def test_only_the_owner_may_read_the_new_one(self, door):
        rotate(door.settings)
        assert door.settings.signing_key.stat().st_mode & 0o777 == 0o600
        assert SigningKey(door.settings).current().kid == self.published(door)[0]

    def test_whoever_has_the_published_keys_is_told_when_they_change(self, door):
        first = door.http.get("/auth/v1/jwks.json")
        known = {"If-None-Match": first.headers["etag"]}
        assert first.headers["cache-control"] == "public, max-age=300"
        assert door.http.get("/auth/v1/jwks.json", headers=known).status_code == 304
        announce(door.settings)
        assert len(door.http.get("/auth/v1/jwks.json", headers=known).json()["keys"]) == 2


class TestMetadata:
    PATH = "/.well-known/oauth-authorization-server"

    def test_an_issuer_that_is_an_address_says_where_its_keys_are(self, gateway, upstream):
        door = gateway(property=upstream(), settings={"token_issuer": "https://api.example.gov.cn"})
        said = door.http.get(self.PATH).json()
        assert said["issuer"] == "https://api.example.gov.cn"
        assert said["token_endpoint"] == "https://api.example.gov.cn/auth/v1/token"
        assert said["jwks_uri"] == "https://api.example.gov.cn/auth/v1/jwks.json"
        assert said["grant_types_supported"] == [
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ]
        assert set(said["scopes_supported"]) == {"dispatch:read", "dispatch:write"}

    def test_one_that_is_a_name_has_none(self, gateway, upstream):
        assert gateway(property=upstream()).http.get(self.PATH).status_code == 404


class TestCommands:
    def run(self, *command, given="", **environment):
        return subprocess.run(
            [sys.executable, "-m", "gateway", *command],
            input=given,
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
        )

    def test_hash_prints_what_the_clients_file_takes(self):
        done = self.run("hash", given="a secret\n")

        assert done.returncode == 0
        assert matches("a secret", done.stdout.strip())

    def test_serve_says_what_is_missing(self, tmp_path):
        done = self.run(
            "serve",
            GATEWAY_TOKEN_JWKS=str(tmp_path / "jwks.json"),
            GATEWAY_SIGNING_KEY=str(tmp_path / "signing.pem"),
            GATEWAY_CLIENTS=str(tmp_path / "clients.yaml"),
            GATEWAY_UPSTREAMS='{"property": "http://127.0.0.1:1"}',
        )

        assert done.returncode == 1
        assert "python -m gateway keys" in done.stderr
        assert "Traceback" not in done.stderr

    def test_keys_rotates_by_one_word(self, tmp_path):
        settings = settings_of(tmp_path, {"property": "http://127.0.0.1:1"})
        given = {
            "GATEWAY_TOKEN_JWKS": str(settings.token_jwks),
            "GATEWAY_SIGNING_KEY": str(settings.signing_key),
            "GATEWAY_CLIENTS": str(settings.clients),
            "GATEWAY_UPSTREAMS": '{"property": "http://127.0.0.1:1"}',
        }
        kids = []
        for option in ([], ["--rotate"], ["--forget"]):
            assert self.run("keys", *option, **given).returncode == 0
            kids.append([key["kid"] for key in json.loads(settings.token_jwks.read_text())["keys"]])
        [first], [second, former], [last] = kids
        assert (former, last) == (first, second)
        assert self.run("keys", "--rotate", "--forget", **given).returncode == 2
