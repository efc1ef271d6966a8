"""Who looks at a page, when, and what may be asked for it."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.requests import Request

from console.people.audit import Acting
from console.people.provider import Provider
from console.people.sessions import Browser, Seat
from console.settings import ConsoleSettings
from console.web.gateway import Gateway, Told
from kit.district.clock import system_clock

#: Who is signed in, and who is signing in by a provider, each as a cookie is called.
SESSION: Final = "session"
UNDER_WAY: Final = "sign-in"


@dataclass(frozen=True)
class Console:
    """What all pages have in common while the console runs. clock: the server's; provider: by whom people sign in too."""

    settings: ConsoleSettings
    gateway: Gateway
    sessions: async_sessionmaker[AsyncSession]
    readers: async_sessionmaker[AsyncSession]
    clock: Callable[[], datetime] = system_clock
    provider: Provider | None = None

    @property
    def is_https(self) -> bool:
        """Whether people reach the console over HTTPS."""
        return self.settings.public_url.startswith("https://")

    def cookie(self, name: str) -> str:
        """A cookie's full name; by its beginning a browser takes it over HTTPS alone, and from us alone."""
        return f"__Host-{name}" if self.is_https else name


#: Bytes of a figure that a page has room for where it does not say.
_ROOM = 22_000


@dataclass(frozen=True)
class Figure:
    """A figure for a phone, and for a desk and paper: its words are of one size in both. room: bytes that a page has for it."""

    narrow: Told
    wide: Told
    room: int = _ROOM

    def __bool__(self) -> bool:
        return bool(self.narrow and self.wide)

    @property
    def heavy(self) -> bool:
        """Whether a page has room for one width of it at most."""
        return len(f"{self.narrow.body}{self.wide.body}".encode()) > self.room

    @property
    def too_heavy(self) -> bool:
        """Whether a page has no room for it at all."""
        return len(str(self.narrow.body).encode()) > self.room

    @property
    def sorry(self) -> str:
        """Why there is none."""
        return self.wide.sorry or self.narrow.sorry


@dataclass
class View:
    """One look at a page. seat: who is signed in, None where nobody is; cookie: what the answer sets, "" to take it away;
    under_way: the same of a sign-in that is under way; filed: whether what is shown becomes a file, which has lists whole.
    """

    request: Request
    console: Console
    seat: Seat | None
    now: datetime
    cookie: str | None = None
    under_way: str | None = None
    filed: bool = False

    @property
    def person(self) -> Seat:
        """Who is signed in, where somebody must be."""
        assert self.seat is not None
        return self.seat

    @property
    def browser(self) -> Browser:
        """Where the person sits."""
        client = self.request.client
        agent = self.request.headers.get("user-agent", "")
        return Browser(client.host if client else "unknown", agent if agent.isprintable() else "")

    @property
    def here(self) -> str:
        """The page's address, also where a form on it was handed in."""
        path = self.request.url.path
        return path if self.request.method != "POST" else path.rpartition("/")[0] or "/"

    def kept(self, cookie: str) -> str:
        """What the browser keeps of ours; empty where it keeps nothing."""
        return self.request.cookies.get(self.console.cookie(cookie), "")

    def path(self, name: str) -> str:
        """A parameter of the address."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """A parameter behind the question mark; empty where it is not there."""
        return self.request.query_params.get(name, "").strip()

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction in the console's own database."""
        return self.console.sessions.begin()

    def acting(self, session: AsyncSession) -> Acting:
        """The person who does something to accounts, in a transaction."""
        return Acting(session, self.now, self.person.actor)

    def reading(self) -> AsyncSession:
        """A session of the console's own database whose statements stand each for itself."""
        return self.console.readers()

    async def get(self, path: str, **query: Any) -> Told:
        """What stands at a path of the gateway, as the person may see it."""
        return await self.console.gateway.get(self.seat, path, **query)

    async def all(self, *paths: str) -> list[Told]:
        """What stands at several paths, asked together."""
        return list(await asyncio.gather(*(self.get(path) for path in paths)))

    async def figure(self, path: str, room: int = _ROOM) -> Figure:
        """A figure that a service draws in the width that is asked for, in both widths that pages have; room: as of Figure."""
        joint = "&" if "?" in path else "?"
        narrow, wide = await self.pictures(f"{path}{joint}width=360", f"{path}{joint}width=640")
        return Figure(narrow, wide, room)

    async def pictures(self, *paths: str) -> list[Told]:
        """The figures that services draw at several paths, as SVG that stands in a page."""
        return list(await asyncio.gather(*(self.console.gateway.picture(self.seat, path) for path in paths)))

    async def post(self, path: str, body: dict[str, Any], *, once: str = "", etag: str = "") -> Told:
        """Hand something in. once: what `new_once` gave the form, so that it counts once however often it is sent."""
        return await self.console.gateway.post(self.person, path, body, key=once, etag=etag)

    def new_once(self) -> str:
        """A key for a form that is handed in once."""
        return secrets.token_urlsafe(18)


def local(address: str) -> str:
    """An address of ours to go to; the start for whatever would lead elsewhere."""
    parts = urlsplit(address)
    safe = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//")
    return address if safe and "\\" not in address and address.isprintable() else "/"
