"""A request is with one service in the end, whatever becomes of the answers between two (P-2.2.2b): two real services."""

import asyncio
from threading import Barrier, Thread

import pytest

from kit.asking import Asking
from kit.settings import OtherService
from services.lawstudy.app import service as law_service
from services.office.app import service as office_service
from tests.kit.dispatch.conftest import NOTE

pytestmark = pytest.mark.clause("P-2.2.2b")
TO_LAW = NOTE | {"matter": "law-consultation"}
TO_OFFICE = NOTE | {"matter": "government-affairs"}
SENT = {
    "matter": "government-affairs",
    "summary": "咨询",
    "division": "天骄街道",
    "external_number": "X-1",
}
OPEN = ("received", "accepted", "answered")


class Between:
    """The way through the gateway: what is asked for reaches the service, its answer may be lost."""

    def __init__(self, office, law):
        gateway = OtherService(url="http://gateway", token_url="http://gateway/t", client="c", secret="s")
        self.services = {"O": office, "L": law}
        self.matters = {"government-affairs": "O", "law-consultation": "L"}
        #: Answers to lose next, seconds that one is waited for, and what was asked for.
        self.lost, self.patience, self.asked = 0, 5.0, []
        for each in self.services.values():
            each.app.state.settings.gateway = gateway

    def client(self, letter, name):
        return self.services[letter].client("dispatch:read", "dispatch:write", "dispatch:hand-on", name=name)

    async def post(self, _asking, path, body, _patience):
        below = path.removeprefix("/dispatch/v1")
        at = below.split("/")
        letter = self.matters[body["matter"]] if len(at) == 2 else at[2][3]
        self.asked.append(below)
        there = self.client(letter, "other").post
        going = asyncio.create_task(asyncio.to_thread(there, f"/dispatch{below}", json=body))
        try:
            answer = await asyncio.wait_for(asyncio.shield(going), self.patience)
        except TimeoutError:
            return None
        if self.lost:
            self.lost -= 1
            return None
        return answer

    def read(self, number):
        return self.client(number[3], "12345").get(f"/dispatch/requests/{number}").json()

    def hand_on(self, number, body):
        return self.client(number[3], "12345").post(f"/dispatch/requests/{number}/transfer", json=body)

    def work(self):
        for each in self.services.values():
            each.work()

    def found(self):
        """The requests of both, by number: (state, transferred_to)."""
        listed = [
            row
            for letter in self.services
            for row in self.client(letter, "12345").get("/dispatch/requests").json()["items"]
        ]
        return {row["number"]: (row["state"], row["transferred_to"]) for row in listed}


@pytest.fixture
def between(serve, monkeypatch):
    # A setting of its own, so that no other test gets these.
    made = Between(
        serve(office_service, max_body_bytes=1_000_001), serve(law_service, max_body_bytes=1_000_001)
    )
    monkeypatch.setattr(Asking, "post", lambda asking, *asked: made.post(asking, *asked))
    return made


@pytest.fixture
def number(between):
    return between.client("O", "12345").post("/dispatch/requests", json=SENT).json()["number"]


def lose_the_answer(between, number):
    """Hand a request on so that both have it; its number there."""
    between.lost = 1
    assert between.hand_on(number, TO_LAW).status_code == 503
    [there] = between.found().keys() - {number}
    assert {state for state, _ in between.found().values()} == {"received"}
    return there


def test_a_lost_answer_is_made_up_for_by_who_took_the_request(between, number):
    there = lose_the_answer(between, number)
    between.work()
    assert between.found() == {number: ("transferred", there), there: ("received", None)}
    assert [step["action"] for step in between.read(number)["steps"]] == ["take", "transfer"]
    assert [step["action"] for step in between.read(there)["steps"]] == ["take"]
    asked = len(between.asked)
    between.work()
    assert len(between.asked) == asked


def test_who_does_not_answer_is_asked_again_until_it_does(between, number):
    there = lose_the_answer(between, number)
    between.lost = 3
    between.work()
    assert between.found() == {number: ("transferred", there), there: ("received", None)}


def test_nobody_is_asked_for_ever(between, number):
    lose_the_answer(between, number)
    between.services["L"].clock.advance(days=8)
    between.lost = 1000
    between.work()
    assert between.lost > 990


def test_what_was_answered_stays_as_it_is(between, number):
    there = between.hand_on(number, TO_LAW).json()["transferred_to"]
    found = between.found()
    between.work()
    assert between.found() == found == {number: ("transferred", there), there: ("received", None)}


def test_what_went_back_meanwhile_is_not_fetched_again(between, number):
    there = between.hand_on(number, TO_LAW).json()["transferred_to"]
    assert between.hand_on(there, TO_OFFICE).json()["transferred_to"] == number
    between.work()
    assert between.found() == {number: ("received", None), there: ("transferred", number)}


def test_a_lost_answer_on_the_way_back_is_made_up_for_too(between, number):
    there = between.hand_on(number, TO_LAW).json()["transferred_to"]
    between.lost = 1
    assert between.hand_on(there, TO_OFFICE).status_code == 503
    between.work()
    assert between.found() == {number: ("received", None), there: ("transferred", number)}


@pytest.mark.parametrize("patience", [(0.6, 1.5), (1.5, 0.6), (1.0, 1.0)])
def test_two_that_hand_the_same_on_to_each_other_at_once_neither_lose_nor_double_it(
    between, number, patience
):
    there = lose_the_answer(between, number)
    barrier, waits = Barrier(2), dict(zip((TO_LAW["matter"], TO_OFFICE["matter"]), patience, strict=True))
    post = between.post

    async def impatient(asking, path, body, longest):
        between.patience = waits[body["matter"]]
        return await post(asking, path, body, longest)

    between.post = impatient

    def at_once(which, body):
        barrier.wait()
        between.hand_on(which, body)

    threads = [Thread(target=at_once, args=each) for each in ((number, TO_LAW), (there, TO_OFFICE))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    waits.update(dict.fromkeys(waits, 5.0))
    between.work()
    between.work()
    found = between.found()
    assert found.keys() == {number, there}
    [live] = [each for each, (state, _) in found.items() if state in OPEN]
    [gone] = found.keys() - {live}
    assert found[gone] == ("transferred", live)
