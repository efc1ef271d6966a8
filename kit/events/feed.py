"""The change feed: events in commit order, without a gap or a repeat while writers run."""

import re

from sqlalchemy import cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.storage.tables import EventRow
from kit.web.problems import FieldError, Invalid


async def feed(session: AsyncSession, cursor: tuple[str, int], limit: int) -> list[EventRow]:
    """Events after the cursor, in commit order, without a gap or a repeat while writers run.

    A row is readable once every transaction that began before its own has ended: what comes later
    in time comes later in the feed.
    """
    after = tuple_(EventRow.xid, EventRow.id) > tuple_(cast(cursor[0], db.Xid8), cursor[1])
    horizon = EventRow.xid < func.pg_snapshot_xmin(func.pg_current_snapshot())
    query = select(EventRow).where(after, horizon).order_by(EventRow.xid, EventRow.id).limit(limit)
    return list(await session.scalars(query))


def parse_cursor(since: str | None) -> tuple[str, int]:
    """The cursor of the change feed; None is the beginning.

    Raises: Invalid.
    """
    if since is None:
        return "0", 0
    match = re.fullmatch(r"([0-9]{1,19})-([0-9]{1,18})", since)
    if match is None:
        raise Invalid(
            "bad-cursor",
            "读取位置无效，请从上一次答复的 next 读起；首次读取的不填。",
            errors=[FieldError(pointer="?since", reason="不是本接口给出的 next")],
        )
    return match[1], int(match[2])
