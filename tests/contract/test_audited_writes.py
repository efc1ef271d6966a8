"""No write without an audit entry: each write that a service's OpenAPI document names is made and looked up."""

import pytest

from tests.contract.documents import NAMES
from tests.contract.stories import tell

#: What a POST computes and keeps nothing of.
COMPUTED = {("post", "/assessments")}


@pytest.mark.parametrize("name", NAMES)
def test_every_write_of_a_service_is_audited(serve, name):
    writes = tell(serve, name)
    assert writes.left <= COMPUTED
