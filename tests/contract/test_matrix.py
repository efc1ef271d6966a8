"""The table of every operation and every caller who is not let in for the token that it has, at the door and past it.

Its rows are made from the OpenAPI documents. What a token may be limited to (another street, another unit, another company) and
who is in the right is tried with things that exist, in tests/contract/test_ownership.py.
"""

from collections.abc import Callable, Iterator

import pytest
from joserfc.jwk import RSAKey

from kit.testing import Client, Running
from kit.web.caller import Caller
from kit.web.tokens import sign
from tests.contract.documents import DOCUMENTS, NAMES, every, in_each_service, scopes_of, secured, service_of
from tests.contract.test_http import WRONG, addresses, kind

#: Each column: what its token is like, and the status and the problems that are all its holder learns.
COLUMNS: dict[str, tuple[Callable[[Running, Caller], str | None], int, set[str]]] = {
    "no token": (lambda *_: None, 401, {"no-token"}),
    "foreign issuer": (lambda *its: token(*its, token_issuer="elsewhere"), 401, {"invalid-token"}),
    "foreign key": (lambda *its: token(*its, key=_FOREIGN), 401, {"invalid-token"}),
    "expired": (lambda *its: token(*its, lifetime=-1), 401, {"expired-token"}),
    "wrong audience": (lambda *its: token(*its, token_audience="elsewhere"), 401, {"invalid-token"}),
    "missing scope": (lambda running, _: token(running, NOBODY), 403, {"missing-scope", "not-your-role"}),
}
_FOREIGN = RSAKey.generate_key(2048, {"kid": "test"})
#: Who may nothing of ours.
NOBODY = Caller("nobody", scopes=frozenset({"another:scope"}))


def token(
    running: Running, caller: Caller, *, key: RSAKey | None = None, lifetime: int = 600, **told: str
) -> str:
    """A token that is right but for what is said."""
    settings = running.app.state.settings.model_copy(update=told)
    return sign(caller, key or running.key, settings, lifetime)


@pytest.fixture
def running(serve, name):
    return serve(service_of("property" if name == "gateway" else name))


@pytest.mark.parametrize(
    ("place", "name"),
    [*(("at the door", name) for name in DOCUMENTS), *(("past the door", name) for name in NAMES)],
)
@pytest.mark.parametrize("column", COLUMNS)
def test_who_may_not_act_learns_nothing_else(running, door, name, place, column):
    made, status, problems = COLUMNS[column]
    everything = Caller("operator", scopes=frozenset().union(*map(scopes_of, DOCUMENTS)))
    http = door(running).through() if place == "at the door" else running.http
    caller = Client(http, "" if name == "gateway" else running.service.prefix, made(running, everything))

    def let_in() -> Iterator[str]:
        for method, address, operation in addresses(name):
            if secured(operation):
                answer = caller.request(method, f"{address}?no-such=1", content=b"{", headers=WRONG)
                if answer.status_code != status or kind(answer) not in problems:
                    yield f"{method} {address}: {answer.status_code} {kind(answer)}"

    every(name, let_in())


@in_each_service
def test_who_has_only_some_of_the_scopes_learns_nothing_else(running, name):
    def learned() -> Iterator[str]:
        for method, address, operation in addresses(name):
            ways = [set(scopes) for each in operation.get("security", []) for scopes in each.values()]
            for lacking in set().union(*ways):
                held = {scope for way in ways for scope in way} - {lacking}
                if any(way <= held for way in ways):
                    continue
                answer = running.client("another:scope", *held).request(
                    method, address, content=b"{", headers=WRONG
                )
                if answer.status_code != 403:
                    yield f"{method} {address} without {lacking}: {answer.status_code} {kind(answer)}"

    every(name, learned())


def test_the_table_has_a_row_for_each_operation():
    rows = [secured(operation) for name in NAMES for _, _, operation in addresses(name)]
    assert sum(rows) > 700
