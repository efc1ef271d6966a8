"""Who is let in: a token before anything else, limits on how often and how much."""

import base64
import json
import time
from types import SimpleNamespace

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from gateway.limits import Limiter
from kit.web.caller import Caller
from kit.web.problems import TooMany
from kit.web.tokens import sign

PATH = "/property/v1/compounds"


def refused(door, there, slug, **headers):
    answer = door.http.get(PATH, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == f"urn:dongsheng:problem:{slug}"
    assert answer.headers["x-request-id"]
    assert there.seen == [], "the service was touched"


@pytest.fixture
def there(upstream):
    return upstream()


@pytest.fixture
def door(gateway, there):
    return gateway(property=there)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic eDp5", "token"])
def test_no_token_no_entry(door, there, authorization):
    refused(door, there, "no-token", **({"Authorization": authorization} if authorization else {}))


def test_an_expired_token_is_refused_and_said_to_be_expired(door, there):
    refused(door, there, "expired-token", Authorization=f"Bearer {door.token(lifetime=-1)}")


def test_a_token_that_expires_while_it_is_remembered_is_refused(door, there, monkeypatch):
    bearer = door.bearer(lifetime=600)
    assert door.http.get(PATH, headers=bearer).status_code == 200

    monkeypatch.setattr("kit.web.tokens.time", SimpleNamespace(time=lambda: time.time() + 601))

    assert door.http.get(PATH, headers=bearer).status_code == 401
    assert len(there.seen) == 1


def test_a_token_signed_with_another_key_is_refused(door, there):
    other = RSAKey.generate_key(2048, {"kid": door.key.kid})
    forged = sign(Caller(client="tester"), other, door.settings, 600)

    refused(door, there, "invalid-token", Authorization=f"Bearer {forged}")


@pytest.mark.parametrize("changed", [{"iss": "somebody"}, {"aud": "elsewhere"}, {"exp": None}, {"sub": None}])
def test_a_token_for_something_else_is_refused(door, there, changed):
    claims = {
        "iss": door.settings.token_issuer,
        "aud": door.settings.token_audience,
        "sub": "tester",
        "exp": int(time.time()) + 600,
    } | changed
    claims = {name: value for name, value in claims.items() if value is not None}
    token = jwt.encode({"alg": "RS256", "kid": door.key.kid}, claims, door.key)

    refused(door, there, "invalid-token", Authorization=f"Bearer {token}")


def test_an_unsigned_token_is_refused(door, there):
    _, claims, signature = door.token().split(".")
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": door.key.kid}).encode())
        .decode()
        .rstrip("=")
    )

    refused(door, there, "invalid-token", Authorization=f"Bearer {header}.{claims}.")
    refused(door, there, "invalid-token", Authorization=f"Bearer {header}.{claims}.{signature}")


def test_a_token_with_other_claims_is_refused(door, there):
    header, _, signature = door.token().split(".")
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "mayor", "exp": 9e9}).encode()).decode().rstrip("=")

    refused(door, there, "invalid-token", Authorization=f"Bearer {header}.{claims}.{signature}")


def test_a_good_token_is_passed_on_for_the_service_to_check_again(door, there):
    bearer = door.bearer("property:read")

    assert door.http.get(PATH, headers=bearer).status_code == 200
    assert there.seen[0].header("authorization") == bearer["Authorization"]


