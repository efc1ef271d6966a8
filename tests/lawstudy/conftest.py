import pytest

from kit.testing import Running
from services.lawstudy.app import service


@pytest.fixture
def lawstudy(serve) -> Running:
    """The law study service with its plans loaded."""
    return serve(service)
