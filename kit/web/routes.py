"""Endpoints that run in one transaction each, and what their declarations name."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from kit.storage.transactions import Database
from kit.web import idempotency


class TransactionalRoute(APIRoute):
    """Runs an endpoint in one transaction; a creation with an Idempotency-Key is answered once.

    The English docstring of an endpoint is for engineers: users read only `summary` and `description`.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        super().__init__(path, endpoint, **kwargs)
        if not kwargs.get("description"):
            self.description = ""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def run(request: Request) -> Response:
            database: Database = request.app.state.database
            async with database.transaction() as session:
                request.state.session = session
                remembered = await idempotency.begin(session, request)
                if remembered.answer is not None:
                    return remembered.answer
                response = await handler(request)
                await remembered.keep(session, response)
            return response

        return run


def router(tag: str) -> APIRouter:
    """A router of a capability: its endpoints run in one transaction each and stand under the Chinese tag."""
    return APIRouter(route_class=TransactionalRoute, tags=[tag])


def clauses(*ids: str) -> dict[str, Any]:
    """`openapi_extra` of an operation: the clauses it carries out."""
    return {"x-clauses": list(ids)}
