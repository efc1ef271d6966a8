"""Who may call: tokens that are believed, and all the ways of not being believed."""

import base64
import json
import time

import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey

from kit.web.caller import Caller
from kit.web.tokens import Verifier, sign, write_jwks

CALLER = Caller(client="smart-platform", name="智慧物业平台", scopes=frozenset({"notebook:read"}))


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "here"})


@pytest.fixture(scope="module")
def other_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "here"})


@pytest.fixture
def jwks(key, tmp_path):
    path = tmp_path / "jwks.json"
    write_jwks([key], path)
    return path


@pytest.fixture
def notebook(serve, jwks):
    from tests.kit.notebook.app import service

    return serve(service, token_jwks=jwks)


@pytest.fixture
def token_with(key, notebook):
    """A token that is right but for the claims given; None leaves a claim out."""

    def make(**changes):
        now = int(time.time())
        claims = {
            "iss": "dongsheng-gateway",
            "aud": "dongsheng",
            "sub": "smart-platform",
            "iat": now,
            "exp": now + 60,
            "scope": "notebook:read",
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return jws.serialize_compact({"alg": "RS256", "kid": "here"}, json.dumps(claims).encode(), key)

    return make


def look(notebook, token):
    return notebook.bearer(token).get("/notes")


def refused(answer, slug):
    assert (answer.status_code, answer.json()["type"]) == (401, f"urn:dongsheng:problem:{slug}")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    return True


def test_a_valid_token_is_believed(notebook, key):
    token = sign(CALLER, key, notebook.app.state.settings, lifetime=60)
    assert look(notebook, token).status_code == 200
    assert look(notebook, token).status_code == 200, "also when it is remembered"


def test_no_token_says_where_to_get_one(notebook):
    answer = notebook.stranger().get("/notes")
    assert refused(answer, "no-token")
    assert "/auth/v1/token" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["token", "Authorization", "access_token"])
def test_a_cookie_is_no_token(notebook, token_with, name):
    for value in (token_with(), f"Bearer {token_with()}"):
        refused(notebook.stranger().get("/notes", headers={"Cookie": f"{name}={value}"}), "no-token")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "token"])
def test_another_way_to_sign_in_is_no_token(notebook, header):
    assert refused(notebook.http.get("/notebook/v1/notes", headers={"Authorization": header}), "no-token")


def test_an_expired_token_says_so(notebook, token_with):
    assert refused(look(notebook, token_with(exp=int(time.time()) - 1)), "expired-token")
    assert refused(look(notebook, token_with(exp=int(time.time()) - 3600)), "expired-token")


def test_a_remembered_token_still_expires(key, jwks, notebook, monkeypatch):
    verifier = Verifier(notebook.app.state.settings)
    token = sign(CALLER, key, notebook.app.state.settings, lifetime=60)
    assert verifier.verify(token) == CALLER
    later = time.time() + 61
    monkeypatch.setattr("kit.web.tokens.time.time", lambda: later)
    with pytest.raises(Exception, match="令牌已过期"):
        verifier.verify(token)
    with pytest.raises(Exception, match="令牌已过期"):
        verifier.verify(token)


def test_an_issuer_whose_clock_is_a_little_ahead_is_believed(notebook, token_with):
    assert look(notebook, token_with(iat=int(time.time()) + 10)).status_code == 200
    assert refused(look(notebook, token_with(iat=int(time.time()) + 600)), "invalid-token")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "another-house"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"exp": None},
        {"exp": "tomorrow"},
    ],
    ids=str,
)
def test_a_claim_that_is_missing_or_wrong_makes_the_token_invalid(notebook, token_with, changes):
    assert refused(look(notebook, token_with(**changes)), "invalid-token")


@pytest.mark.parametrize(
    "value", [10**400, float("inf"), float("nan"), 1e300, -1, True, "1", [], {}], ids=str
)
@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_a_time_that_is_no_time_makes_the_token_invalid(notebook, token_with, claim, value):
    assert refused(look(notebook, token_with(**{claim: value})), "invalid-token")


@pytest.mark.parametrize("value", [7, 1.5, True, ["a"], {"a": 1}, "a\0b", "\ud800"], ids=repr)
@pytest.mark.parametrize("claim", ["sub", "name", "unit", "division", "company", "scope", "iss", "aud"])
def test_a_text_that_is_no_text_makes_the_token_invalid(notebook, token_with, claim, value):
    assert refused(look(notebook, token_with(**{claim: value})), "invalid-token")


@pytest.mark.parametrize(
    "claims",
    [b"", b"null", b"[]", b"7", b'"sub"', b"{", b"\xff", b"[" * 200_000, b'{"exp": ' + b"9" * 9999 + b"}"],
)
def test_claims_that_are_no_object_make_the_token_invalid(notebook, key, claims):
    token = jws.serialize_compact({"alg": "RS256", "kid": "here"}, claims, key)
    assert refused(look(notebook, token), "invalid-token")


