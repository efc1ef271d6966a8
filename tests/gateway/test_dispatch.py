"""12345 at one address: each request goes to the service that owns its matter (P-2.2.2b)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.services import DispatchService
from tests.gateway.upstreams import always, json_reply, reply

SEND, READ = "dispatch:write", "dispatch:read"


def send(door, matter="accident", headers=None, **fields):
    body = {"matter": matter, "summary": "有情况"} | fields
    return door.post("/dispatch/v1/requests", json=body, headers=door.bearer(SEND) | (headers or {}))


def read(door, path="/dispatch/v1/requests", **params):
    return door.get(path, params=params, headers=door.bearer(READ))


@pytest.mark.clause("P-2.2.2b")
@pytest.mark.parametrize(
    ("matter", "number"), [("accident", "DS-EQ-20240624-0001"), ("parking", "DS-PQ-20240624-0001")]
)
def test_a_request_goes_to_the_service_that_owns_its_matter(door, matter, number):
    answer = send(door, matter)

    assert (answer.status_code, answer.json()["number"]) == (201, number)


@pytest.mark.clause("P-2.2.2b")
def test_the_owner_gets_what_was_sent_and_its_answer_comes_back_unchanged(door, property_, emergency):
    bearer = door.bearer(SEND)
    body = '{"matter":  "accident", "summary": "塌方", "citizen": {"phone": "13800000000"}}'.encode()

    answer = door.post(
        "/dispatch/v1/requests",
        content=body,
        headers=bearer
        | {"Content-Type": "application/json", "Idempotency-Key": "k-1", "X-Request-ID": "call-1"},
    )

    (seen,) = emergency.asked
    assert (seen.method, seen.target, seen.body) == ("POST", "/emergency/v1/dispatch/requests", body)
    assert seen.header("authorization") == bearer["Authorization"]
    assert seen.header("idempotency-key") == "k-1"
    assert seen.header("x-request-id") == "call-1"
    assert property_.asked == []
    assert answer.headers["location"] == "/emergency/v1/dispatch/requests/DS-EQ-20240624-0001"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers.get_list("x-request-id") == ["call-1"]
    assert answer.json() == emergency.shelf.rows[0]


@pytest.mark.clause("P-2.2.2b")
def test_an_unknown_matter_is_refused_with_the_known_ones(door, property_, emergency):
    answer = send(door, "weather")

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:unknown-matter")
    assert answer.json()["errors"][0]["pointer"] == "/matter"
    assert [matter["code"] for matter in answer.json()["matters"]] == [
        "property-service",
        "parking",
        "accident",
    ]
    assert "accident（生产安全事故）" in answer.json()["detail"]
    assert answer.json()["basis"][0]["clause"] == "P-2.2.2b"
    assert property_.asked == emergency.asked == []


MARKED = {"source": "12345", "external_number": "W-1"}


@pytest.mark.clause("P-2.2.2b")
class TestTheSameHandedInOfAnotherMatter:
    def test_is_the_request_of_the_service_that_has_it(self, door, emergency):
        first = send(door, "parking", **MARKED)
        again = send(door, "accident", headers={"Idempotency-Key": "k-2"}, **MARKED)

        assert (first.status_code, again.status_code) == (201, 200)
        assert (again.json(), again.headers["already-received"]) == (first.json(), "true")
        assert emergency.shelf.rows == []

    def test_and_of_its_own_matter_is_its_own_service_s_to_answer(self, door, property_):
        first = send(door, "parking", **MARKED)
        again = send(door, "property-service", **MARKED)

        assert (again.status_code, again.json()) == (200, first.json())
        assert [seen.method for seen in property_.asked].count("POST") == 2

    def test_with_another_number_or_of_another_source_is_another(self, door):
        send(door, "parking", **MARKED)

        assert send(door, "accident", **MARKED | {"external_number": "W-2"}).status_code == 201
        assert send(door, "accident", **MARKED | {"source": "street"}).status_code == 201

    def test_of_what_was_sent_on_is_the_last(self, gateway, upstream, property_, emergency):
        office = DispatchService(upstream, "office", "O", consultation="咨询")
        door = gateway(property=property_.there, emergency=emergency.there, office=office.there)
        property_.shelf.take(**MARKED)
        property_.shelf.rows[0]["state"] = "transferred"
        last = emergency.shelf.take(**MARKED)

        assert send(door, "consultation", **MARKED).json() == last

    def test_at_the_same_moment_is_one_request(self, door, property_, emergency):
        with ThreadPoolExecutor(6) as pool:
            sent = [pool.submit(send, door, ("parking", "accident")[i % 2], **MARKED) for i in range(6)]
        answers = [each.result() for each in sent]

        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
        assert len({answer.json()["number"] for answer in answers}) == 1
        assert len(property_.shelf.rows + emergency.shelf.rows) == 1

    def test_is_taken_by_its_own_service_when_the_other_is_away(self, door, property_):
        send(door, "parking", **MARKED)
        read(door, "/dispatch/v1/matters")
        property_.there.stop()

        assert send(door, "accident", **MARKED).status_code == 201

    def test_is_asked_after_by_nobody_where_a_service_hands_it_on(self, door, property_):
        send(door, "parking", **MARKED)
        told = {"handed_on": {"number": "DS-PQ-20240624-0001", "client": "property"}}

        assert send(door, "accident", **MARKED | told).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [(b"no json", "/"), (b"[]", "/"), (b"{}", "/summary"), (b'{"matter": 1, "summary": "x"}', "/matter")],
)
def test_a_body_that_is_no_request_is_refused(door, property_, emergency, body, pointer):
    answer = door.post(
        "/dispatch/v1/requests",
        content=body,
        headers=door.bearer(SEND) | {"Content-Type": "application/json"},
    )

    assert answer.status_code == 422
    assert any(error["pointer"].startswith(pointer) for error in answer.json()["errors"])
    assert property_.asked == emergency.asked == []


@pytest.mark.parametrize(("method", "scope"), [("POST", READ), ("GET", SEND)])
def test_a_token_without_the_scope_is_refused(door, property_, emergency, method, scope):
    answer = door.request(
        method,
        "/dispatch/v1/requests",
        json={"matter": "parking", "summary": "x"},
        headers=door.bearer(scope),
    )

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:dongsheng:problem:missing-scope")
    assert property_.asked == emergency.asked == []


def test_no_token_no_entry(door):
    answer = door.http.get("/dispatch/v1/requests")

    assert (answer.status_code, answer.json()["type"]) == (401, "urn:dongsheng:problem:no-token")


@pytest.mark.clause("P-2.2.2b")
class TestAnOwnerThatIsDown:
    def test_is_named_when_its_matter_is_known(self, door, emergency):
        read(door, "/dispatch/v1/matters")
        emergency.there.stop()

        answer = send(door, "accident")

        assert (answer.status_code, answer.json()["service"]) == (503, "emergency")
        assert answer.headers["retry-after"]

    def test_is_named_when_the_matter_may_be_its_own(self, gateway, property_, dead_address):
        door = gateway(property=property_.there, emergency=dead_address)

        answer = send(door, "accident")

        assert (answer.status_code, answer.json()["unavailable"]) == (503, ["emergency"])

    def test_does_not_keep_the_others_requests_away(self, gateway, property_, dead_address):
        door = gateway(property=property_.there, emergency=dead_address)

        assert send(door, "parking").status_code == 201

    def test_is_asked_again_when_it_is_back(self, gateway, property_, emergency, monkeypatch):
        monkeypatch.setattr("gateway.matters._FRESH_IF_SOME_ARE_MISSING", 0.0)
        emergency.there.stop()
        door = gateway(property=property_.there, emergency=emergency.there)
        assert send(door, "accident").status_code == 503

        emergency.there.start()

        assert send(door, "accident").status_code == 201


def test_the_matters_are_not_asked_for_with_every_request(door, property_):
    for _ in range(3):
        send(door, "parking")

    assert len(property_.there.seen) - len(property_.asked) == 1


def test_the_gateway_asks_for_the_matters_with_a_token_of_its_own(door, emergency):
    sender = door.bearer(SEND)["Authorization"]
    send(door)

    question = emergency.there.seen[0]
    assert question.path == "/emergency/v1/dispatch/matters"
    assert question.header("authorization").startswith("Bearer ")
    assert question.header("authorization") != sender


@pytest.mark.clause("P-2.2.2b")
def test_a_list_of_a_matter_that_nobody_has_is_refused_with_the_known_ones(door, property_, emergency):
    answer = read(door, matter="lift-maintenence")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:unknown-matter")
    assert answer.json()["errors"][0]["pointer"] == "?matter"
    assert read(door, matter="property-service").json()["items"] == [], "known, and none yet"


def test_the_matters_of_all_services_are_listed(door, property_, emergency):
    answer = read(door, "/dispatch/v1/matters").json()

    assert answer["items"] == property_.matters + emergency.matters
    assert answer["unavailable"] == []


def test_a_service_that_takes_no_requests_is_no_trouble(gateway, property_, upstream):
    none = upstream(always(json_reply({}, 404)))
    door = gateway(property=property_.there, office=none)

    assert send(door, "parking").status_code == 201
    assert send(door, "weather").status_code == 422
    assert read(door).json() == {"items": property_.shelf.rows, "next": None, "unavailable": []}


@pytest.mark.parametrize("broken", [500, 401])
def test_a_service_that_fails_to_name_its_matters_counts_as_down(gateway, property_, upstream, broken):
    door = gateway(property=property_.there, emergency=upstream(always(reply(broken))))

    assert send(door, "accident").status_code == 503
    assert read(door, "/dispatch/v1/matters").json()["unavailable"] == ["emergency"]


class TestOneRequest:
    def test_is_read_from_the_service_that_gave_the_number_out(self, door, property_, emergency):
        row = property_.shelf.take()

        answer = read(door, f"/dispatch/v1/requests/{row['number']}", reveal="true")

        assert answer.json() == row | {"action": ""}
        assert property_.asked[0].target == f"/property/v1/dispatch/requests/{row['number']}?reveal=true"
        assert emergency.asked == []

    def test_that_the_owner_does_not_have_is_not_found_by_its_own_answer(self, door):
        answer = read(door, "/dispatch/v1/requests/DS-EQ-20240624-0009")

        assert answer.json() == {"type": "urn:dongsheng:problem:not-found", "status": 404}

    @pytest.mark.parametrize("number", ["DS-XQ-20240624-0001", "1", "DS-EQ"])
    def test_with_a_number_of_nobody_is_not_found(self, door, number):
        answer = read(door, f"/dispatch/v1/requests/{number}")

        assert (answer.status_code, answer.json()["type"]) == (404, "urn:dongsheng:problem:not-found")

    def test_with_a_number_that_may_be_of_a_service_that_is_down_is_not_said_to_be_missing(
        self, gateway, property_, dead_address
    ):
        door = gateway(property=property_.there, emergency=dead_address)

        assert read(door, "/dispatch/v1/requests/DS-EQ-20240624-0001").status_code == 503

    @pytest.mark.parametrize(
        "number", ["DS-EQ-%2F..%2F..%2Faudit", "DS-EQ-%3Freveal=true", "DS-EQ-../../audit"]
    )
    def test_cannot_lead_to_another_address_of_the_service(self, door, emergency, number):
        read(door, f"/dispatch/v1/requests/{number}")

        assert all(
            seen.target.startswith("/emergency/v1/dispatch/requests/DS-EQ-%") for seen in emergency.asked
        )

    def test_is_acted_on_in_the_service_that_has_it(self, door, emergency):
        row = emergency.shelf.take()

        answer = door.post(
            f"/dispatch/v1/requests/{row['number']}/close", json={"note": "好"}, headers=door.bearer(SEND)
        )

        assert answer.json()["action"] == "close"
        assert emergency.asked[0].body == '{"note":"好"}'.encode()

    def test_is_not_acted_on_in_ways_the_contract_does_not_have(self, door, emergency):
        answer = door.post(
            "/dispatch/v1/requests/DS-EQ-20240624-0001/delete", json={}, headers=door.bearer(SEND)
        )

        assert answer.status_code == 404
        assert emergency.asked == []
