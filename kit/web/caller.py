"""Who calls: the client with its scopes, and the roles that documents give to somebody."""

from dataclasses import dataclass, field
from typing import Self

from kit.district import units


class Role(str):
    """A scope that a document gives to somebody; `zh` is what that somebody is called in Chinese."""

    zh: str

    def __new__(cls, scope: str, zh: str) -> Self:
        """The scope, as tokens carry it, with its holder's name."""
        made = super().__new__(cls, scope)
        made.zh = zh
        return made


def holders(roles: "frozenset[Role] | tuple[Role, ...] | list[Role]") -> str:
    """Those who hold one of the roles, as a sentence names them."""
    return "、".join(dict.fromkeys(role.zh for role in roles))


@dataclass(frozen=True)
class Person:
    """Who sits behind a client: an id that never means anybody else, and the name that records show."""

    id: str
    name: str


@dataclass(frozen=True)
class Caller:
    """Who calls: the client's id, its unit, whom it is limited to, its scopes, and the person where it acts for one.

    division: name of a street or town; company: unified social credit code; None means the whole district.
    """

    client: str
    name: str = ""
    unit: str | None = None
    division: str | None = None
    company: str | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)
    person: Person | None = None

    def may(self, *scopes: str) -> bool:
        """Whether the token has one of the scopes."""
        return any(scope in self.scopes for scope in scopes)

    @property
    def who(self) -> str:
        """One who acts, told apart from all others: the client, or the person behind it.

        For what is counted, compared or kept for repeats. No client's id has a space in it.
        """
        return self.client if self.person is None else f"{self.client} {self.person.id}"

    @property
    def party(self) -> str:
        """Whose is what it hands in: the client's, or, of the people behind one, their unit's, street's or company's.

        The person's own where it has none of them.
        """
        if self.person is None:
            return self.client
        return " ".join((self.client, *(self.limits.values() or (f"@{self.person.id}",))))

    @property
    def by(self) -> str:
        """Who acted, as records show it: the client's id, or the person's name with its unit: 张三（天骄街道）."""
        if self.person is None:
            return self.client
        of = units.name_of(self.unit) if self.unit else self.division or self.company
        return f"{self.person.name}（{of}）" if of else self.person.name

    @property
    def limits(self) -> dict[str, str]:
        """Unit, street or town and company by their names in a token, each where there is one."""
        about = {"unit": self.unit, "division": self.division, "company": self.company}
        return {name: value for name, value in about.items() if value is not None}

    @property
    def limited(self) -> bool:
        """Whether the token is limited to a street or town, or to a company."""
        return self.division is not None or self.company is not None


#: A job or a command of the service itself, as author of what it writes.
SYSTEM = Caller(client="system", name="系统")