@pytest.mark.parametrize(
    "person",
    ["张三", [], {"id": "7"}, {"name": "张三"}, {"id": "", "name": "张三"}, {"id": 7, "name": "张三"}],
    ids=repr,
)
def test_a_person_without_id_or_name_makes_the_token_invalid(notebook, token_with, person):
    assert refused(look(notebook, token_with(person=person)), "invalid-token")


def test_one_of_several_audiences_may_be_ours(notebook, token_with):
    assert look(notebook, token_with(aud=["elsewhere", "dongsheng"])).status_code == 200


def test_a_token_signed_with_another_key_of_the_same_name_is_forged(notebook, other_key):
    forged = sign(CALLER, other_key, notebook.app.state.settings, lifetime=60)
    assert refused(look(notebook, forged), "invalid-token")


def test_a_token_of_an_unknown_key_is_invalid(notebook):
    stranger = RSAKey.generate_key(2048, {"kid": "elsewhere"})
    assert refused(
        look(notebook, sign(CALLER, stranger, notebook.app.state.settings, lifetime=60)), "invalid-token"
    )


def test_a_token_whose_claims_were_changed_is_forged(notebook, token_with):
    head, claims, signature = token_with().split(".")
    changed = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"scope": "notebook:write"}
    claims = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    assert refused(look(notebook, f"{head}.{claims}.{signature}"), "invalid-token")


def test_a_token_without_a_signature_is_invalid(notebook, token_with):
    _, claims, _ = token_with().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    assert refused(look(notebook, f"{head}.{claims}."), "invalid-token")


def test_the_public_key_is_no_shared_secret(notebook, token_with, key):
    claims = json.loads(base64.urlsafe_b64decode(token_with().split(".")[1] + "=="))
    public = base64.urlsafe_b64encode(key.as_pem(private=False)).decode()
    forged = jwt.encode({"alg": "HS256", "kid": "here"}, claims, OctKey.import_key(public))
    assert refused(look(notebook, forged), "invalid-token")


@pytest.mark.parametrize("garbage", ["x", "a.b.c", "a.b", "....", "令牌", "e30.e30.e30"])
def test_garbage_is_an_invalid_token(notebook, garbage):
    headers = {"Authorization": f"Bearer {garbage}".encode()}
    assert refused(notebook.http.get("/notebook/v1/notes", headers=headers), "invalid-token")


def test_a_rotated_key_is_believed_and_the_old_one_forgotten_at_once(notebook, jwks, key):
    settings = notebook.app.state.settings
    new = RSAKey.generate_key(2048, {"kid": "next"})
    old_token, new_token = (sign(CALLER, which, settings, lifetime=60) for which in (key, new))
    assert look(notebook, old_token).status_code == 200
    write_jwks([key, new], jwks)
    assert look(notebook, new_token).status_code == 200
    assert look(notebook, old_token).status_code == 200
    write_jwks([new], jwks)
    assert refused(look(notebook, old_token), "invalid-token")
    assert look(notebook, new_token).status_code == 200


@pytest.mark.parametrize("content", [None, "", "{", "{}", '{"keys": [{"kty": "RSA"}]}', "[]"])
def test_without_readable_keys_nobody_is_let_in_and_told_to_come_back(notebook, jwks, token_with, content):
    token = token_with()
    jwks.unlink()
    if content is not None:
        jwks.write_text(content)
    answer = look(notebook, token)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:dongsheng:problem:keys-unreadable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_missing_scope_is_named(notebook, token_with):
    answer = notebook.bearer(token_with(scope="office:read dispatch:read")).get("/notes")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:dongsheng:problem:missing-scope")
    assert "notebook:read" in answer.json()["detail"]
    assert answer.json()["missing"] == ["notebook:read"]


@pytest.mark.parametrize(("division", "status"), [("天骄街道", 200), (None, 200), ("公园街道", 403)])
def test_a_token_of_one_street_is_refused_anothers_business(serve, division, status):
    from tests.kit.notebook.app import service

    caller = serve(service).client(division=division)
    path = f"/notes/{'0' * 32}/only-in-the-district"
    answer = caller.post(path, params={"division": "天骄街道"})
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["type"] == "urn:dongsheng:problem:another-division"
        assert "公园街道" in answer.json()["detail"]
        assert "天骄街道" in answer.json()["detail"]


def test_many_tokens_are_remembered_within_a_bound(key, notebook, monkeypatch):
    monkeypatch.setattr(Verifier, "_REMEMBERED", 3)
    verifier = Verifier(notebook.app.state.settings)
    for number in range(5):
        caller = Caller(client=f"client-{number}")
        assert verifier.verify(sign(caller, key, notebook.app.state.settings, lifetime=60)) == caller
    assert len(verifier._known) == 3
