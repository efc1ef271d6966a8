"""Another service is asked: in time and in shape, or there is no answer; a token is used while it is good."""

import asyncio
from urllib.parse import parse_qs

import httpx2
import pytest
from pydantic import BaseModel, SecretStr

from kit import asking
from kit.asking import Asking
from kit.settings import OtherService

OTHER = OtherService(
    url="http://weather", token_url="http://gateway/token", client="notebook", secret=SecretStr("s3cret")
)


class Weather(BaseModel):
    rain: bool


class Sky:
    """The other service behind its gateway; `answer`: what it answers next."""

    def __init__(self, answer=None, *, expires_in=3600):
        self.answer = answer or (lambda _: httpx2.Response(200, json={"rain": True}))
        self.expires_in, self.tokens, self.asked = expires_in, 0, []

    def __call__(self, request):
        if request.url.host == "gateway":
            form = parse_qs(request.content.decode())
            assert form == {
                "grant_type": ["client_credentials"],
                "client_id": ["notebook"],
                "client_secret": ["s3cret"],
            }
            self.tokens += 1
            return httpx2.Response(
                200, json={"access_token": f"token-{self.tokens}", "expires_in": self.expires_in}
            )
        self.asked.append((str(request.url), request.headers["authorization"]))
        return self.answer(request)


def ask(sky, times=1, other=OTHER):
    async def asked():
        transport = sky if isinstance(sky, httpx2.AsyncBaseTransport) else httpx2.MockTransport(sky)
        async with httpx2.AsyncClient(transport=transport) as http:
            who = Asking(http, other, {})
            return [await who.get("/weather/v1/today", Weather, on="2024-06-24") for _ in range(times)]

    return asyncio.run(asked())


def test_it_is_asked_with_a_token_of_its_own_which_is_used_again():
    sky = Sky()
    assert ask(sky, times=2) == [Weather(rain=True)] * 2
    assert sky.asked == [("http://weather/weather/v1/today?on=2024-06-24", "Bearer token-1")] * 2


def test_a_token_that_ends_soon_is_not_used_again():
    sky = Sky(expires_in=20)
    ask(sky, times=2)
    assert sky.tokens == 2


def test_a_token_that_is_refused_is_not_used_again():
    answers = iter([httpx2.Response(401), httpx2.Response(200, json={"rain": False})])
    sky = Sky(lambda _: next(answers))
    assert ask(sky, times=2) == [None, Weather(rain=False)]
    assert [token for _, token in sky.asked] == ["Bearer token-1", "Bearer token-2"]


def _refused(request):
    raise httpx2.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    "answer",
    [
        _refused,
        lambda _: httpx2.Response(503),
        lambda _: httpx2.Response(404),
        lambda _: httpx2.Response(200, text="<html>"),
        lambda _: httpx2.Response(200, json={"snow": True}),
    ],
)
def test_whatever_goes_wrong_there_is_no_answer(answer):
    assert ask(Sky(answer)) == [None]


def test_without_a_token_there_is_no_answer():
    assert ask(lambda _: httpx2.Response(401)) == [None]


def test_where_a_deployment_names_no_service_nobody_is_asked():
    assert ask(Sky(), other=None) == [None]


class Slow(httpx2.AsyncBaseTransport):
    async def handle_async_request(self, request):
        await asyncio.sleep(30)
        raise AssertionError("nobody waits that long")


def test_nobody_waits_for_longer_than_patience(monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    assert ask(Slow()) == [None]
