"""What a delivery has lost is read from the sender's change feed, once each; a sender that is silent is known to be."""

from datetime import timedelta
from urllib.parse import parse_qs

import httpx2
import pytest
from pydantic import SecretStr

from kit.events import catching_up
from kit.events.catching_up import CatchingUp, silence_of
from kit.settings import Feed
from kit.testing import SECRET
from tests.kit.notebook.app import service
from tests.kit.test_inbox import event, send, texts

FEED = Feed(url="http://weather", token_url="http://gateway/token", client="notebook", secret="s3cret")


def storm(number: int) -> dict:
    return event(id=f"01990000-0000-7000-8000-00000000000{number}", data={"text": f"storm {number}"})


class Weather:
    """A service whose change feed tells of storms, in pages of two; `answers`: whether it does."""

    def __init__(self) -> None:
        self.events, self.answers = [storm(number) for number in (1, 2, 3)], True

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if not self.answers:
            return httpx2.Response(503)
        if request.url.host == "gateway":
            form = parse_qs(request.content.decode())
            assert (form["client_id"], form["client_secret"]) == (["notebook"], ["s3cret"])
            return httpx2.Response(200, json={"access_token": "a-token"})
        assert request.headers["authorization"] == "Bearer a-token"
        start = int(request.url.params.get("since", "0-0").partition("-")[2])
        page = self.events[start : start + 2]
        told = {"items": page, "next": f"0-{start + len(page)}", "more": len(self.events) > start + 2}
        return httpx2.Response(200, json=told)


@pytest.fixture
def weather() -> Weather:
    return Weather()


@pytest.fixture
def notebook(serve, weather):
    running = serve(service, event_secrets={"weather": SecretStr(SECRET)})
    running.database.http = httpx2.AsyncClient(transport=httpx2.MockTransport(weather))
    return running


def read(notebook) -> None:
    reading = CatchingUp(notebook.database, {"weather": FEED}, service.handlers, notebook.clock)
    notebook.call(reading.read, "weather")


def silence(notebook):
    return notebook.run(lambda context: silence_of(context.session, "weather", context.now))


def test_what_was_not_delivered_is_taken_in_once_and_what_was_is_not_taken_in_again(notebook, weather):
    assert send(notebook, storm(2)).status_code == 204
    for _ in range(2):
        read(notebook)
    assert sorted(texts(notebook)) == ["storm 1", "storm 2", "storm 3"]


def test_reading_goes_on_from_where_it_ended(notebook, weather):
    read(notebook)
    asked = []
    answer = weather.__call__
    weather.events.append(storm(4))
    notebook.database.http = httpx2.AsyncClient(
        transport=httpx2.MockTransport(lambda request: asked.append(request.url.params.get("since")) or answer(request))
    )  # fmt: skip
    read(notebook)
    assert asked == [None, "0-3"]  # the token, then what is new
    assert "storm 4" in texts(notebook)


def test_page_of_which_one_event_is_not_understood_is_taken_in_not_at_all_and_asked_for_again(
    notebook, weather
):
    weather.events[1] = storm(2) | {"data": {"words": "?"}}
    with pytest.raises(Exception, match="text"):
        read(notebook)
    assert texts(notebook) == []
    weather.events[1] = storm(2)
    read(notebook)
    assert len(texts(notebook)) == 3


def test_service_is_silent_an_hour_after_it_answered_last(notebook, weather, clock):
    assert silence(notebook) is None  # no feed of it is read
    read(notebook)
    answered, weather.answers = clock.now, False
    clock.now += timedelta(hours=1)
    with pytest.raises(httpx2.HTTPStatusError):
        read(notebook)
    assert silence(notebook) is None
    clock.now += timedelta(seconds=1)
    assert silence(notebook).since == answered


def test_service_that_never_answered_is_silent(notebook, weather):
    weather.answers = False
    with pytest.raises(httpx2.HTTPStatusError):
        read(notebook)
    assert silence(notebook).since is None


def test_feed_that_cannot_be_read_is_tried_again_sooner_and_keeps_no_other_from_being_read(
    notebook, weather, monkeypatch
):
    waits = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise RuntimeError("enough")
        feeds.pop("silent")

    monkeypatch.setattr(catching_up.asyncio, "sleep", sleep)
    feeds = {
        "silent": FEED.model_copy(update={"token_url": "http://weather/silent/v1/changes"}),
        "weather": FEED,
    }
    with pytest.raises(RuntimeError, match="enough"):
        notebook.call(CatchingUp(notebook.database, feeds, service.handlers, notebook.clock).run)
    assert waits == [catching_up.AGAIN, catching_up.EVERY]
    assert len(texts(notebook)) == 3
