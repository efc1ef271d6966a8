"""The lists of requests and patterns over all services, the newest first (P-2.2.2b)."""

import asyncio
from datetime import timedelta

import pytest

from tests.gateway.services import NINE
from tests.gateway.test_dispatch import READ, SEND, read
from tests.gateway.upstreams import always, json_reply


@pytest.mark.clause("P-2.2.2b")
class TestTheList:
    def test_has_the_requests_of_all_services_the_newest_first(self, door, property_, emergency):
        for minutes in (0, 20, 40):
            property_.shelf.take(NINE + timedelta(minutes=minutes))
        for minutes in (10, 30):
            emergency.shelf.take(NINE + timedelta(minutes=minutes))

        answer = read(door).json()

        letters = [item["number"][3] for item in answer["items"]]
        assert letters == ["P", "E", "P", "E", "P"]
        assert (answer["next"], answer["unavailable"]) == (None, [])

    def test_compares_moments_and_not_their_spelling(self, door, property_, emergency):
        property_.shelf.rows.append({"number": "DS-PQ-1", "received_at": "2024-06-24T02:00:00Z"})
        emergency.shelf.take(NINE + timedelta(minutes=30))

        assert [item["number"][3] for item in read(door).json()["items"]] == ["P", "E"]

    def test_goes_on_with_the_cursor_to_the_end(self, door, property_, emergency):
        rows = [property_.shelf.take(NINE + timedelta(minutes=m)) for m in range(0, 14, 2)]
        rows += [emergency.shelf.take(NINE + timedelta(minutes=m)) for m in range(1, 6, 2)]

        listed, cursor = [], None
        while True:
            answer = read(door, limit=3, **({"cursor": cursor} if cursor else {})).json()
            assert len(answer["items"]) <= 3
            listed += answer["items"]
            if (cursor := answer["next"]) is None:
                break

        assert listed == sorted(rows, key=lambda row: row["received_at"], reverse=True)

    def test_names_its_next_page_in_a_link(self, door, property_):
        for _ in range(2):
            property_.shelf.take()

        answer = read(door, limit=1, state="received")

        link = answer.headers["link"]
        assert link.endswith('>; rel="next"')
        following = door.http.get(link[1 : link.index(">")], headers=door.bearer(READ)).json()
        assert [item["number"] for item in following["items"]] == ["DS-PQ-20240624-0001"]
        assert following["next"] is None

    def test_passes_the_filters_on(self, door, property_, emergency):
        property_.shelf.take(state="answered")
        property_.shelf.take(state="received")

        answer = read(door, state="answered").json()
        assert [item["number"] for item in answer["items"]] == ["DS-PQ-20240624-0001"]

        read(door, matter="parking", unit="tianjiao-street", overdue="true", limit=7)
        assert emergency.asked[-1].target == (
            "/emergency/v1/dispatch/requests?matter=parking&unit=tianjiao-street&overdue=true&limit=7"
        )

    def test_is_partial_when_a_service_is_down_and_says_so(self, door, property_, emergency):
        row = property_.shelf.take()
        emergency.shelf.take()
        emergency.there.stop()

        answer = read(door)

        assert answer.status_code == 200
        assert answer.json() == {"items": [row], "next": None, "unavailable": ["emergency"]}

    @pytest.mark.parametrize("failing", [500, 503])
    def test_is_partial_when_a_service_fails(self, door, property_, emergency, failing):
        property_.shelf.take()
        emergency.failing = failing

        assert read(door).json()["unavailable"] == ["emergency"]

    def test_is_partial_when_a_service_takes_too_long(self, gateway, property_, upstream, monkeypatch):
        monkeypatch.setattr("gateway.merged_lists._PATIENCE", 0.2)

        async def silent(_, __, ___):
            await asyncio.sleep(30)

        door = gateway(property=property_.there, emergency=upstream(silent))

        assert read(door).json()["unavailable"] == ["emergency"]

    def test_lists_later_what_was_missing_once_the_service_is_back(self, door, property_, emergency):
        for minutes in (1, 2):
            property_.shelf.take(NINE + timedelta(minutes=minutes))
        missed = emergency.shelf.take(NINE + timedelta(minutes=3))
        emergency.there.stop()
        first = read(door, limit=1).json()
        emergency.there.start()

        second = read(door, limit=2, cursor=first["next"]).json()

        assert missed in second["items"]
        assert second["unavailable"] == []

    def test_passes_a_refusal_of_a_service_on(self, gateway, property_, upstream):
        refusal = {"type": "urn:dongsheng:problem:missing-scope", "status": 403}
        door = gateway(property=property_.there, credit=upstream(always(json_reply(refusal, 403))))

        answer = read(door)

        assert (answer.status_code, answer.json()) == (403, refusal)

    @pytest.mark.parametrize("cursor", ["", "x", "bm9uZQ", "W10", "eyJwcm9wZXJ0eSI6WzEsMiwzXX0", "天骄"])
    def test_refuses_a_cursor_that_nobody_gave_out(self, door, property_, cursor):
        answer = read(door, cursor=cursor)

        assert (answer.status_code, answer.json()["type"]) == (422, "urn:dongsheng:problem:bad-cursor")
        assert property_.asked == []

    @pytest.mark.parametrize(
        "wrong", [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"state": "lost"}, {"overdue": "maybe"}]
    )
    def test_refuses_what_it_does_not_understand(self, door, property_, wrong):
        answer = read(door, **wrong)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"?{next(iter(wrong))}"
        assert property_.asked == []


