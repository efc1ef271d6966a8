"""The district as the adapter sees it: the gateway's HTTP, as any other client speaks it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx2

from adapter.port import Away, Order, Refused

Found = dict[str, Any]

_PAGE: Final = 200
#: What a request can do without, as it is handed in: dropped where it is not taken, rather than the whole request.
_OPTIONAL: Final = frozenset({"coordinates", "citizen", "attachments", "address", "division", "urgency"})
#: What may be said of somebody whom nobody understands: a matter for what may be an accident.
_POSSIBLE_ACCIDENT: Final = "possible-accident"


@dataclass(frozen=True)
class Account:
    """Where the gateway is, as which client it is asked, and the source that the platform's requests have there."""

    url: str
    client: str
    secret: str
    source: str


@dataclass(frozen=True)
class Taken:
    """A request as it was taken in. again: it was there; dropped: what of it was not taken."""

    number: str
    again: bool
    dropped: tuple[str, ...] = ()


@dataclass
class District:
    """Asks the gateway. by_words: whether words choose a matter where the code does not. Every call raises Away and Refused."""

    http: httpx2.Client
    account: Account
    by_words: bool = True
    _token: str | None = field(default=None, init=False)

    def hand_in(self, order: Order, now: datetime) -> Taken:
        """Hand an order in; one that is there already stays as it is."""
        body = self._body(order, now)
        dropped: list[str] = []
        while True:
            try:
                answer = self._ask("POST", "/dispatch/v1/requests", json=body)
                return Taken(answer.json()["number"], answer.status_code == 200, tuple(dropped))
            except Refused as refused:
                wrong = {pointer.split("/")[1] for pointer in refused.fields if pointer.startswith("/")}
                if not wrong or not wrong <= _OPTIONAL & body.keys():
                    raise
                dropped += sorted(wrong)
                body = {name: value for name, value in body.items() if name not in wrong}

    def changed(self, since: datetime) -> Iterator[Found]:
        """The platform's requests that were worked on since a moment. Raises: Away where a service's are not among them."""
        return self._list(updated_since=since.isoformat())

    def received(self, since: datetime, before: datetime) -> Iterator[Found]:
        """The platform's requests that were received between two moments. Raises: as above."""
        return self._list(received_since=since.isoformat(), received_before=before.isoformat())

    def by_number(self, external_number: str) -> Iterator[Found]:
        """The requests with a number of the platform's."""
        return self._list(external_number=external_number)

    def request(self, number: str) -> Found:
        """A request with its steps."""
        found: Found = self._ask("GET", f"/dispatch/v1/requests/{number}").json()
        return found

    # ------------------------------------------------------------------------------ how it asks
    def _body(self, order: Order, now: datetime) -> Found:
        citizen = {"name": order.caller, "phone": order.phone}
        body = {
            "matter": order.matter or self._matter_by_words(order),
            "summary": order.summary[:200],
            "description": order.text[:5000],
            "division": order.division,
            "address": order.address,
            "urgency": order.urgency,
            "coordinates": order.coordinates,
            "citizen": {name: value for name, value in citizen.items() if value} or None,
            "attachments": list(order.attachments) or None,
        }
        return {name: value for name, value in body.items() if value is not None} | {
            "source": self.account.source,
            "external_number": order.number,
            # A clock of theirs that is ahead of ours must not have a request received in the future.
            "received_at": min(order.at, now).isoformat(),
            "secret": order.secret,
            "source_fields": dict(order.raw),
        }

    def _matter_by_words(self, order: Order) -> str:
        """Raises: Refused where no words propose one matter before all others."""
        if self.by_words:
            text = f"{order.summary}\n{order.text}"[:5000]
            found = self._ask("POST", "/dispatch/v1/matters/proposals", json={"text": text}).json()
            items = found["items"]
            if items and (len(items) == 1 or items[0]["score"] > items[1]["score"]):
                return str(items[0]["matter"])
            if found["alarm"]:
                return _POSSIBLE_ACCIDENT
        raise Refused(f"no matter for code {order.matter_code or '(none)'}")

    def _list(self, **filters: str) -> Iterator[Found]:
        """All that can be listed; what a service that is away has is missing, which is said at the end."""
        asked = {"source": self.account.source, "limit": str(_PAGE)} | filters
        while True:
            page = self._ask("GET", "/dispatch/v1/requests", params=asked).json()
            yield from page["items"]
            if page["next"] is None or (page["unavailable"] and not page["items"]):
                break
            asked["cursor"] = page["next"]
        if page["unavailable"]:
            raise Away(f"without {', '.join(page['unavailable'])}")

    def _ask(self, method: str, path: str, **sent: Any) -> httpx2.Response:
        """An answer of 2xx; asked once more with a new token where the old one has ended."""
        if self._token is None:
            self._token = self._log_in()
        answer = self._send(method, path, self._token, sent)
        if answer.status_code == 401:
            self._token = self._log_in()
            answer = self._send(method, path, self._token, sent)
        if answer.is_success:
            return answer
        if answer.status_code >= 500 or answer.status_code in (401, 408, 425, 429):
            raise Away(f"HTTP {answer.status_code}")
        raise _refused(answer)

    def _send(self, method: str, path: str, token: str, sent: Mapping[str, Any]) -> httpx2.Response:
        try:
            return self.http.request(
                method, self.account.url + path, headers={"Authorization": f"Bearer {token}"}, **sent
            )
        except httpx2.HTTPError as error:
            raise Away(type(error).__name__) from None

    def _log_in(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.account.client,
            "client_secret": self.account.secret,
        }
        try:
            answer = self.http.post(f"{self.account.url}/auth/v1/token", data=form)
            answer.raise_for_status()
            return str(answer.json()["access_token"])
        except (httpx2.HTTPError, ValueError, KeyError) as error:
            raise Away(f"login: {type(error).__name__}") from None


def _refused(answer: httpx2.Response) -> Refused:
    try:
        problem = answer.json()
        kind = str(problem["type"]).rsplit("/", 1)[-1]
        return Refused(kind, [str(each.get("pointer", "")) for each in problem.get("errors", [])])
    except (ValueError, KeyError, AttributeError, TypeError):
        return Refused(f"HTTP {answer.status_code}")
