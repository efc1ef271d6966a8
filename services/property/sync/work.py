"""Taking the platform's rows in: batch by batch, each in one transaction that leaves an audit entry and its events."""

import asyncio
from dataclasses import asdict
from typing import LiteralString
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import Request
from pydantic import Field
from sqlalchemy import text, update
from starlette.requests import ClientDisconnect

from kit.context import Context
from kit.events.event import Event
from kit.storage.db import new_id
from kit.storage.pending import pending
from kit.web import streams
from kit.web.problems import Malformed, Problem
from services.property.companies import CompanyChanged, CompanyRegistered
from services.property.compounds.work import one_at_a_time
from services.property.corrections import CompanyWithdrawn
from services.property.known import tell_time
from services.property.sync import staging
from services.property.sync.merging import MERGES
from services.property.sync.models import SyncReceipt
from services.property.sync.rows import Kind, Parsed, Rejection, parse

#: How many rejected lines a receipt lists; all are counted.
LISTED = 500


class PlatformStated(Event, type="property.platform.stated", title="平台登记变化"):
    """The platform states an entry, states it otherwise, or states it no more; companies' own events come besides."""

    kind: str = Field(description="companies 企业，projects 项目，compounds 小区，contracts 合同")
    key: str = Field(description="平台编号")
    source_version: int = Field(description="平台版本号")
    deleted: bool = Field(description="平台已删除")
    entry: UUID | None = Field(description="本系统的登记编号；没有时为空")
    street: str | None = Field(description="街道（镇）名称；企业为空")


_TELL: LiteralString = (
    "INSERT INTO events (event_id, type, subject, time, data)"
    " SELECT uuidv7(), {type}, coalesce(entry::text, key), :now, {data} FROM incoming WHERE outcome IS NULL AND {which}"
)
_COMPANY = "'company', entry, 'name', name"
_FACTS = (
    (
        f"'{PlatformStated.type}'",
        "jsonb_build_object('kind', cast(:kind AS text), 'key', key, 'source_version', version, 'deleted', deleted,"
        " 'entry', entry, 'street', street)",
        "NOT (cast(:kind AS text) = 'companies' AND (registered OR touched OR gone))",
    ),
    (
        f"CASE WHEN registered THEN '{CompanyRegistered.type}' ELSE '{CompanyChanged.type}' END",
        "(SELECT jsonb_build_object('company', c.id, 'name', c.name, 'uscc', c.uscc) FROM companies c WHERE c.id = entry)",
        "cast(:kind AS text) = 'companies' AND (registered OR touched)",
    ),
    (
        f"'{CompanyWithdrawn.type}'",
        f"jsonb_build_object({_COMPANY}, 'into', null, 'reason', '智慧物业平台已删除')",
        "cast(:kind AS text) = 'companies' AND gone",
    ),
)


class Run:
    """One request's rows on their way in; its receipt grows with each batch."""

    def __init__(self, request: Request, context: Context, kind: Kind) -> None:
        self._request, self._context, self._kind = request, context, kind
        self.receipt = new_id()
        self._rejections: list[Rejection] = []

    async def take(self) -> None:
        """Take all of the body in; while one batch is merged the next is read and checked.

        Raises: Problem with the receipt's id, for a body that breaks off; what was merged stays.
        """
        await self._begin()
        try:
            await self._all()
        except BaseException as error:
            await asyncio.shield(self._end("broken", error))
            if isinstance(error, ClientDisconnect):
                raise Malformed(
                    "body-cut-off", "正文在中途断开，已处理完的各批保留，请从头重新提交。"
                ) from None
            if isinstance(error, Problem):
                error.extra["receipt"] = str(self.receipt)
            raise
        await self._end("done")

    async def _all(self) -> None:
        merging: asyncio.Task[None] | None = None
        try:
            async for lines in streams.lines(self._request):
                parsed = await run_sync(parse, self._kind, lines)
                if merging is not None:
                    await merging
                merging = asyncio.create_task(self._merge(parsed))
        finally:
            if merging is not None:
                await merging  # a batch is whole, whatever became of the body

    async def _begin(self) -> None:
        async with streams.transaction(self._request, self._context) as context:
            none = {"accepted": 0, "unchanged": 0, "stale": 0, "rejected": 0, "rejections": []}
            begun = {"begun_at": context.now, "moved_at": context.now, "client": context.caller.client}
            context.session.add(
                SyncReceipt(id=self.receipt, kind=self._kind, state="running", **none, **begun)
            )
            context.audit("property.sync.begun", str(self.receipt), kind=self._kind)

    async def _end(self, state: str, error: BaseException | None = None) -> None:
        why = None
        if error is not None:
            why = error.detail if isinstance(error, Problem) else "正文中途断开，或系统中断；请从头重新提交。"
        async with streams.transaction(self._request, self._context) as context:
            ended = update(SyncReceipt).where(SyncReceipt.id == self.receipt)
            await context.session.execute(ended.values(state=state, why=why, moved_at=context.now))
            context.audit("property.sync.ended", str(self.receipt), kind=self._kind, state=state)

    async def _merge(self, parsed: Parsed) -> None:
        """One batch: copied, compared, merged, kept, told and counted in one transaction."""
        async with streams.transaction(self._request, self._context) as context:
            counts, refused = await merge(context, self._kind, parsed)
            self._rejections += refused[: LISTED - len(self._rejections)]
            grown = {
                getattr(SyncReceipt, name): getattr(SyncReceipt, name) + count
                for name, count in counts.items()
            }
            listed = [asdict(each) for each in self._rejections]
            growing = update(SyncReceipt).where(SyncReceipt.id == self.receipt)
            await context.session.execute(
                growing.values({**grown, "rejections": listed, "moved_at": context.now})
            )
            context.audit("property.sync.merged", str(self.receipt), kind=self._kind, **counts)


async def merge(context: Context, kind: Kind, parsed: Parsed) -> tuple[dict[str, int], list[Rejection]]:
    """Merge a batch; how many rows were accepted, unchanged, stale and rejected, and those that were."""
    session = context.session
    await one_at_a_time(session)
    pending(session).originals.extend(parsed.originals)
    await staging.stage(session, kind, parsed)
    await context.session.run_sync(tell_time)
    await MERGES[kind](context)
    found, refused = await staging.outcomes(session)
    await staging.keep(session, kind, context.now)
    for type, data, which in _FACTS:
        statement = _TELL.format(type=type, data=data, which=which)
        await session.execute(text(statement), {"now": context.now, "kind": kind})
    rejected = sorted([*parsed.rejected, *refused], key=lambda each: each.line)
    counts = {
        "accepted": found.get(None, 0),
        "unchanged": found.get("unchanged", 0) + parsed.unchanged,
        "stale": found.get("stale", 0) + parsed.stale,
        "rejected": len(rejected),
    }
    return counts, rejected
