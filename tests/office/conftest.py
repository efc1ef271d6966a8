"""The office service as the government office's desk meets it."""

import pytest

from kit.testing import Client, Running
from services.office.app import service
from services.office.plan.roles import MANAGER
from tests.office.taking_part import District


@pytest.fixture
def office(serve) -> Running:
    """The office service with its documents loaded."""
    return serve(service)


@pytest.fixture
def desk(office) -> Client:
    """The government office."""
    return office.client("office:read", "office:write", MANAGER, unit="government-office", name="desk")


@pytest.fixture
def district(office) -> District:
    """Those who take part in the district's programmes."""
    return District(office)
