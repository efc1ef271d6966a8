"""Tokens of another issuer hold in each service, where the deployment names it: by its keys, and mapped to what is ours."""

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import ValidationError

from kit.settings import TokenSettings
from kit.web import issuers, verifying_keys
from kit.web.issuers import BrokenIssuers
from kit.web.tokens import Verifier
from tests.outside_issuer import MEANING, REFUSED, OutsideIssuer

ONLY_HERE = f"/notes/{'0' * 32}/only-in-the-district"


@pytest.fixture
def issuer():
    made = OutsideIssuer()
    yield made
    made.close()


@pytest.fixture
def clock(monkeypatch):
    """`clock(seconds)` lets them pass for the keys that are held."""
    passed = [0.0]
    monkeypatch.setattr(verifying_keys, "monotonic", lambda: passed[0])

    def advance(seconds):
        passed[0] += seconds

    return advance


@pytest.fixture
def notebook(serve, issuer, tmp_path):
    from tests.kit.notebook.app import service

    return serve(service, outside_issuers=issuer.file(tmp_path))


def look(notebook, token):
    return notebook.bearer(token).get("/notes")


def problem(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def test_a_token_of_another_issuer_is_believed(notebook, issuer):
    assert look(notebook, issuer.token()).status_code == 200
    token = issuer.token()
    assert [look(notebook, token).status_code for _ in range(3)] == [200, 200, 200]
    assert issuer.fetched == 1


def test_without_the_setting_it_is_not(serve, issuer):
    from tests.kit.notebook.app import service

    assert problem(look(serve(service), issuer.token())) == (401, "invalid-token")
    assert issuer.fetched == 0


@pytest.mark.parametrize(("token", "slug"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_wrong_with_a_token_makes_it_invalid(notebook, issuer, token, slug):
    answer = look(notebook, token(issuer))
    assert problem(answer) == (401, slug)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_its_roles_give_the_scopes_that_are_listed_and_no_others(notebook, issuer):
    for roles in (
        [],
        ["offline_access"],
        ["notebook:read"],
        "notebook:read",
        None,
        {"reader": 1},
        [["reader"]],
    ):
        token = issuer.token(realm_access={"roles": roles}, scope="notebook:read")
        assert problem(look(notebook, token)) == (403, "missing-scope"), roles
    assert look(notebook, issuer.token(realm_access={"roles": "reader writer"})).status_code == 200


@pytest.mark.parametrize(("street", "status"), [("tj", 200), ("gy", 403)])
def test_it_is_limited_to_its_street(notebook, issuer, street, status):
    token = issuer.token(street=street, realm_access={"roles": ["reader", "writer"]})
    answer = notebook.bearer(token).post(ONLY_HERE, params={"division": "天骄街道"})
    assert answer.status_code == status


def verifier(theirs, tmp_path, jwks="", **changes):
    path = theirs.file(tmp_path, jwks, **changes)
    return Verifier(TokenSettings(token_jwks=tmp_path / "jwks.json", outside_issuers=path))


@pytest.fixture
def keys_file(issuer, tmp_path):
    path = tmp_path / "theirs.json"
    path.write_bytes(issuer.jwks())
    return str(path)


def test_who_calls_is_called_as_we_call_them_and_never_as_a_client_of_ours(issuer, keys_file, tmp_path):
    found = verifier(issuer, tmp_path, keys_file).verify(issuer.token(sub="hotline", dept="区住建局"))
    assert (found.client, found.name) == ("region:hotline", "智慧社区平台")
    assert (found.unit, found.division, found.company) == ("housing-construction-bureau", "天骄街道", None)
    assert found.scopes == {"notebook:read", "dispatch:read"}


def test_a_company_is_known_by_its_code(issuer, keys_file, tmp_path):
    found = verifier(issuer, tmp_path, keys_file).verify(issuer.token(street=None, uscc="91150602ma0demf00q"))
    assert (found.company, found.division, found.unit) == ("91150602MA0DEMF00Q", None, None)


def test_the_whole_district_is_given_by_the_setting_alone(issuer, keys_file, tmp_path):
    made = verifier(issuer, tmp_path, keys_file, whole_district=True)
    assert not made.verify(issuer.token(street=None)).limited
    assert made.verify(issuer.token()).division == "天骄街道"


def test_keys_in_a_file_are_read_again_when_it_changes(issuer, keys_file, tmp_path):
    made = verifier(issuer, tmp_path, keys_file)
    token = issuer.token()
    made.verify(token)
    issuer.key = RSAKey.generate_key(2048, {"kid": "second"})
    issuer.published = [issuer.key]
    (tmp_path / "theirs.json").write_bytes(issuer.jwks())
    made.verify(issuer.token())
    with pytest.raises(Exception, match="令牌无效"):
        made.verify(token)


def test_other_kinds_of_keys_are_checked_by_their_own_algorithm(issuer, keys_file, tmp_path):
    curve = ECKey.generate_key("P-256", {"kid": "curve"})
    issuer.published += [curve, OctKey.generate_key(256, {"kid": "shared"})]
    (tmp_path / "theirs.json").write_bytes(issuer.jwks())
    made = verifier(issuer, tmp_path, keys_file)
    assert made.verify(issuer.token(curve, {"alg": "ES256"})).client == "region:f3a1"
    with pytest.raises(Exception, match="令牌无效"):
        made.verify(issuer.token(issuer.published[2], {"alg": "HS256"}))


class TestFetchedKeys:
    def test_a_new_key_is_fetched_when_a_token_names_it(self, notebook, issuer, clock):
        assert look(notebook, issuer.token()).status_code == 200
        issuer.key = RSAKey.generate_key(2048, {"kid": "second"})
        issuer.published.append(issuer.key)
        clock(31)
        assert look(notebook, issuer.token()).status_code == 200
        assert issuer.fetched == 2

    def test_unknown_keys_do_not_make_us_ask_without_end(self, notebook, issuer, clock):
        assert look(notebook, issuer.token()).status_code == 200
        for number in range(20):
            unknown = issuer.token(header={"kid": f"unknown-{number}"})
            assert problem(look(notebook, unknown)) == (401, "invalid-token")
        assert issuer.fetched == 1
        clock(31)
        assert [problem(look(notebook, unknown)) for _ in range(5)] == [(401, "invalid-token")] * 5
        assert issuer.fetched == 2
        assert look(notebook, issuer.token()).status_code == 200

    def test_what_names_no_issuer_of_ours_makes_us_ask_nobody(self, notebook, issuer):
        for token in (
            "x",
            "a.b.c",
            "e30.e30.e30",
            issuer.token(iss="https://elsewhere.example"),
            issuer.token(iss=7),
        ):
            assert look(notebook, token).status_code == 401
        assert issuer.fetched == 0

    def test_a_key_that_is_taken_back_ends_its_tokens_also_those_that_were_believed(
        self, notebook, issuer, clock
    ):
        token = issuer.token()
        assert look(notebook, token).status_code == 200
        issuer.published = [RSAKey.generate_key(2048, {"kid": "second"})]
        clock(601)
        look(notebook, token)  # the keys are fetched beside it
        for _ in range(100):
            if look(notebook, token).status_code == 401:
                break
        assert problem(look(notebook, token)) == (401, "invalid-token")

    def test_an_issuer_that_is_away_from_the_start_is_no_reason_to_call_a_token_invalid(
        self, notebook, issuer
    ):
        issuer.status = 500
        answer = look(notebook, issuer.token())
        assert problem(answer) == (503, "issuer-away")
        assert int(answer.headers["Retry-After"]) == 30
        assert look(notebook, issuer.token()).status_code == 503
        assert issuer.fetched == 1

    def test_our_own_tokens_do_not_care(self, notebook, issuer):
        issuer.close()
        assert problem(look(notebook, issuer.token())) == (503, "issuer-away")
        assert notebook.client("notebook:read").get("/notes").status_code == 200

    @pytest.mark.parametrize(
        "raw", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [1]}', b"x" * 300_000], ids=len
    )
    def test_what_is_no_jwks_leaves_the_former_keys(self, notebook, issuer, clock, raw):
        assert look(notebook, issuer.token()).status_code == 200
        issuer.raw = raw
        clock(601)
        assert look(notebook, issuer.token()).status_code == 200
        assert look(notebook, issuer.token(header={"kid": "unknown"})).status_code == 503

    def test_its_last_keys_hold_for_a_day_and_no_longer(self, notebook, issuer, clock):
        token = issuer.token()
        assert look(notebook, token).status_code == 200
        issuer.status = 503
        clock(86_000)
        assert look(notebook, token).status_code == 200
        clock(500)
        assert problem(look(notebook, token)) == (503, "issuer-away")
        issuer.status = 200
        clock(31)
        assert look(notebook, token).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"audience": None}, "audience"),
        ({"jwks": "http://sso.example.gov.cn/certs"}, "https"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"scopes": None}, "scopes"),
        ({"scopes": {"claim": "scope", "values": {}}}, "values"),
        ({"scopes": {"claim": "scope", "values": {"a": ["two words"]}}}, "values"),
        ({"division": {"claim": "street", "values": {"a": "某某街道"}}}, "division"),
        ({"unit": {"claim": "dept", "values": {"a": "某某局"}}}, "unit"),
        ({"division": None, "company": None}, "whole_district"),
        ({"role": "admin"}, "role"),
    ],
    ids=str,
)
def test_a_mistake_is_found_at_the_start_and_said_where(issuer, tmp_path, wrong, said):
    with pytest.raises(BrokenIssuers, match=said):
        issuers.read(issuer.file(tmp_path, **wrong))


def test_nobody_may_be_called_as_we_are(issuer, tmp_path):
    with pytest.raises(BrokenIssuers, match="called as we are"):
        verifier(issuer, tmp_path, issuer="dongsheng-gateway")
    with pytest.raises(BrokenIssuers, match="No such file"):
        issuers.read(tmp_path / "none.yaml")
    with pytest.raises(ValidationError):
        issuers.Issuer.model_validate(MEANING)
