"""Headers on their way through the gateway: what is added, what is left out, and what stays."""

import re

import pytest

from tests.gateway.upstreams import always, reply


class TestHeaders:
    def test_what_belongs_to_one_connection_is_dropped(self, gateway, upstream):
        there = upstream(
            always(
                reply(
                    200,
                    b"",
                    ("Connection", "x-inner"),
                    ("X-Inner", "1"),
                    ("Keep-Alive", "timeout=5"),
                    ("Server", "s"),
                )
            )
        )
        door = gateway(property=there)

        with door.raw(
            "GET /property/v1/x HTTP/1.1",
            "Connection: close, X-Mine",
            "X-Mine: 1",
            "TE: trailers",
            "Proxy-Authorization: Basic eA==",
            "X-Kept: 1",
        ) as connection:
            answer = connection.recv(2000).lower()

        names = {name for name, _ in there.seen[0].headers}
        assert not names & {"x-mine", "te", "proxy-authorization", "connection"}
        assert "x-kept" in names
        assert b"x-inner" not in answer
        assert b"keep-alive: timeout" not in answer
        assert b"server:" not in answer

    def test_a_cookie_is_no_credential_and_passes_neither_way(self, gateway, upstream):
        there = upstream(always(reply(200, b"", ("Set-Cookie", "a=1"))))
        door = gateway(property=there)

        refused = door.http.get("/property/v1/x", headers={"Cookie": f"token={door.token()}"})
        answer = door.get("/property/v1/x", headers={"Cookie": "session=1"})

        assert (refused.status_code, answer.status_code) == (401, 200)
        assert "cookie" not in {name for name, _ in there.seen[0].headers}
        assert "set-cookie" not in answer.headers

    def test_an_offer_to_change_the_protocol_is_not_passed_on(self, gateway, upstream):
        there = upstream()

        answer = gateway(property=there).get(
            "/property/v1/x",
            headers={"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"},
        )

        assert answer.status_code == 200
        assert not {name for name, _ in there.seen[0].headers} & {"upgrade", "http2-settings", "connection"}

    def test_the_service_learns_where_the_request_came_from(self, gateway, upstream):
        there = upstream()
        door = gateway(property=there)

        door.get("/property/v1/x", headers={"Host": "api.dongsheng.example:8443"})

        seen = there.seen[0]
        assert seen.header("host") == "api.dongsheng.example:8443"
        assert seen.header("x-forwarded-host") == "api.dongsheng.example:8443"
        assert seen.header("x-forwarded-for") == "127.0.0.1"
        assert seen.header("x-forwarded-proto") == "http"
        assert seen.header("forwarded") == "for=127.0.0.1;proto=http"

    def test_a_caller_cannot_say_that_it_is_somebody_else(self, gateway, upstream):
        there = upstream()
        forged = {
            "X-Forwarded-For": "10.0.0.1",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "evil.example",
            "Forwarded": "for=10.0.0.1",
            "X-Real-IP": "10.0.0.1",
        }

        gateway(property=there).get("/property/v1/x", headers=forged)

        values = " ".join(value for _, value in there.seen[0].headers)
        assert "10.0.0.1" not in values
        assert "evil.example" not in values

    def test_a_trusted_proxy_in_front_is_believed(self, gateway, upstream):
        there = upstream()
        door = gateway(property=there, settings={"trusted_proxies": "127.0.0.1"})

        door.get("/property/v1/x", headers={"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"})

        assert there.seen[0].header("x-forwarded-for") == "203.0.113.7"
        assert there.seen[0].header("x-forwarded-proto") == "https"

    def test_nothing_is_added_that_the_caller_did_not_say(self, gateway, upstream):
        there = upstream()

        with gateway(property=there).raw("GET /property/v1/x HTTP/1.1") as connection:
            connection.recv(2000)

        names = {name for name, _ in there.seen[0].headers}
        assert names == {
            "host",
            "authorization",
            "x-request-id",
            "traceparent",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "forwarded",
        }

    def test_the_request_id_is_passed_on_and_answered(self, gateway, upstream):
        there = upstream()

        answer = gateway(property=there).get("/property/v1/x", headers={"X-Request-ID": "call-17"})

        assert there.seen[0].header("x-request-id") == "call-17"
        assert answer.headers.get_list("x-request-id") == ["call-17"]

    @pytest.mark.parametrize("unusable", ["", "a b", "x" * 65, "<script>"])
    def test_a_request_without_a_usable_id_gets_one(self, gateway, upstream, unusable):
        there = upstream()

        answer = gateway(property=there).get("/property/v1/x", headers={"X-Request-ID": unusable})

        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
        assert there.seen[0].header("x-request-id") == answer.headers["x-request-id"]

    def test_a_service_that_repeats_the_request_id_does_not_make_it_two(self, gateway, upstream):
        there = upstream(always(reply(200, b"", ("X-Request-ID", "other"))))

        answer = gateway(property=there).get("/property/v1/x", headers={"X-Request-ID": "call-17"})

        assert answer.headers.get_list("x-request-id") == ["call-17"]
