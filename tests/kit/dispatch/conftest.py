"""The office's hotline desk, and those who work on its requests."""

import pytest

from kit.testing import Client, Running
from services.office.app import service as office_service
from tests.kit.dispatch import sending

MATTER = "government-affairs"


class Desk:
    """A request's way as those take part who may: `act(who, number, action, **body)`."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.hotline = self._hotline("12345")
        self.second = self._hotline("12345-second")
        self.office = self._unit("government-office")
        self.housing = self._unit("housing-centre")
        self.supervision = self._unit("supervision-office")
        self.justice = self._unit("justice-bureau")

    def _hotline(self, name: str) -> Client:
        return self.running.client("dispatch:write", "dispatch:read", name=name)

    def _unit(self, unit: str) -> Client:
        return self.running.client("dispatch:read", "office:write", unit=unit, name=unit)

    def sent(self, **changes: object) -> str:
        """The number of a request that the hotline sends."""
        body = {"matter": MATTER, "summary": "咨询办事流程", "division": "天骄街道"} | changes
        answer = self.hotline.post("/dispatch/requests", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    def act(self, who: Client, number: str, action: str, **body: object) -> dict:
        """What the action answers, which succeeds."""
        answer = who.post(f"/dispatch/requests/{number}/{action}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refused(self, who: Client, number: str, action: str, **body: object) -> tuple[int, str]:
        """Status and type of a refusal."""
        answer = who.post(f"/dispatch/requests/{number}/{action}", json=body)
        return answer.status_code, answer.json()["type"].removeprefix("urn:dongsheng:problem:")

    def read(self, number: str, who: Client | None = None) -> dict:
        """The request, with its steps."""
        answer = (who or self.hotline).get(f"/dispatch/requests/{number}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def listed(self, who: Client | None = None, **asked: object) -> list[str]:
        """The numbers of a list."""
        answer = (who or self.hotline).get("/dispatch/requests", params=asked)
        assert answer.status_code == 200, answer.text
        return [each["number"] for each in answer.json()["items"]]

    def climb(self) -> None:
        """Let the ladder look."""
        self.running.tick("raise-requests")

    def raised(self, number: str) -> list[str]:
        """What a request was raised for, in order."""
        return [step["seen"]["level"] for step in self.read(number)["steps"] if step["action"] == "raise"]


@pytest.fixture
def desk(serve) -> Desk:
    return Desk(serve(office_service))


NOTE = {"note": "说明"}


@pytest.fixture
def office(serve):
    return serve(sending.service)


@pytest.fixture
def hotline(office):
    return office.client("dispatch:write", "dispatch:read", name="12345")


@pytest.fixture
def unit(office):
    return office.client("dispatch:read", "office:write", unit="government-office", name="government-office")
