"""Endpoints that run in one transaction each, and what their declarations name."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.personal.originals import names_of, take_in
from kit.storage.pending import pending
from kit.storage.transactions import Database
from kit.web import idempotency
from kit.web.access import requires, whose_of
from kit.web.checks import Checked, Handler
from kit.web.moves import Moves
from kit.web.problems import problems
from kit.web.shapes import Body

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class TransactionalRoute(Checked):
    """Runs an endpoint that writes in one transaction; a creation with an Idempotency-Key is answered once.

    What it gets of a body holds no personal data in its texts: they are masked, and the originals sealed.

    One whose declaration says that the thing has an owner, and that did not ask whose it is, is not answered.
    The English docstring of an endpoint is for engineers: users read only `summary` and `description`.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        kwargs["generate_unique_id_function"] = lambda route: route.name  # the service's name goes before it
        super().__init__(path, endpoint if kwargs["methods"] == ["GET"] else _masking(endpoint), **kwargs)
        if not kwargs.get("description"):
            self.description = ""
        self.whose = whose_of(self.dependant)

    def around(self, handler: Handler) -> Handler:
        """The endpoint in its transaction."""
        reads = self.methods == {"GET"}

        async def run(request: Request) -> Response:
            database: Database = request.app.state.database
            async with database.reading() if reads else database.transaction(audited=True) as session:
                request.state.session = session
                if reads:
                    response = await handler(request)
                    self._must_have_asked(session, response)
                    return response
                try:
                    remembered = await idempotency.begin(session, request)
                    if remembered.answer is not None:
                        return remembered.answer
                    response = await handler(request)
                    self._must_have_asked(session, response)
                    remembered.keep(session, response)
                finally:
                    await request.close()  # the files of a form
            return response

        return run

    def _must_have_asked(self, session: AsyncSession, response: Response) -> None:
        asks = self.whose is not None and self.whose.by_thing
        if asks and response.status_code < 400 and not pending(session).owner_asked:
            raise Unowned(f"{self.name} answered without asking whose the thing is")


def _masking(endpoint: Endpoint) -> Endpoint:
    @wraps(endpoint)
    async def run(**given: Any) -> Any:
        bodies = {name: each for name, each in given.items() if isinstance(each, Body | list)}
        if not bodies:
            return await endpoint(**given)
        [session] = {each.session for each in given.values() if isinstance(each, Context)}
        keys = [str(each) for each in given.values() if type(each) is str or isinstance(each, UUID)]
        about = {spelled for each in keys for spelled in (each, each.upper())}
        names = await names_of(session, about) if about else []
        return await endpoint(
            **given | {name: take_in(session, each, names) for name, each in bodies.items()}
        )

    return run  # type: ignore[return-value]


class Unowned(Exception):
    """An endpoint whose things have owners touched one without asking whose it is: a fault of ours, never answered."""


def router(tag: str) -> APIRouter:
    """A router of a capability: its endpoints run in one transaction each and stand under the Chinese tag."""
    return APIRouter(route_class=TransactionalRoute, tags=[tag])


def clauses(*ids: str) -> dict[str, Any]:
    """`openapi_extra` of an operation: the clauses it carries out."""
    return {"x-clauses": list(ids)}


def move(
    router: APIRouter, path: str, moves: Moves, action: str, description: str = "", **more: Any
) -> Callable[[Endpoint], Endpoint]:
    """Declare the endpoint of an action: `POST path/action`, with roles, clauses and errors from its rows.

    description: what the table does not say; more: `also`, further clauses; `summary`, where the verb and the
    noun together do not read well; and options of `router.post`.
    """
    summary: str = more.pop("summary", moves.actions[action] + moves.noun)
    also: tuple[str, ...] = more.pop("also", ())
    return router.post(
        f"{path}/{action}",
        summary=summary,
        description=description or f"{summary}。",
        responses=problems(404, 409),
        dependencies=[requires(one_of=moves.roles(action))],
        openapi_extra=clauses(*dict.fromkeys((*moves.clauses(action), *also))),
        **more,
    )