@pytest.mark.clause("E-3.3b")
@pytest.mark.parametrize("path", ["warnings.atom", "warnings/1.cap", "warnings/1/messages/2.cap"])
def test_what_is_published_is_passed_on_without_a_token_within_a_limit_for_each_address(gateway, there, path):
    door = gateway(emergency=there, settings={"rate": 0.001, "burst": 2})
    answers = [door.http.get(f"/emergency/v1/{path}").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_a_bad_token_is_none_for_what_is_published_too(gateway, there):
    door = gateway(emergency=there)
    answer = door.http.get("/emergency/v1/warnings.atom", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401
    assert door.http.get("/emergency/v1/warnings").status_code == 401


def test_the_openapi_document_of_a_service_is_open(door, there):
    assert door.http.get("/property/v1/openapi.json").status_code == 200
    assert len(there.seen) == 1


def test_a_body_that_is_too_large_by_its_length_never_reaches_the_service(gateway, upstream):
    there = upstream()
    door = gateway(property=there, settings={"max_body_bytes": 1024})

    answer = door.post(PATH, content=b"x" * 1025)

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:dongsheng:problem:body-too-large")
    assert there.seen == []
    assert door.post(PATH, content=b"x" * 1024).status_code == 200


def test_a_body_that_is_too_large_by_its_length_is_not_even_asked_for(gateway, upstream):
    door = gateway(property=upstream(), settings={"max_body_bytes": 1024})

    with door.raw(f"POST {PATH} HTTP/1.1", "Content-Length: 1025", "Expect: 100-continue") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("limit", [1024, 300 * 1024])
def test_a_body_that_turns_out_to_be_too_large_is_stopped(gateway, upstream, limit):
    async def reading(_, reader, writer):
        await reader.read()

    door = gateway(property=upstream(reading, read_bodies=False), settings={"max_body_bytes": limit})

    answer = door.post(PATH, content=iter([b"x" * 1024] * (limit // 1024 + 1)))

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:dongsheng:problem:body-too-large")


def test_a_client_that_comes_too_often_is_told_when_to_come_again(gateway, upstream):
    there = upstream()
    door = gateway(property=there, settings={"rate": 0.05, "burst": 3})

    answers = [door.get(PATH) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["type"] == "urn:dongsheng:problem:too-many-requests"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
    assert len(there.seen) == 3


def test_one_client_does_not_use_up_what_another_may_do(gateway, upstream):
    door = gateway(property=upstream(), settings={"rate": 0.001, "burst": 1})

    first = [door.http.get(PATH, headers=door.bearer(client="first")).status_code for _ in range(2)]
    second = door.http.get(PATH, headers=door.bearer(client="second")).status_code

    assert (first, second) == ([200, 429], 200)


def test_the_dispatch_endpoints_count_too(gateway, upstream):
    door = gateway(property=upstream(), settings={"rate": 0.001, "burst": 1})

    assert [door.get("/dispatch/v1/unknown").status_code for _ in range(2)] == [404, 429]


class TestLimiter:
    @pytest.fixture
    def clock(self):
        class Clock:
            now = 0.0

            def __call__(self):
                return self.now

        return Clock()

    def test_a_burst_and_then_the_rate(self, clock):
        limiter = Limiter(rate=2, burst=3, clock=clock)
        for _ in range(3):
            limiter.admit("a")
        with pytest.raises(TooMany):
            limiter.admit("a")

        clock.now = 0.5
        limiter.admit("a")
        with pytest.raises(TooMany):
            limiter.admit("a")

    def test_waiting_longer_does_not_save_up_more_than_a_burst(self, clock):
        limiter = Limiter(rate=2, burst=3, clock=clock)
        limiter.admit("a")
        clock.now = 1000

        for _ in range(3):
            limiter.admit("a")
        with pytest.raises(TooMany):
            limiter.admit("a")

    @pytest.mark.parametrize(("rate", "seconds"), [(0.1, "10"), (0.3, "4"), (100, "1")])
    def test_the_wait_is_in_whole_seconds_and_enough(self, clock, rate, seconds):
        limiter = Limiter(rate=rate, burst=1, clock=clock)
        limiter.admit("a")
        with pytest.raises(TooMany) as refusal:
            limiter.admit("a")
        assert refusal.value.headers["Retry-After"] == seconds

        clock.now += int(seconds)
        limiter.admit("a")

    def test_a_refused_try_costs_nothing(self, clock):
        limiter = Limiter(rate=1, burst=1, clock=clock)
        limiter.admit("a")
        for _ in range(100):
            with pytest.raises(TooMany):
                limiter.admit("a")

        clock.now = 1
        limiter.admit("a")

    def test_many_callers_do_not_fill_the_memory(self, clock):
        limiter = Limiter(rate=1, burst=1, clock=clock)
        for number in range(20_000):
            limiter.admit(str(number))

        assert len(limiter._buckets) <= 4096 + 1


def test_a_form_with_files_has_a_limit_of_its_own(gateway, upstream):
    there = upstream()
    door = gateway(property=there, settings={"max_body_bytes": 1024, "max_form_bytes": 4096})
    form = {"Content-Type": "multipart/form-data; boundary=x"}

    assert door.post(PATH, content=b"x" * 4096, headers=form).status_code == 200
    assert door.post(PATH, content=b"x" * 4097, headers=form).status_code == 413
    assert len(there.seen) == 1


def test_a_body_of_rows_has_a_limit_of_its_own(gateway, upstream):
    there = upstream()
    door = gateway(property=there, settings={"max_body_bytes": 1024, "max_stream_bytes": 4096})
    rows = {"Content-Type": "application/x-ndjson; charset=utf-8"}

    assert door.post(PATH, content=b"x" * 4096, headers=rows).status_code == 200
    assert door.post(PATH, content=b"x" * 4097, headers=rows).status_code == 413
    assert len(there.seen) == 1
