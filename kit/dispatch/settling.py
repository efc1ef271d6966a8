"""A request that was handed on is with one service: the one that took it sees to it that the one it came from knows.

The answer may be lost on its way, or who waited for it die. Then both have the request open; whoever has taken it asks the
other to hand it on again, which is the same request here, until it has an answer. Only what was taken, and so committed,
asks: what never came is left where it was. Both lock their own request while they ask, so that of two that hand the same
request to each other one is told after the other is done, and takes it back.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from kit.asking import Asking
from kit.context import Context
from kit.dispatch.handing_on import PATIENCE, UNANSWERED
from kit.dispatch.tables import DispatchRequest
from kit.storage.pending import defer

#: The name of the job.
SETTLE: Final = "settle-hand-over"
#: When the other service must have had its answer; how long to wait where it does not answer, and for how long it is asked.
_FIRST, _AGAIN, _AT_MOST = timedelta(seconds=20), timedelta(minutes=1), timedelta(days=7)
_NOTE: Final = "承接的服务已受理，补记转办。"


def settle_later(context: Context, request: DispatchRequest) -> None:
    """See to it that the service from which a request was taken knows."""
    _ask(context, request.number, context.now + _FIRST, context.now + _AT_MOST)


async def settle(context: Context, asking: Asking, number: str, until: str) -> None:
    """Have the service from which a request was taken hand it on again, where that is open there still.

    What has gone on from here since asks for nothing: it may be on its way back. until: when it is asked no more.
    """
    query = select(DispatchRequest.matter, DispatchRequest.transferred_from).where(
        DispatchRequest.number == number, DispatchRequest.state != "transferred"
    )
    taken = (await context.session.execute(query)).one_or_none()
    if taken is None or asking.other is None:
        return
    path = f"/dispatch/v1/requests/{taken.transferred_from}/transfer"
    answer = await asking.post(path, {"matter": taken.matter, "note": _NOTE}, 2 * PATIENCE)
    end = datetime.fromisoformat(until)
    if (
        answer is None or answer.status_code in UNANSWERED or answer.status_code >= 500
    ) and context.now < end:
        _ask(context, number, context.now + _AGAIN, end)


def _ask(context: Context, number: str, at: datetime, until: datetime) -> None:
    defer(context.session, SETTLE, at=at, number=number, until=until.isoformat())
