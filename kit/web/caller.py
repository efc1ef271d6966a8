"""Who calls: the client with its scopes, and the roles that documents give to somebody."""

from dataclasses import dataclass, field
from typing import Self

from kit.web.problems import Forbidden


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
class Caller:
    """Who calls: the client's id, its unit, the division it is limited to, and its scopes.

    division: name of a street or town; None means the whole district.
    """

    client: str
    name: str = ""
    unit: str | None = None
    division: str | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)

    def may(self, *scopes: str) -> bool:
        """Whether the token has one of the scopes."""
        return any(scope in self.scopes for scope in scopes)

    def must_cover(self, division: str) -> None:
        """Refuse a caller who is limited to another street or town.

        Raises: Forbidden.
        """
        if self.division not in (None, division):
            raise Forbidden(
                "another-division", f"您的令牌只能办理{self.division}的业务，不能办理{division}的业务。"
            )


#: A job or a command of the service itself, as author of what it writes.
SYSTEM = Caller(client="system", name="系统")
