from collections.abc import Callable
from typing import Any

import pytest

from kit.testing import Client, Running
from services.lawstudy.app import service
from services.lawstudy.plan.roles import DEPARTMENT, GOVERNMENT, JUSTICE, OFFICE


@pytest.fixture
def lawstudy(serve) -> Running:
    """The law study service with its plans loaded."""
    return serve(service)


@pytest.fixture
def office(lawstudy) -> Client:
    """The government office, which organises."""
    return lawstudy.client(
        "lawstudy:read", "lawstudy:write", OFFICE, name="government-office", unit="government-office"
    )


@pytest.fixture
def justice(lawstudy) -> Client:
    """The justice bureau, which drafts, invites and reviews."""
    return lawstudy.client(
        "lawstudy:read", "lawstudy:write", JUSTICE, DEPARTMENT, name="justice-bureau", unit="justice-bureau"
    )


@pytest.fixture
def government(lawstudy) -> Client:
    """The district government, which approves."""
    return lawstudy.client(
        "lawstudy:read", GOVERNMENT, name="district-government", unit="district-government"
    )


@pytest.fixture
def department(lawstudy) -> Callable[[str], Client]:
    """`department("emergency-bureau")` is a department that answers for topics."""

    def client(unit: str) -> Client:
        return lawstudy.client("lawstudy:read", "lawstudy:write", DEPARTMENT, name=unit, unit=unit)

    return client


def done(answer: Any, status: int = 200) -> Any:
    """The answer of what worked."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Any, status: int, type: str) -> Any:
    """The answer of what was refused."""
    told = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"urn:dongsheng:problem:{type}"), answer.text
    return told


@pytest.fixture
def session_of(office) -> Callable[[str], dict[str, Any]]:
    """`session_of("2024-P2")` is the session that studies a topic."""

    def find(topic: str) -> dict[str, Any]:
        rows = done(office.get("/sessions", params={"year": topic[:4], "limit": 100}))["items"]
        [found] = [
            row
            for row in rows
            if row["state"] != "cancelled" and topic in [each["topic_id"] for each in row["topics"]]
        ]
        return found

    return find


@pytest.fixture
def meeting(office) -> Callable[..., str]:
    """`meeting("2024-07-15", begins_at="09:00")` enters an executive meeting."""

    def enter(day: str, **more: Any) -> str:
        body = {"year": int(day[:4]), "held_on": day, **more}
        return done(office.post("/meetings", json=body), 201)["id"]

    return enter


@pytest.fixture
def scheduled(office, meeting, session_of) -> Callable[..., str]:
    """`scheduled("2024-P3", "2024-07-15")` gives a topic's session the day of a meeting."""

    def schedule(topic: str, day: str, **more: Any) -> str:
        id = session_of(topic)["id"]
        done(office.post(f"/sessions/{id}/schedule", json={"meeting": meeting(day), **more}))
        return id

    return schedule
