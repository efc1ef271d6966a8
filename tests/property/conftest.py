"""A property service, and survey workbooks to give it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from httpx2 import Response

from kit.testing import Client, Running
from services.property.app import service
from services.property.surveys.form import Status, Survey, SurveyRow, write


@pytest.fixture
def running(serve) -> Running:
    return serve(service)


@pytest.fixture
def centre(running) -> Client:
    """The housing centre: reads, writes and files for the whole district."""
    scopes = ("property:read", "property:write", "property:filing", "property:admin")
    return running.client(*scopes, name="housing-centre")


def row(compound: str, status: Status = Status.PROFESSIONAL, **more: Any) -> SurveyRow:
    """A compound of 天骄街道 with plausible figures; keywords change them."""
    given: dict[str, Any] = {
        "street": "天骄街道",
        "community": "团结社区",
        "company": "" if status is Status.NONE else "甲物业（虚构）",
        "buildings": 4,
        "households": 200,
    }
    return SurveyRow(compound=compound, status=status, **(given | more))


def workbook(*rows: SurveyRow, **survey: Any) -> bytes:
    """A survey in the official form."""
    given: dict[str, Any] = {"unit": "天骄街道", "contact": "李某某", "phone": "13800001234"}
    return write(Survey(rows=rows, **(given | survey)))


def hand_in(client: Client, data: bytes, as_of: date | str = "2024-06-20", **params: Any) -> Response:
    """Hand a workbook in."""
    files = {"file": ("摸底表.xlsx", data)}
    return client.post("/surveys", files=files, params={"as_of": str(as_of)} | params)


@pytest.fixture
def submit(centre) -> Callable[..., Response]:
    """`submit(row(...), row(...), as_of=…)` hands a survey in and expects it to be taken."""

    def submitted(*rows: SurveyRow, as_of: date | str = "2024-06-20") -> Response:
        answer = hand_in(centre, workbook(*rows), as_of)
        assert answer.status_code in (200, 201), answer.text
        return answer

    return submitted


def lacking(client: Client, duty: str, **asked: Any) -> list[str]:
    """Who owes a duty and has not done it, by name."""
    answer = client.get(f"/duties/{duty}", params=asked)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["items"] if not each["done"]]
