"""Files as answers."""

from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import StreamingResponse

from kit.storage.files.store import Opened

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: What a binary answer is in the document.
BINARY = {"type": "string", "format": "binary"}
#: `responses` of an operation that answers JSON or, where it is asked for, a workbook.
OR_WORKBOOK: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {"schema": BINARY}}}}
#: `responses` of an operation that answers JSON, a workbook, or a document to print.
OR_PRINTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {XLSX: {"schema": BINARY}, DOCX: {"schema": BINARY}}}
}


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
