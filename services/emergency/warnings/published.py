"""What the public reads again and again: an answer with ETag and Last-Modified, and 304 when nothing changed."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request, Response


def published(request: Request, body: bytes, media_type: str, modified: datetime) -> Response:
    """The body, or 304 where the caller has it already (RFC 9110: If-None-Match goes before If-Modified-Since)."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Last-Modified": format_datetime(modified.astimezone(UTC).replace(microsecond=0), usegmt=True),
        "Cache-Control": "private, no-cache",
    }
    if _has_it(request, etag, modified):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _has_it(request: Request, etag: str, modified: datetime) -> bool:
    if (tags := request.headers.get("if-none-match")) is not None:
        return bool({"*", etag} & {tag.strip().removeprefix("W/") for tag in tags.split(",")})
    since = _moment(request.headers.get("if-modified-since"))
    return since is not None and modified.replace(microsecond=0) <= since


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None  # a date that is none is ignored
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
