"""What the public reads again and again: an answer with ETag and Last-Modified, and 304 when nothing changed."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request, Response

from kit.web.etags import is_known


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
    if "if-none-match" in request.headers:
        return is_known(etag, request)
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (ValueError, OverflowError):
        return False  # there is none, or one that is no date
    return modified.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))
