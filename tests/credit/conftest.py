import pytest
from pydantic import SecretStr

from kit.testing import SECRET, Running
from services.credit.app import service


@pytest.fixture
def credit(serve) -> Running:
    """The credit service, which takes in what the property service signs."""
    return serve(service, event_secrets={"property": SecretStr(SECRET)})
