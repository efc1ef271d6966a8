"""Idempotency-Key on creations: the same key and body get the same answer for 24 hours."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.storage.pending import as_json, pending
from kit.storage.tables import IdempotencyKey
from kit.storage.transactions import cipher_of
from kit.web.caller import Caller
from kit.web.checks import is_form
from kit.web.problems import FieldError, Invalid

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)

#: Bytes of a file that are read at a time.
_PIECE = 1024 * 1024
_HEADERS_KEPT = ("content-type", "location", "etag")
#: A key that has been kept long enough is as good as new. Texts, as building these took as long as running them.
_CLAIM = text(
    "INSERT INTO idempotency_keys AS kept (client, key, request, keyed_by, created_at)"
    " VALUES (:client, :key, :request, :keyed_by, :now)"
    " ON CONFLICT (client, key) DO UPDATE SET request = excluded.request, keyed_by = excluded.keyed_by,"
    " created_at = excluded.created_at,"
    " status = NULL, headers = NULL, body = NULL WHERE kept.created_at < :old RETURNING 1"
)
_KEEP = "UPDATE idempotency_keys SET status = %s, headers = %s, body = %s WHERE client = %s AND key = %s"
_FORGET = "DELETE FROM idempotency_keys WHERE client = %s AND key = %s"


@dataclass
class Remembered:
    """What is known of a creation: the answer given before, or the row that will hold it."""

    answer: Response | None = None
    row: tuple[str, str] | None = None

    def keep(self, session: AsyncSession, response: Response) -> None:
        """Keep a new answer in the transaction that made it true."""
        if self.row is None:
            return
        if pending(session).shown_once:
            pending(session).statements.append((_FORGET, self.row))
            return
        headers = {name: response.headers[name] for name in _HEADERS_KEPT if name in response.headers}
        values = (response.status_code, as_json(headers), bytes(response.body), *self.row)
        pending(session).statements.append((_KEEP, values))


async def begin(session: AsyncSession, request: Request) -> Remembered:
    """Look the request's key up, or claim it; a second request with it waits for the first to end.

    Whoever gets here has been admitted to the operation. A token that may do more or less, or that is limited to
    somebody else, does not get another's answer.

    Raises: Invalid when the key was used with another body or at another address.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return Remembered()
    if not 1 <= len(key) <= 200:
        raise Invalid(
            "bad-idempotency-key",
            "Idempotency-Key 应为 1 到 200 个字符。",
            errors=[FieldError(pointer=f"header:{HEADER}", reason="长度不对")],
        )
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        return Remembered()  # the endpoint knows its caller by other means
    client = caller.who  # of two people one never gets the other's answer
    now: datetime = request.app.state.clock()
    # Keyed, as a body may hold a number that could otherwise be found by trying.
    cipher = cipher_of(session)
    digests = cipher.lookups(await _digest(request, caller))
    asked = {"request": digests[0], "keyed_by": cipher.id}
    claim = {"client": client, "key": key, **asked, "now": now, "old": now - KEPT}
    if (await session.execute(_CLAIM, claim)).first() is not None:
        return Remembered(row=(client, key))
    return Remembered(answer=await _earlier(session, client, key, digests))


async def _digest(request: Request, caller: Caller) -> str:
    """What makes two requests the same: path, query and body, and what the caller may."""
    rights = [caller.unit, caller.division, caller.company, *sorted(caller.scopes)]
    address = f"{request.url.path}?{request.url.query}\0{json.dumps(rights)}\0"
    digest = hashlib.sha256(address.encode())
    if is_form(request.headers.get("Content-Type", "")):
        async for part in _form(request):
            digest.update(part)
    else:
        digest.update(await request.body())
    return digest.hexdigest()


async def _form(request: Request) -> AsyncIterator[bytes]:
    """What a form says, without the boundary that is drawn anew at each sending, and its files, which stay on the disk."""
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            yield f"{name}\0{value}\0".encode()
            continue
        yield f"{name}\0{value.filename}\0{value.content_type}\0{value.size}\0".encode()
        while part := await value.read(_PIECE):
            yield part
        await value.seek(0)


async def _earlier(session: AsyncSession, client: str, key: str, digests: list[str]) -> Response:
    row = await session.get_one(IdempotencyKey, (client, key))
    if row.request not in digests:
        raise Invalid(
            "idempotency-key-reused",
            "这个 Idempotency-Key 已用于另一个请求，请换一个新的。",
            errors=[FieldError(pointer=f"header:{HEADER}", reason="已用于另一个请求")],
        )
    assert row.status is not None  # it is filled in before the row can be seen
    headers = {name: str(value) for name, value in (row.headers or {}).items()}
    return Response(row.body, row.status, headers | {"Idempotency-Replayed": "true"})


async def forget_old(context: Context) -> None:
    """Delete keys older than 24 hours; a periodic job."""
    old = IdempotencyKey.created_at < context.now - KEPT
    await context.session.execute(delete(IdempotencyKey).where(old))
