"""One event on its way to one receiver: signed per Standard Webhooks, answered in bounded time and memory."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_
from standardwebhooks import Webhook

from kit import spans
from kit.asking import host_of
from kit.events.subscriptions import CloudEvent
from kit.storage.tables import Subscription
from kit.storage.transactions import Database

if TYPE_CHECKING:
    import httpx2

MEDIA_TYPE = "application/cloudevents+json"
#: The attribute of an event that tells of an earlier one on the same subject, which was given up.
UNDELIVERED = "undelivered"

#: Seconds until an answer must have begun, from its first byte to its last header; then until its end, which nobody needs.
_PATIENCE, _REST = 15.0, 2.0
#: Bytes of an answer that are read so that its connection can be used again; a longer one is cut off.
_READ = 64 * 1024
#: What a subscriber is told of whatever was no answer: more would tell it about machines that are not its own.
_NO_ANSWER = "没有得到应答，请核对接收地址、域名解析、证书和防火墙。"
#: What it is told where the fault is ours.
NOT_SENT = "本系统未能发送，将自动重试；持续如此请联系管理员。"


@dataclass(frozen=True)
class Receiver:
    """Where a subscription's events go, as it said when its delivery began. secrets: one, or two while they change."""

    row: Subscription
    version: int
    secrets: tuple[str, ...]
    client: "httpx2.AsyncClient"

    @classmethod
    def of(cls, row: Subscription, database: Database, now: datetime) -> "Receiver":
        """What a subscription says; where it was not the deployment that named it, its address is checked."""
        client = database.http if row.client is None else database.outside
        sealed = [row.secret]
        if row.old_secret is not None and row.old_secret_until is not None and now < row.old_secret_until:
            sealed.append(row.old_secret)
        return cls(row, row.version, tuple(map(database.cipher.open, sealed)), client)

    @property
    def stands(self) -> ColumnElement[bool]:
        """The subscription, while it says the same and is served."""
        same = and_(Subscription.id == self.row.id, Subscription.version == self.version)
        return and_(same, Subscription.state == "active")


@dataclass(frozen=True)
class Failure:
    """A delivery that failed. said: what the subscriber is told; cause: what the log is; wait: what it asked for."""

    said: str
    cause: str
    gone: bool = False
    wait: timedelta | None = None


async def post(
    receiver: Receiver, event: CloudEvent, now: datetime, undelivered: str | None
) -> Failure | None:
    """Send an event, once; None where it was taken.

    undelivered: an earlier event on the same subject that was given up, as this one must not pass it by in silence.
    """
    told = event.model_dump(mode="json") | ({UNDELIVERED: undelivered} if undelivered else {})
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    # The library takes the wall clock's figures for UTC whatever the zone.
    at = now.astimezone(UTC)
    headers = {
        "content-type": MEDIA_TYPE,
        "webhook-id": event.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(event.id, at, body) for each in receiver.secrets),
    }
    from httpx2 import HTTPError, InvalidURL

    try:
        status, after = await _answer(receiver, body.encode(), headers)
    except (HTTPError, InvalidURL, TimeoutError) as error:
        return Failure(_NO_ANSWER, type(error).__name__)
    if 200 <= status < 300:
        return None
    said = f"HTTP {status}"
    return Failure(said, said, status == 410, _asked(after, now))


async def _answer(receiver: Receiver, body: bytes, headers: dict[str, str]) -> tuple[int, str | None]:
    """The status, and Retry-After. What the receiver says besides is not waited for: it has taken the event, or not.

    Raises: HTTPError, InvalidURL, TimeoutError.
    """
    from httpx2 import HTTPError

    with spans.asking("POST", host_of(receiver.row.url)) as span:
        headers |= span.headers
        request = receiver.client.build_request("POST", receiver.row.url, content=body, headers=headers)
        async with asyncio.timeout(_PATIENCE):
            response = await receiver.client.send(request, stream=True)
        span.answered(response.status_code)
    try:
        with suppress(HTTPError, TimeoutError):
            async with asyncio.timeout(_REST):
                await _read(response)
    finally:
        await response.aclose()
    return response.status_code, response.headers.get("retry-after")


async def _read(response: "httpx2.Response") -> None:
    read = 0
    async for piece in response.aiter_raw():
        read += len(piece)
        if read > _READ:
            return


def _asked(after: str | None, now: datetime) -> timedelta | None:
    """How long Retry-After asks to wait: seconds, or a date (RFC 9110, 10.2.3); None where it is neither."""
    if after is None:
        return None
    if after.isascii() and after.isdigit():
        return timedelta(seconds=min(int(after[:9]), 1_000_000))
    try:
        until = parsedate_to_datetime(after)
    except (ValueError, OverflowError):
        return None
    return until - now if until.tzinfo else None
