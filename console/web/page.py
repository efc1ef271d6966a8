"""A page: its address, its template, who sees it, and the forms on it.

PAGE = Page("/duty", "今日值班", "duty.html", scopes=("emergency:read",), refresh=60)

@PAGE.show
async def show(view: View) -> Context:
    return {"duty": await view.get("/emergency/v1/duty/now")}

@PAGE.form("hand-over")
async def hand_over(view: View, given: Given) -> str: …          # where to go then
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.datastructures import FormData

from console.people.roles import Duty
from console.people.sessions import Seat
from console.web.view import View

Context = dict[str, Any]
Show = Callable[[View], Awaitable[Context]]
#: What a form does: where to go then, or what the page shows in answer, where that is to be seen once.
Do = Callable[[View, "Given"], Awaitable[str | Context]]


#: Where the gateway has what a page shows as a file.
Where = Callable[[View], str]


class Given(Mapping[str, str]):
    """What was filled in: texts without blanks around them; a field that is not there is empty."""

    def __init__(self, form: FormData) -> None:
        self._given: Final[dict[str, list[str]]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                self._given.setdefault(name, []).append(value.strip().replace("\r\n", "\n"))

    def __getitem__(self, name: str) -> str:
        return self._given[name][-1] if name in self._given else ""

    def __contains__(self, name: object) -> bool:
        return name in self._given

    def all(self, name: str) -> list[str]:
        """Every value of a field that may have several."""
        return self._given.get(name, [])

    def __iter__(self) -> Any:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


class Wrong(Exception):
    """What was filled in cannot be taken: the page is shown again with it, and says why.

    fields: Chinese sentences by field, "" for what belongs to none.
    """

    def __init__(self, fields: dict[str, str], status: int = 422) -> None:
        super().__init__("; ".join(fields.values()))
        self.fields, self.status = fields, status


class Elsewhere(Exception):
    """What is asked for is at another address, which may be another's: the browser is sent there."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class NoSuch(Exception):
    """What the address names is not there; the message is a Chinese sentence."""


@dataclass
class Page:
    """A page.

    address: with `{parameters}`; title: what it is called in the menu and on itself; scopes: of which one is enough to see it,
    none: whoever is signed in; duty: the office over the console that alone sees it; group: its heading in the menu, empty for
    what the menu does not list; refresh: seconds after which a board asks again; open: without sign-in; filed: whether it is
    had as files; says: what is said when a form has done its work, by its verb.
    """

    address: str
    title: str
    template: str
    scopes: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    group: str = ""
    refresh: int | None = None
    open: bool = False
    filed: bool = True
    says: Mapping[str, str] = field(default_factory=dict)
    shows: Show | None = None
    forms: dict[str, Do] = field(default_factory=dict)
    files: dict[str, Where] = field(default_factory=dict)

    def show(self, function: Show) -> Show:
        """What the template is given."""
        self.shows = function
        return function

    def form(self, verb: str) -> Callable[[Do], Do]:
        """What a form on the page does, handed in at the page's address with the verb behind it."""

        def take(function: Do) -> Do:
            self.forms[verb] = function
            return function

        return take

    def file(self, kind: str) -> Callable[[Where], Where]:
        """Where the same stands as a file, which the page offers at its address with the kind behind it: /targets.xlsx."""

        def take(function: Where) -> Where:
            self.files[kind] = function
            return function

        return take

    @property
    def kinds(self) -> list[str]:
        """As which files it is had: those that a service makes, and for whoever is signed in what stands on it."""
        shows = not self.open and (self.group or self.scopes or self.duties)
        made = {"xlsx", "docx"} if self.filed and shows else set()
        return sorted(made | set(self.files), reverse=True)

    @property
    def stem(self) -> str:
        """What its files are called, before the kind."""
        return self.address if self.address != "/" else f"/{self.name}"

    @property
    def name(self) -> str:
        """What it is called in other addresses."""
        return self.template.removesuffix(".html")

    def is_for(self, seat: Seat | None) -> bool:
        """Whether somebody may see it."""
        if self.open:
            return True
        if seat is None:
            return False
        if self.duties:
            return seat.role is not None and seat.role.duty in self.duties
        return not self.scopes or bool(seat.scopes.intersection(self.scopes))
