"""Files as answers."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Annotated, Any
from urllib.parse import quote

from fastapi import Query, Response
from fastapi.responses import StreamingResponse

from kit.documents.reports import Report
from kit.figures.canvas import NARROWEST, WIDEST
from kit.storage.files.store import Opened

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SVG = "image/svg+xml"
#: What a binary answer is in the document.
BINARY = {"type": "string", "format": "binary"}
#: `responses` of an operation that answers JSON or, where it is asked for, a workbook.
OR_WORKBOOK: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {"schema": BINARY}}}}
#: `responses` of an operation that answers JSON, a workbook, or a document to print.
OR_PRINTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {XLSX: {"schema": BINARY}, DOCX: {"schema": BINARY}}}
}
#: `responses` of an operation that answers JSON or a figure of it, and of one that also answers a workbook.
OR_FIGURE: dict[int | str, dict[str, Any]] = {200: {"content": {SVG: {"schema": {"type": "string"}}}}}
#: The same of one that answers a figure or a report to edit, and of one that answers a workbook as well.
OR_REPORTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {DOCX: {"schema": BINARY}, **OR_FIGURE[200]["content"]}}
}
OR_ALL: dict[int | str, dict[str, Any]] = {
    200: {"content": {**OR_WORKBOOK[200]["content"], **OR_REPORTED[200]["content"]}}
}
#: How wide a figure is laid out; its words are of one size at every width.
FigureWidth = Annotated[
    int,
    Query(
        description="图的宽度（像素），只用于 format=svg：360 适合手机，640 适合网页和 A4 纸，1200 适合大屏",
        ge=NARROWEST,
        le=WIDEST,
    ),
]


class DocumentResponse(Response):
    """The response class of an operation that answers a document to print alone."""

    media_type = DOCX


class WorkbookResponse(Response):
    """The response class of an operation that answers a workbook alone."""

    media_type = XLSX


def download(data: bytes, name: str, media_type: str = XLSX) -> Response:
    """A file to be saved under a name that may be Chinese (RFC 6266)."""
    return Response(
        data,
        media_type=media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )


async def reported(report: Report, made: datetime) -> Response:
    """A report as a .docx file to be saved under its title."""
    content = await asyncio.to_thread(report.content, made)
    return download(content, f"{report.title}.docx", DOCX)


def drawn(svg: str) -> Response:
    """A figure as an answer, which shows what it is of and loads nothing."""
    return Response(
        svg,
        media_type=SVG,
        headers={"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"},
    )


def streamed(opened: Opened, name: str, media_type: str) -> StreamingResponse:
    """A kept file to be saved under a name that may be Chinese, sent in parts and closed at its end."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Length": str(opened.size),
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(in_parts(opened.file), media_type=media_type, headers=headers)


def in_parts(file: IO[bytes]) -> Iterator[bytes]:
    """A file's bytes, in parts of 64 KiB; the file is closed at their end."""
    with file:
        while part := file.read(64 * 1024):
            yield part
