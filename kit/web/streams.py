"""Bodies that are taken row by row as they come, NDJSON, packed with gzip or not: what is held of one does not grow with it.

router = streams.router("平台同步")

@router.put("/sync/{kind}", openapi_extra=streams.taking(example), ...)
async def take(request: Request, context: Platform) -> ReceiptOut:
    async for lines in streams.lines(request):
        async with streams.transaction(request, context) as batch: ...
"""

import json
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException

from kit.context import Context
from kit.storage.transactions import Database
from kit.web.checks import STREAMED, Handler
from kit.web.problems import Invalid, TooLarge, too_large
from kit.web.routes import TransactionalRoute

#: Bytes that a row may have, and that are unpacked at a time.
MAX_LINE, _PIECE = 64 * 1024, 256 * 1024
#: Rows, and their bytes, that are handed on together.
BATCH_ROWS, BATCH_BYTES = 10_000, 8 * 1024 * 1024
#: zlib's window for a stream with gzip's header and check sum.
_GZIP = zlib.MAX_WBITS | 16

#: The number of a line, from 1, and what stands in it; None where it is longer than a row may be.
Line = tuple[int, bytes | None]


class StreamedRoute(TransactionalRoute):
    """Runs an endpoint that reads its body as it comes, in as many transactions as it opens (`transaction`)."""

    streams = True

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        super().__init__(path, endpoint, **kwargs)
        # Nobody asks whose a thing is in place of an endpoint's one transaction.
        assert self.whose is not None and not self.whose.by_thing

    def around(self, handler: Handler) -> Handler:
        """The endpoint as it is."""
        return handler


def router(tag: str) -> APIRouter:
    """A router whose endpoints read their bodies as they come, under the Chinese tag."""
    return APIRouter(route_class=StreamedRoute, tags=[tag])


def taking(description: str, *rows: Mapping[str, Any]) -> dict[str, Any]:
    """`openapi_extra` of an operation that takes NDJSON; rows: examples."""
    example = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    schema = {"type": "string", "title": "逐行 JSON", "description": description}
    content = {STREAMED: {"schema": schema, "example": example}}
    # A body of no lines states nothing, and is as good as none.
    return {"requestBody": {"required": False, "content": content}}


@asynccontextmanager
async def transaction(request: Request, context: Context) -> AsyncIterator[Context]:
    """The caller's context in a transaction of its own, which commits at the end of the block.

    Raises: Unaudited for rows that were written without an audit entry.
    """
    database: Database = request.app.state.database
    async with database.transaction(audited=True) as session:
        yield replace(context, session=session, now=request.app.state.clock())


def lines(request: Request) -> AsyncIterator[list[Line]]:
    """The lines of a request's body in batches, blank ones left out; the last need not end.

    Raises: TooLarge, also for what is packed; Invalid where it cannot be unpacked; ClientDisconnect.
    """
    packed = request.headers.get("content-encoding", "").strip().lower() == "gzip"
    limit: int = request.app.state.settings.max_stream_bytes
    parts = _parts(request)
    return batches(unpacked(parts, limit) if packed else parts)


async def _parts(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes; where it grows beyond the bound it ends in a problem that says so."""
    try:
        async for part in request.stream():
            yield part
    except HTTPException:
        raise too_large() from None


async def unpacked(parts: AsyncIterable[bytes], limit: int) -> AsyncIterator[bytes]:
    """What gzip has packed, in small pieces, however small it was packed.

    limit: bytes. Raises: TooLarge beyond it; Invalid for what gzip has not made, or where its end is missing.
    """
    unpacking, size, begun = zlib.decompressobj(_GZIP), 0, False
    async for part in parts:
        while part:
            begun = True
            try:
                piece = unpacking.decompress(part, _PIECE)
            except zlib.error:
                raise _not_gzip("正文不是完好的 gzip") from None
            size += len(piece)
            if size > limit:
                raise TooLarge("body-too-large", f"解压后超过 {limit // 1024**2} MB，请分几次提交。")
            if piece:
                yield piece
            part = unpacking.unconsumed_tail
            if unpacking.eof:  # another may follow (RFC 1952, 2.2)
                part, unpacking, begun = unpacking.unused_data, zlib.decompressobj(_GZIP), False
    if begun:
        raise _not_gzip("gzip 正文在中途断开")


def _not_gzip(what: str) -> Invalid:
    return Invalid(
        "broken-gzip", f"{what}，请重新压缩后从头提交；此前已处理完的各批保留，重复的行不会再次处理。"
    )


async def batches(parts: AsyncIterable[bytes]) -> AsyncIterator[list[Line]]:
    """The lines of a body in batches. Of one that is too long no more is held than a row may have."""
    found: list[Line] = []
    number = size = 0
    rest, too_long = b"", False
    async for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            number += 1
            if too_long or len(line) > MAX_LINE:
                found.append((number, None))
                too_long = False
            elif line := line.strip():
                found.append((number, line))
                size += len(line)
            if len(found) >= BATCH_ROWS or size >= BATCH_BYTES:
                yield found
                found, size = [], 0
        if len(rest) > MAX_LINE:
            rest, too_long = b"", True
    if too_long or rest.strip():
        found.append((number + 1, None if too_long else rest.strip()))
    if found:
        yield found
