"""An office service for the tests of those who ask it: what it answers is set, nothing means that it does not."""

from typing import Any

import httpx2
from pydantic import SecretStr

from kit.settings import OtherService
from kit.testing import Running

PEER = OtherService(
    url="http://office", token_url="http://door/auth/v1/token", client="asker", secret=SecretStr("s")
)


def post(
    code: str, name: str, holder: str | None, *, away: bool = False, acting: str | None = None
) -> dict[str, Any]:
    """A post as the office service tells it."""
    person = {"leader": "x", "name": holder, "post": "副区长"} if holder else None
    there = {"leader": "y", "name": acting, "post": "副区长"} if acting else None if away else person
    return {
        "post": code,
        "name": name,
        "holder": person,
        "acting": there,
        "sentence": f"{name}：{holder or '没有登记'}{'外出' if away else ''}。",
        "chain": [],
    }


def office_of(running: Running) -> dict[str, Any]:
    """What the office service answers to a running service; empty, it does not answer. `asked` are the moments."""
    told: dict[str, Any] = {"asked": []}

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "door":
            return httpx2.Response(200, json={"access_token": "t", "expires_in": 3600})
        told["asked"].append(request.url.params["at"])
        if "posts" in told:
            return httpx2.Response(200, json={"posts": told["posts"]})
        raise httpx2.ConnectError("refused", request=request)

    running.database.http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return told
