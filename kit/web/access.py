"""Who may call an endpoint: scopes that a token must have, roles of which one is enough, and whose the thing is.

What is checked here is what the OpenAPI document says (kit.web.openapi reads each `Gate` from the routes).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.security import OAuth2, SecurityScopes

from kit.context import Context, limited_away
from kit.web.caller import Caller, Role, holders
from kit.web.ownership import Whose
from kit.web.problems import Forbidden
from kit.web.tokens import bearer

_scheme = OAuth2(
    flows={"clientCredentials": {"tokenUrl": "/auth/v1/token", "scopes": {}}},
    scheme_name="oauth2",
    description="用客户端编号和密钥在 /auth/v1/token 领取。",
    auto_error=False,
)
_READING = ("GET", "HEAD")


#: Whoever reads what is published to everybody.
PUBLIC = Caller("public", "公众")


class Gate(ABC):
    """A dependency that gives the context of a caller whom it admits.

    roles: of which one is enough, where any is named; whose: whose what the operation touches is; None where another
    dependency of the operation says so.
    """

    def __init__(self, roles: tuple[Role, ...], whose: Whose | None) -> None:
        self.roles, self.whose = roles, whose

    @abstractmethod
    async def admit(self, request: Request, scopes: Iterable[str]) -> Caller:
        """The caller. Raises: what keeps it out."""

    @abstractmethod
    async def __call__(self, *_: Any, **__: Any) -> Context:
        """The context of the caller."""


class Open(Gate):
    """What is published to everybody: whoever calls is the public, with a token or without one."""

    async def __call__(self, request: Request) -> Context:
        """The context of the public."""
        return _context(request, PUBLIC)

    async def admit(self, _request: Request, _scopes: Iterable[str]) -> Caller:
        """The public."""
        return PUBLIC


class Access(Gate):
    """The context of a caller who has all scopes, and one of the roles where any is named."""

    async def __call__(
        self,
        scopes: SecurityScopes,
        request: Request,
        _authorization: Annotated[str | None, Depends(_scheme)],
    ) -> Context:
        """The context of the caller, whom `kit.web.checks` has admitted before anything was read.

        Raises: what `admit` raises, where nobody has.
        """
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:
            caller = await self.admit(request, scopes.scopes)
        return _context(request, caller)

    async def admit(self, request: Request, scopes: Iterable[str]) -> Caller:
        """The caller, who has all of the scopes and one of the roles.

        Raises: Unauthorized; Forbidden naming the scopes that are missing, who may, or whom the token is limited to.
        """
        token = bearer(request.headers.get("authorization"))
        caller: Caller = await request.app.state.verifier.admit(token)
        if missing := [scope for scope in scopes if not caller.may(scope)]:
            raise Forbidden(
                "missing-scope", f"令牌缺少权限 {'、'.join(missing)}，请向管理员申请。", missing=missing
            )
        if self.roles and not caller.may(*self.roles):
            route = request.scope["route"]
            raise Forbidden(
                "not-your-role",
                f"只有{holders(self.roles)}可以{route.summary}。",
                clauses=(route.openapi_extra or {}).get("x-clauses", ()),
                missing=sorted(self.roles),
            )
        if self.whose is not None and not self.whose.admits(caller, writes=request.method not in _READING):
            raise limited_away(caller)
        return caller


def _context(request: Request, caller: Caller) -> Context:
    session: Any = getattr(request.state, "session", None)  # the gateway keeps no rows
    return Context(session, caller, request.app.state.clock(), request.method not in _READING)


def everybody() -> Any:
    """A dependency that gives the Context of the public: what is published needs no token."""
    return Security(Open((), Whose.EVERYBODYS))


def requires(*scopes: str, one_of: tuple[Role, ...] = (), whose: Whose | None = None) -> Any:
    """A dependency that gives the Context and asks for all of the scopes and for one of the roles.

    whose: whose what the operation touches is; one dependency of each operation names it.
    """
    return Security(Access(one_of, whose), scopes=list(scopes))


def checks_of(dependant: Dependant) -> Iterator[Gate]:
    """Everything that an operation asks of its caller."""
    if isinstance(dependant.call, Gate):
        yield dependant.call
    for below in dependant.dependencies:
        yield from checks_of(below)


def whose_of(dependant: Dependant) -> Whose | None:
    """Whose what an operation touches is, as its declaration says; None where it says nothing."""
    return next((check.whose for check in checks_of(dependant) if check.whose is not None), None)


async def _of_system(request: Request) -> Context:
    return Context.of_system(request.state.session, request.app.state.clock())


#: The context of an endpoint that knows its caller by other means than a token.
Unnamed = Annotated[Context, Depends(_of_system)]
