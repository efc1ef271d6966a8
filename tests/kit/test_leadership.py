"""The office service is asked who acts, by a client of one's own; whatever goes wrong there is no answer, in time."""

import asyncio
import time
from datetime import UTC, datetime

import httpx2
import pytest
from pydantic import SecretStr

from kit import asking
from kit.asking import Asking
from kit.settings import OtherService
from kit.web.leadership import OfficeService

AT = datetime(2024, 6, 24, 1, 30, tzinfo=UTC)
PEER = OtherService(
    url="http://office", token_url="http://door/auth/v1/token", client="asker", secret=SecretStr("s3")
)
HEAD = {
    "post": "head",
    "name": "区长",
    "holder": {"name": "韩涛", "post": "区委副书记、区长", "leader": "han-tao"},
    "acting": None,
    "sentence": "韩涛外出。",
    "chain": [],
}


class Other:
    """The door and the office service: what they answer, and what they were asked."""

    def __init__(self, answer=None, token=None) -> None:
        self.answer = answer or (lambda _: httpx2.Response(200, json={"posts": [HEAD]}))
        self.token = token or (lambda _: httpx2.Response(200, json={"access_token": "t", "expires_in": 3600}))
        self.asked: list[httpx2.Request] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        made = (self.token if request.url.host == "door" else self.answer)(request)
        return await made if asyncio.iscoroutine(made) else made


def asks(other: Other, peer: OtherService | None = PEER):
    async def run():
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(other)) as http:
            return await OfficeService(Asking(http, peer, {})).posts(AT)

    return asyncio.run(run())


@pytest.mark.clause("D-2")
def test_the_posts_are_told_by_their_codes_for_a_moment_to_a_client_of_its_own():
    other = Other()
    told = asks(other)
    assert told["head"].holder.name == "韩涛"
    assert told["head"].acting is None
    token, question = other.asked
    assert b"client_id=asker" in token.content and b"client_secret=s3" in token.content
    assert question.url.path == "/office/v1/in-charge/posts"
    assert question.url.params["at"] == AT.isoformat()
    assert question.headers["authorization"] == "Bearer t"


def refuses(request):
    raise httpx2.ConnectError("refused", request=request)


async def sleeps(_request=None):
    await asyncio.sleep(60)
    return httpx2.Response(200)


@pytest.mark.clause("D-2")
@pytest.mark.parametrize(
    "answer",
    [
        refuses,
        sleeps,
        lambda _: httpx2.Response(404),
        lambda _: httpx2.Response(401),
        lambda _: httpx2.Response(503),
        lambda _: httpx2.Response(307, headers={"Location": "http://elsewhere"}),
        lambda _: httpx2.Response(200, text="<html>"),
        lambda _: httpx2.Response(200, json=[]),
        lambda _: httpx2.Response(200, json={"posts": [{"post": "head"}]}),
        lambda _: httpx2.Response(200, json={"posts": [HEAD | {"holder": {"name": "", "post": "区长"}}]}),
        lambda _: httpx2.Response(200, content=b"\xff\xfe"),
    ],
)
@pytest.mark.parametrize("where", ["answer", "token"])
def test_whatever_goes_wrong_is_no_answer_in_time(monkeypatch, answer, where):
    monkeypatch.setattr(asking, "PATIENCE", 0.2)
    begun = time.monotonic()
    assert asks(Other(**{where: answer})) is None
    assert time.monotonic() - begun < 20


def test_nobody_is_asked_where_no_office_is_set_and_two_seconds_are_the_most():
    other = Other()
    assert asks(other, peer=None) is None
    assert other.asked == []
    assert asking.PATIENCE <= 2