@pytest.mark.clause("P-2.2.2b")
class TestPatterns:
    PATH = "/dispatch/v1/patterns"

    def test_are_listed_over_all_services_and_filtered_by_each(self, door, property_, emergency):
        first = property_.shelf.notice(NINE)
        second = emergency.shelf.notice(NINE + timedelta(minutes=1), kind="company")
        third = property_.shelf.notice(NINE + timedelta(minutes=2))

        page = read(door, self.PATH, limit=2)
        assert page.json()["items"] == [third, second]
        assert page.headers["link"].startswith(f"<{self.PATH}?limit=2&cursor=")
        rest = read(door, self.PATH, limit=2, cursor=page.json()["next"])
        assert rest.json() == {"items": [first], "next": None, "unavailable": []}
        assert read(door, self.PATH, kind="compound").json()["items"] == [third, first]
        assert {seen.path for seen in property_.asked} == {"/property/v1/dispatch/patterns"}

    def test_of_a_service_that_is_away_come_later(self, door, property_, emergency):
        for minutes in (1, 2):
            property_.shelf.notice(NINE + timedelta(minutes=minutes))
        missed = emergency.shelf.notice(NINE + timedelta(minutes=3))
        emergency.failing = 503

        page = read(door, self.PATH, limit=1).json()
        assert page["unavailable"] == ["emergency"]
        emergency.failing = None
        assert missed in read(door, self.PATH, limit=2, cursor=page["next"]).json()["items"]

    def test_go_on_by_no_cursor_of_the_requests_nor_these_by_one_of_theirs(self, door, property_):
        for minutes in (1, 2):
            property_.shelf.take(NINE + timedelta(minutes=minutes))
            property_.shelf.notice(NINE + timedelta(minutes=minutes))
        for one, other in (("/dispatch/v1/requests", self.PATH), (self.PATH, "/dispatch/v1/requests")):
            cursor = read(door, one, limit=1).json()["next"]
            refused = read(door, other, cursor=cursor)
            assert (refused.status_code, refused.json()["type"]) == (422, "urn:dongsheng:problem:bad-cursor")

    def test_need_a_token_that_reads_and_a_question_that_is_known(self, door):
        assert door.http.get(self.PATH).status_code == 401
        assert door.get(self.PATH, headers=door.bearer(SEND)).status_code == 403
        assert read(door, self.PATH, street="x").status_code == 422
