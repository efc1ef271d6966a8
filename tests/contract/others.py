"""Callers with every right but to these things: another street, another company, another unit, another client."""

from collections.abc import Iterator
from typing import Any

import httpx2

from kit.testing import Client, Running
from kit.web.ownership import Whose
from tests.contract.documents import operations
from tests.contract.sentences import reads_as_chinese

REFUSED = (403, 404)
#: What has a company, and no street, is the district's: streets read it.
OF_NO_STREET = (
    "/companies/{id}",
    "/companies/{uscc}/score",
    "/projects/{id}/score",
    "/companies/{uscc}/access",
    "/companies/{uscc}/file",
    "/companies/{uscc}/file/page",
    "/records/{id}",
    "/objections/{id}",
    "/leads/{id}",
    "/repairs/{id}",
    "/assessments/{id}",
    "/evaluations/{id}/results",
    "/awards/{year}",
    "/members/{id}",
    "/memberships/{id}",
    "/company-owners/{id}",
    "/opinions/{id}",
    "/plans/{id}",
    "/drills/{id}",
    "/progress-reports/{id}",
    "/corrections/{id}",
)
#: Roles that do what is another unit's, in its place.
ACT_FOR_OTHERS = ("emergency:office", "emergency:warn", "emergency:field", "office:manage")
#: What a company enters, or reads of a whole, is its own; what only tries, or states what is known, is for
#: whoever reads: a street leads tenders, and reads every company.
THEIR_OWN = {
    ("company", "post", "/incidents"),
    # Each subscribes for itself; what limited tokens do not get is everybody's events.
    ("client", "post", "/subscriptions"),
    ("platform", "post", "/subscriptions"),
    ("company", "get", "/dispatch/counts"),
    ("company", "get", "/dispatch/bulletin"),
    ("company", "get", "/evaluations/{id}/results"),
    ("company", "get", "/awards/{year}"),
    ("platform", "post", "/companies/{uscc}/what-if"),
    ("street", "post", "/companies/{uscc}/what-if"),
    ("street", "post", "/companies/{uscc}/statements"),
}


class Others:
    """What each operation of a service must refuse, as its document says whose the thing is: at the door and past it.

    door: connected to the gateway; scopes: every one that there is, so that nothing but the owner can be why they are refused.
    """

    def __init__(self, running: Running, door: httpx2.Client, *scopes: str) -> None:
        name, prefix = running.service.name, running.service.prefix
        self.whose = {
            (method, path.removeprefix(prefix)): Whose[operation["x-whose"].upper()]
            for method, path, operation in operations(name)
            if "x-whose" in operation
        }
        plain = [scope for scope in scopes if not scope.startswith("dispatch:any")]
        acting = [scope for scope in plain if scope not in ACT_FOR_OTHERS]
        past: dict[str, Client] = {
            "street": running.client(*scopes, division="建设街道", unit="jianshe-street", name="street"),
            "company": running.client(*scopes, company="91110000100000000X", name="company"),
            "unit": running.client(*acting, unit="education-sports-bureau", name="unit"),
            "client": running.client(*plain, name="client"),
            "platform": running.client(f"{name}:read", f"{name}:subscribe", name="platform"),
        }
        #: The same callers by where they are: past the door and at it.
        self.callers = {who: (caller, caller.over(door)) for who, caller in past.items()}
        #: The cells of the table that have been tried.
        self.tried: set[tuple[str, str, str]] = set()

    def not_tried(self) -> list[str]:
        """The cells of the table that have not."""
        return [
            f"{who}: {method} {template}"
            for method, template in self.whose
            for who in self.to_try(method, template)
            if (who, method, template) not in self.tried
        ]

    def to_try(self, method: str, template: str) -> list[str]:
        """Who must be refused an operation."""
        whose, writes = self.whose.get((method, template)), method != "get"
        limited: list[str] = {
            None: [],
            Whose.EVERYBODYS: [],
            Whose.DISTRICTS: ["street", "company"] if writes else ["company"],
            Whose.WHOLE: ["street", "company"],
            Whose.PLACES: ["street", "company"],
            Whose.UNITS: ["street", "company", "unit"],
            Whose.CLIENTS: ["street", "company", "client"],
        }[whose]
        reading = ["platform"] if writes and whose not in (None, Whose.EVERYBODYS, Whose.WHOLE) else []
        if method == "get" and template in OF_NO_STREET:
            limited = ["company"]
        return [who for who in (*limited, *reading) if (who, method, template) not in THEIR_OWN]

    def are_refused(self, method: str, template: str, path: str, **request: object) -> None:
        """Nobody to whom it does not belong gets through."""
        for who, caller in self._callers(method, template):
            answer = caller.request(method.upper(), path, **request)
            assert answer.status_code in REFUSED, (
                f"{who}: {method} {path}: {answer.status_code} {answer.text}"
            )
            reads_as_chinese(f"{method} {path}", answer)

    def see_nothing_of_others(self, template: str, path: str) -> None:
        """A list shows to a company nothing of this, and to a street nothing that says it is another's."""
        for who, caller in self._callers("get", template):
            answer = caller.get(path)
            if answer.status_code in REFUSED or "json" not in answer.headers["content-type"]:
                continue
            assert self.whose["get", template] is not Whose.WHOLE, f"{who}: {path}: {answer.status_code}"
            shown = answer.json()
            items = shown if isinstance(shown, list) else shown.get("items", [shown])
            assert who != "company" or items == [], f"{who}: {path}: {items}"
            foreign = [each for each in items if _street_of(each) not in (None, "建设街道")]
            assert not foreign, f"{who}: {path}: {foreign}"

    def _callers(self, method: str, template: str) -> Iterator[tuple[str, Client]]:
        for who in self.to_try(method, template):
            self.tried.add((who, method, template))
            yield from ((who, caller) for caller in self.callers[who])


def _street_of(item: dict[str, Any]) -> str | None:
    """The street or town that an item says it belongs to."""
    found = item.get("street") or item.get("division")
    return found["name"] if isinstance(found, dict) else found
