"""Another service is asked while somebody waits: two seconds at most, and where all goes wrong there is no answer.

told = await Asking.of(request, settings.property_service).get("/property/v1/coverage", Coverage, on="2024-06-24")
if told is None: …  # the answer says so, and goes on without it
"""

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from fastapi import Request
from pydantic import BaseModel, Field, ValidationError

from kit import spans
from kit.logs import log
from kit.settings import OtherService

if TYPE_CHECKING:
    import httpx2

Told = TypeVar("Told", bound=BaseModel)

#: Seconds that an answer is waited for, its token included.
PATIENCE: Final = 2.0
#: Seconds before its end at which a token is used no more.
_MARGIN: Final = 30.0


def host_of(url: str) -> str:
    """Whom an address is of, with the port; what else stands in it is nobody's business."""
    return urlsplit(url).netloc.rpartition("@")[2]


class _Token(BaseModel):
    access_token: str = Field(min_length=1)
    expires_in: float = 0


@dataclass(frozen=True)
class Asking:
    """Asks a service; other: None where a deployment names none. tokens: those that are still good, with their end."""

    http: "httpx2.AsyncClient"
    other: OtherService | None
    tokens: dict[OtherService, tuple[str, float]]

    @classmethod
    def of(cls, request: Request, other: OtherService | None) -> Self:
        """For an endpoint."""
        state = request.app.state
        if not hasattr(state, "tokens_of_others"):
            state.tokens_of_others = {}
        return cls(state.database.http, other, state.tokens_of_others)

    async def get(self, path: str, told: type[Told], **asked: str) -> Told | None:
        """What stands at a path; None where nothing came in time, or nothing of this shape. Never an exception."""
        other = self.other
        if other is None:
            return None
        import httpx2  # when first needed, since it takes time and memory

        try:
            async with asyncio.timeout(PATIENCE):
                headers = {"Authorization": f"Bearer {await self._token(other)}"}
                with spans.asking("GET", host_of(other.url)) as span:
                    headers |= span.headers
                    answer = await self.http.get(other.url + path, params=asked, headers=headers)
                    span.answered(answer.status_code)
            if answer.status_code == 401:
                self.tokens.pop(other, None)
            answer.raise_for_status()
            return told.model_validate_json(answer.content)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValidationError) as error:
            log.warning("no-answer", path=path, error=type(error).__name__)
            return None

    async def post(self, path: str, body: dict[str, Any], patience: float) -> "httpx2.Response | None":
        """What is answered to a body that is handed in, whatever its status; None where nothing came in time."""
        other = self.other
        if other is None:
            return None
        import httpx2  # as above

        try:
            async with asyncio.timeout(patience):
                headers = {"Authorization": f"Bearer {await self._token(other)}"}
                with spans.asking("POST", host_of(other.url)) as span:
                    headers |= span.headers
                    answer = await self.http.post(other.url + path, json=body, headers=headers)
                    span.answered(answer.status_code)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValidationError) as error:
            log.warning("no-answer", path=path, error=type(error).__name__)
            return None
        if answer.status_code == 401:
            self.tokens.pop(other, None)
        return answer

    async def _token(self, other: OtherService) -> str:
        """A token that is good for a while yet."""
        token, ends = self.tokens.get(other, ("", 0.0))
        if time.monotonic() < ends:
            return token
        with spans.asking("POST", host_of(other.token_url)) as span:
            answer = await self.http.post(other.token_url, data=other.credentials, headers=span.headers)
            span.answered(answer.status_code)
        answer.raise_for_status()
        made = _Token.model_validate_json(answer.content)
        self.tokens[other] = (made.access_token, time.monotonic() + made.expires_in - _MARGIN)
        return made.access_token
