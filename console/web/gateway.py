"""The gateway, asked with the rights of the person who looks at a page."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from markupsafe import Markup

from console.people.sessions import Seat
from console.settings import ConsoleSettings
from kit import spans
from kit.asking import host_of
from kit.logs import log
from kit.web.assertions import read_key, sign_assertion
from kit.web.caller import Caller, Person

if TYPE_CHECKING:
    import httpx2

_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Seconds in which no byte of a file comes before it is given up: some take their time to be made.
_FILE = 60.0
#: Seconds before its end at which a token is used no more, and how many are kept.
_MARGIN, _KEPT = 30.0, 1000

SERVICES: Final = {
    "property": "物业服务",
    "credit": "信用评价",
    "emergency": "应急管理",
    "lawstudy": "常务会议学法",
    "office": "政府办公室",
    "dispatch": "12345 诉求",
    "overview": "总览",
}


@dataclass(frozen=True)
class Told:
    """What was answered. body: JSON, or None where `sorry` says in Chinese why there is none; status: 0 where nothing came."""

    status: int
    body: Any = None
    sorry: str = ""
    problem: dict[str, Any] | None = None
    etag: str = ""

    def __bool__(self) -> bool:
        return not self.sorry


class Gateway:
    """Asks the gateway for people: a token of a few minutes for each, kept while it is good.

    Raises: OSError, ValueError, where the key cannot be read.
    """

    def __init__(
        self, settings: ConsoleSettings, transport: "httpx2.AsyncBaseTransport | None" = None
    ) -> None:
        import httpx2

        self._settings = settings
        self._key = read_key(settings.assertion_key)
        self._tokens: OrderedDict[Caller, tuple[str, float]] = OrderedDict()
        self.http = httpx2.AsyncClient(
            base_url=settings.gateway,
            timeout=settings.patience,
            transport=transport,
            follow_redirects=False,
            limits=httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=4),
        )

    async def close(self) -> None:
        """Close its connections."""
        await self.http.aclose()

    async def get(self, seat: Seat | None, path: str, **query: Any) -> Told:
        """What stands at a path; never an exception."""
        given = {name: value for name, value in query.items() if value is not None}
        return await self._told("GET", path, seat, params=given or None)

    async def picture(self, seat: Seat | None, path: str) -> Told:
        """The SVG at a path, which the services draw and escape; never an exception."""
        return await self._told("GET", path, seat, headers={"Accept": "image/svg+xml"})

    async def post(
        self, seat: Seat, path: str, body: dict[str, Any], *, key: str = "", etag: str = ""
    ) -> Told:
        """Hand something in. key: an Idempotency-Key; etag: what If-Match names."""
        headers = {"Idempotency-Key": key} if key else {}
        if etag:
            headers["If-Match"] = etag
        return await self._told("POST", path, seat, json=body, headers=headers)

    async def file(self, seat: Seat | None, path: str) -> "httpx2.Response | None":
        """A file at a path, as it comes and to be closed by whoever reads it; None where there is none."""
        import httpx2

        try:
            headers = await self._authorization(seat)
            answer = await self.http.send(
                self.http.build_request("GET", path, headers=headers, timeout=_FILE), stream=True
            )
        except (httpx2.HTTPError, Refused) as error:
            log.warning("no-file", error=type(error).__name__)
            return None
        if answer.status_code != 200:
            await answer.aclose()
            return None
        return answer

    async def _told(self, method: str, path: str, seat: Seat | None, **options: Any) -> Told:
        import httpx2

        service = f"{SERVICES.get(path.split('/')[1], '系统').removesuffix('服务')}服务"
        away = Told(0, sorry=f"{service}暂时连接不上，这一部分稍后再看。")
        try:
            async with asyncio.timeout(self._settings.patience):
                headers = options.pop("headers", {}) | await self._authorization(seat)
                with spans.asking(method, host_of(self._settings.gateway)) as span:
                    answer = await self.http.request(method, path, headers=headers | span.headers, **options)
                    span.answered(answer.status_code)
            return _read(answer, service)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
            log.warning("no-answer", service=path.split("/")[1], error=type(error).__name__)
            return away
        except Refused as refused:
            return Told(403, sorry=str(refused))

    async def _authorization(self, seat: Seat | None) -> dict[str, str]:
        """The header of a person's token; none where nobody is signed in. Raises: Refused; httpx2.HTTPError."""
        if seat is None:
            return {}
        who = self._caller(seat)
        token, ends = self._tokens.get(who, ("", 0.0))
        if time.monotonic() >= ends:
            token = await self._ask_token(who)
        return {"Authorization": f"Bearer {token}"}

    def _caller(self, seat: Seat) -> Caller:
        return Caller(
            self._settings.client,
            unit=seat.unit,
            division=seat.division,
            company=seat.company,
            scopes=seat.scopes,
            person=Person(str(seat.id), seat.name),
        )

    async def _ask_token(self, who: Caller) -> str:
        assertion = sign_assertion(self._key, who, self._settings.audience)
        form = {"grant_type": _GRANT, "assertion": assertion}
        answer = await self.http.post("/auth/v1/token", data=form)
        if answer.status_code != 200:
            log.error("no-token", status=answer.status_code, error=_json(answer).get("error"))
            raise Refused("系统没有给您发令牌，请稍后再试；一直如此请联系系统管理员。")
        made = answer.json()
        self._tokens[who] = (made["access_token"], time.monotonic() + made["expires_in"] - _MARGIN)
        if len(self._tokens) > _KEPT:
            self._tokens.popitem(last=False)
        return str(made["access_token"])


class Refused(Exception):
    """The gateway gave no token; the message is for the person."""


def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def _read(answer: "httpx2.Response", service: str) -> Told:
    etag = answer.headers.get("etag", "")
    if answer.status_code < 400:
        if answer.headers.get("content-type", "").startswith("image/svg+xml"):
            return Told(answer.status_code, Markup(answer.text), etag=etag)  # noqa: S704 - drawn by our services  # nosec B704
        return Told(answer.status_code, answer.json() if answer.content else None, etag=etag)
    problem = _json(answer)
    if answer.status_code == 403:
        sorry = f"您的岗位看不到{service}的这一部分。"
    elif answer.status_code >= 500:
        sorry = f"{service}暂时不能回答，这一部分稍后再看。"
    else:
        sorry = str(problem.get("detail") or f"{service}没有接受这个请求。")
    return Told(answer.status_code, sorry=sorry, problem=problem)


def _json(answer: "httpx2.Response") -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
