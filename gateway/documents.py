"""The merged OpenAPI document, kept for a short time and made again only when a service's own has changed."""

import asyncio
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from fastapi import APIRouter, Request, Response

from gateway.limits import Limiter, address
from gateway.openapi import Document, alone, borrow_example, merge
from gateway.services import Services
from gateway.upstream import Request as Question
from kit.logs import log
from kit.web.etags import is_known
from kit.web.problems import Problem

#: The name of the gateway among the services.
OWN = "gateway"
_FRESH = 15.0
_PATIENCE = 5.0


@dataclass(frozen=True)
class _Kept:
    etag: bytes | None
    digest: bytes
    document: Document


@dataclass(frozen=True)
class Merged:
    """The merged document as it is sent: plain or compressed, each form with an entity tag of its own (RFC 9110, 8.8.3)."""

    plain: bytes
    compressed: bytes
    digest: str

    @classmethod
    def of(cls, plain: bytes) -> "Merged":
        """Both forms of a document."""
        return cls(plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:32])

    def form(self, accepted: str) -> tuple[bytes, dict[str, str]]:
        """The form that an Accept-Encoding header asks for, with its headers."""
        zipped = _accepts_gzip(accepted)
        headers = {
            "ETag": f'"{self.digest}{"-gzip" if zipped else ""}"',
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding",
        }
        if not zipped:
            return self.plain, headers
        return self.compressed, headers | {"Content-Encoding": "gzip"}

    def answer(self, request: Request) -> Response:
        """The document, or 304 where the caller has it already."""
        body, headers = self.form(request.headers.get("accept-encoding", ""))
        if is_known(headers["ETag"], request):
            headers.pop("Content-Encoding", None)
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)


def _accepts_gzip(accepted: str) -> bool:
    weights = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = weight.replace(" ", "")
    wanted = weights.get("gzip", weights.get("*"))
    return wanted is not None and not re.fullmatch(r"q=0(\.0*)?", wanted)


class Documents:
    """The services' documents as they were last seen, and what they make together."""

    def __init__(self, services: Services, own: Callable[[], Document]) -> None:
        self._services, self._own = services, own
        self._kept: dict[str, _Kept] = {}
        self._asked_at = float("-inf")
        self._made_of: object = None
        self._merged = Merged.of(b"")
        self._alone: dict[str, Merged] = {}
        self._lock = asyncio.Lock()

    async def merged(self) -> "Merged":
        """The merged document; the services are asked at most every 15 seconds."""
        await self._look()
        return self._merged

    async def each(self) -> dict[str, Document | None]:
        """The gateway's own document and each service's as it was last seen; None of one that never answered."""
        await self._look()
        return {OWN: self._own()} | {
            name: kept.document if (kept := self._kept.get(name)) else None for name in self._services.pools
        }

    async def of(self, service: str) -> "Merged | None":
        """One service's document as the door shows it; None of one that never answered, or that there is not."""
        document = (await self.each()).get(service)
        if document is not None and service not in self._alone:
            self._alone[service] = Merged.of(_written(alone(document)))
        return self._alone.get(service)

    async def _look(self) -> None:
        async with self._lock:
            if monotonic() - self._asked_at >= _FRESH:
                found = dict(zip(self._services.pools, await self._ask_all(), strict=True))
                self._make(found)
                self._asked_at = monotonic()

    async def _ask_all(self) -> list[_Kept | None]:
        return await asyncio.gather(*(self._ask(service) for service in self._services.pools))

    async def _ask(self, service: str) -> _Kept | None:
        kept = self._kept.get(service)
        headers = [(b"if-none-match", kept.etag)] if kept and kept.etag else []
        question = Question("GET", f"/{service}/v1/openapi.json", headers)
        try:
            reply = await self._services.ask(service, question, _PATIENCE)
        except Problem:
            return None
        if reply.status == 304:
            return kept
        digest = hashlib.sha256(reply.body).digest()
        if kept and kept.digest == digest:
            return kept
        document = _parsed(reply.body) if reply.status == 200 else None
        if document is None:
            log.warning("no-openapi", service=service, status=reply.status)
            return None
        kept = self._kept[service] = _Kept(reply.header(b"etag"), digest, document)
        return kept

    def _make(self, found: dict[str, _Kept | None]) -> None:
        made_of = {service: kept and kept.digest for service, kept in found.items()}
        if made_of == self._made_of:
            return
        there = {service: kept.document for service, kept in found.items() if kept}
        merged = merge({OWN: self._own()} | there, [name for name, kept in found.items() if kept is None])
        borrow_example(merged)
        self._merged = Merged.of(_written(merged))
        self._alone = {}
        self._made_of = made_of


def _written(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(body: bytes) -> Document | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    usable = isinstance(document, dict) and "title" in document.get("info", {}) and "paths" in document
    return document if usable else None


def router(documents: Callable[[], Documents], limiter: Limiter) -> APIRouter:
    """`/openapi.json`, for everybody, as often as the limiter lets an address."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/openapi.json")
    async def read_openapi(request: Request) -> Response:
        request.state.quota = limiter.admit(address(request))
        return (await documents().merged()).answer(request)

    return routes
