"""What other services told is read from their change feeds as well, so that nothing that a push has lost stays lost.

What is read is taken in as what is pushed, each event once. How far a feed was read is kept with what was taken in, and when it
was read to its end last says since when the other service has not answered.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit import spans
from kit.asking import host_of
from kit.context import Context
from kit.events.api import Changes
from kit.events.receiving import Handler, receive
from kit.events.subscriptions import CloudEvent
from kit.logs import log
from kit.settings import Feed
from kit.storage.tables import FeedRead
from kit.storage.transactions import Database

if TYPE_CHECKING:
    import httpx2

#: Seconds between two looks into the feeds, and after one that failed.
EVERY, AGAIN = 300.0, 15.0
#: How many events are asked for at a time.
PAGE: Final = 500
#: For how long a service may be silent before it is said: some looks may fail.
PATIENCE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class CatchingUp:
    """Reads the feeds that a deployment names: `feeds` by the service whose they are."""

    database: Database
    feeds: Mapping[str, Feed]
    handlers: Mapping[str, Handler]
    clock: Callable[[], datetime]

    async def run(self) -> None:
        """Read all feeds again and again, until cancelled; one that cannot be read keeps no other from being read."""
        while self.feeds:
            read = [await self._tried(source) for source in self.feeds]
            await asyncio.sleep(EVERY if all(read) else AGAIN)

    async def _tried(self, source: str) -> bool:
        try:
            with spans.span(f"read {source}", parent=None):
                await self.read(source)
        except Exception as error:
            log.error("feed-not-read", source=source, error=type(error).__name__)
            return False
        return True

    async def read(self, source: str) -> None:
        """Read a feed to its end, each page in a transaction of its own, from where it was read to last.

        Raises: httpx2.HTTPError where it does not answer, ValidationError for an answer that is none.
        """
        feed = self.feeds[source]
        since = await self._begin(source)
        headers = {"Authorization": f"Bearer {await self._token(feed)}"}
        more = True
        while more:
            asked = {"limit": str(PAGE)} | ({} if since is None else {"since": since})
            answer = await self._get(f"{feed.url}/{source}/v1/changes", asked, headers)
            answer.raise_for_status()
            page = Changes.model_validate_json(answer.content)
            since, more = page.next, page.more
            async with self.database.transaction() as session:
                context = Context.of_system(session, self.clock())
                for event in page.items:
                    await self._receive(context, event)
                row = await session.get_one(FeedRead, source)
                row.next = since
                if not more:
                    row.read_at = context.now

    async def _begin(self, source: str) -> str | None:
        """From where a feed is read on; that it is read at all is kept from the first time on."""
        async with self.database.transaction() as session:
            await session.execute(insert(FeedRead).values(source=source).on_conflict_do_nothing())
            return await session.scalar(select(FeedRead.next).where(FeedRead.source == source))

    async def _receive(self, context: Context, event: CloudEvent) -> None:
        """Take in an event; in the trace that it is of, where it names one."""
        if event.type in self.handlers:
            about = {"cloudevents.event_type": event.type, "cloudevents.event_id": event.id}
            with spans.span(f"receive {event.type}", spans.CONSUMER, about, parent=event.traceparent):
                await receive(context, event, self.handlers)

    async def _get(self, url: str, asked: dict[str, str], headers: dict[str, str]) -> "httpx2.Response":
        with spans.asking("GET", host_of(url)) as span:
            answer = await self.database.http.get(url, params=asked, headers=headers | span.headers)
            span.answered(answer.status_code)
        return answer

    async def _token(self, feed: Feed) -> str:
        with spans.asking("POST", host_of(feed.token_url)) as span:
            answer = await self.database.http.post(
                feed.token_url, data=feed.credentials, headers=span.headers
            )
            span.answered(answer.status_code)
        answer.raise_for_status()
        return str(answer.json()["access_token"])


@dataclass(frozen=True)
class Silence:
    """A service that has not answered for longer than it may; since: when it did last, None where it never has."""

    since: datetime | None


_LAST_READ: Final = select(FeedRead.read_at).where(FeedRead.source == bindparam("of"))


async def silence_of(session: AsyncSession, source: str, now: datetime) -> Silence | None:
    """The silence of a service whose feed is read; None where it answers, or where no feed of it is read."""
    row = (await session.execute(_LAST_READ, {"of": source})).one_or_none()
    if row is None or (row.read_at is not None and now - row.read_at <= PATIENCE):
        return None
    return Silence(row.read_at)
