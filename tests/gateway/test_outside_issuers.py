"""The door believes tokens of another issuer as the services do: a token that is refused there gets no further here."""

import pytest

from tests.gateway.open311_services import V2, Property
from tests.outside_issuer import REFUSED, OutsideIssuer


@pytest.fixture(scope="module")
def issuer():
    made = OutsideIssuer()
    yield made
    made.close()


@pytest.fixture
def door(gateway, upstream, issuer, tmp_path):
    return gateway(property=upstream(), settings={"outside_issuers": issuer.file(tmp_path)})


def ask(door, token, path="/property/v1/x"):
    return door.http.get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_of_another_issuer_passes_and_goes_on_as_it_is(gateway, upstream, issuer, tmp_path):
    service = upstream()
    door = gateway(property=service, settings={"outside_issuers": issuer.file(tmp_path)})
    token = issuer.token()
    assert ask(door, token).status_code == 200
    assert service.seen[-1].header("authorization") == f"Bearer {token}"


def test_what_the_gateway_answers_itself_asks_for_its_scopes_too(door, issuer):
    none = issuer.token(realm_access={"roles": []})
    answer = ask(door, none, "/dispatch/v1/requests")
    assert (answer.status_code, answer.json()["missing"]) == (403, ["dispatch:read"])


def test_open311_is_the_first_that_it_is_brought_to(gateway, upstream, issuer, tmp_path):
    service = Property(upstream)
    door = gateway(property=service.there, settings={"outside_issuers": issuer.file(tmp_path)})
    number = service.has()
    answer = ask(door, issuer.token(), f"{V2}/requests/{number}.json")
    assert (answer.status_code, answer.json()[0]["service_request_id"]) == (200, number)


def test_what_is_wrong_with_a_token_keeps_it_out(door, issuer):
    for wrong, token, slug in REFUSED:
        answer = ask(door, token(issuer))
        told = (answer.status_code, answer.json()["type"].rpartition(":")[2])
        assert told == (401, slug), wrong


def test_without_the_setting_nobody_else_is_believed(gateway, upstream, issuer):
    assert ask(gateway(property=upstream()), issuer.token()).status_code == 401
