"""ETag out, If-Match in: nobody overwrites what they have not seen."""

import hashlib
from typing import Annotated, Protocol

from fastapi import Depends, Header, Request, Response

from kit.web.problems import PreconditionRequired, stale


class HasVersion(Protocol):
    @property
    def version(self) -> int: ...


def set_etag(response: Response, row: HasVersion) -> None:
    """Put the row's version into the answer's ETag."""
    response.headers["ETag"] = f'"{row.version}"'


def set_content_etag(response: Response, content: bytes) -> None:
    """Put what an answer says into its ETag, where it changes with time and not only with its row."""
    response.headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_known(etag: str, request: Request) -> bool:
    """Whether the caller says in If-None-Match that it has this version, or any (RFC 9110, 13.1.2)."""
    if not etag:
        return False
    tags = _tags(",".join(request.headers.getlist("if-none-match")))
    return "*" in tags or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in tags}


def _tags(field: str) -> set[str]:
    return {tag.strip() for tag in field.split(",")}


class Precondition:
    """The If-Match header of an update; a weak tag matches nothing (RFC 9110, 13.1.1)."""

    def __init__(self, if_match: str) -> None:
        self._tags = _tags(if_match)

    def check(self, row: HasVersion) -> None:
        """Refuse a write to a version that the caller has not seen.

        Raises: PreconditionFailed.
        """
        if "*" not in self._tags and f'"{row.version}"' not in self._tags:
            raise stale()


async def _if_match(
    request: Request,
    _: Annotated[
        str | None, Header(alias="If-Match", description="读取时得到的 ETag", examples=['"1"'])
    ] = None,
) -> Precondition:
    if_match = ",".join(request.headers.getlist("if-match"))  # a list may stand on several lines
    if not if_match.strip():
        raise PreconditionRequired("no-if-match", "修改前请先读取，并把得到的 ETag 放入 If-Match 请求头。")
    return Precondition(if_match)


IfMatch = Annotated[Precondition, Depends(_if_match)]
