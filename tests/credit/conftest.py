from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from deploy.kept import random_statement_key
from kit.district.names import name_key
from kit.storage.db import new_id
from kit.testing import SECRET, Client, Running
from services.credit import window
from services.credit.app import service
from tests.credit.property_events import CODE

#: Codes of companies that do not exist, with right check digits.
CODES = (CODE, "91150602MA0DEMF00Q")
#: What statements are signed with.
STATEMENT_KEY = random_statement_key()


@pytest.fixture
def credit(serve, monkeypatch) -> Running:
    """The credit service, which takes in what the property service signs; nobody has asked it anything yet."""
    monkeypatch.setattr(window, "WINDOW", window.Window())
    return serve(
        service,
        event_secrets={sender: SecretStr(SECRET) for sender in ("property", "emergency")},
        statement_key=SecretStr(STATEMENT_KEY),
    )


@pytest.fixture
def centre(credit) -> Client:
    """The housing centre: records, runs evaluations, decides."""
    return credit.client("credit:read", "credit:write", "credit:evaluate", name="housing-centre")


@pytest.fixture
def street(credit) -> Client:
    """天骄街道, which records what companies do."""
    return credit.client("credit:read", "credit:write", name="street-tianjiao", division="天骄街道")


@pytest.fixture
def company(credit) -> UUID:
    """A company under evaluation."""
    return listed(credit, "甲物业（虚构）", CODE)


def listed(credit: Running, name: str, uscc: str | None = None) -> UUID:
    """Put a company under evaluation."""
    id = new_id()
    credit.sql(
        "INSERT INTO companies (id, name, name_key, name_like, uscc, listed_at, told_at, told_by)"
        " VALUES (%s, %s, %s, %s, %s, now(), now(), %s)",
        id, name, name_key(name), name, uscc, new_id(),
    )  # fmt: skip
    return id


def held(credit: Running, company: UUID, area: float | None, *, since: date = date(2024, 1, 1), until: date | None = None,
         project: UUID | None = None) -> UUID:  # fmt: skip
    """Put a company in charge of a project of so many square metres."""
    id = project or new_id()
    if project is None:
        credit.sql(
            "INSERT INTO projects (id, name, kind, street) VALUES (%s, '项目', 'residential', '天骄街道')",
            id,
        )
    credit.sql(
        "INSERT INTO holdings (id, project_id, company_id, begins_on, ends_on, area) VALUES (%s, %s, %s, %s, %s, %s)",
        new_id(), id, company, since, until, area,
    )  # fmt: skip
    return id


@pytest.fixture
def enter(centre) -> Callable[..., dict[str, Any]]:
    """`enter("N03", company, on="2024-06-20")` enters a record and expects it to be taken."""

    def entered(item: str, company: UUID | None = None, *, on: str = "2024-06-20", by: Client | None = None, **more: Any) -> dict[str, Any]:  # fmt: skip
        body = {"item": item, "acted_at": f"{on}T10:00:00+08:00", "evidence": [{"title": "检查记录"}], **more}
        if company is not None:
            body["company_id"] = str(company)
        answer = (by or centre).post("/records", json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return entered


@pytest.fixture
def score(centre, company) -> Callable[..., dict[str, Any]]:
    """The score of the company."""

    def asked(whose: UUID = company, **params: Any) -> dict[str, Any]:
        answer = centre.get(f"/companies/{whose}/score", params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return asked
