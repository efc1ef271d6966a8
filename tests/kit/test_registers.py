"""What a register declares is there, or the service does not start."""

import pytest

from kit.web.registers import Register
from tests.kit.notebook.app import service


def test_a_register_that_is_searched_in_a_column_that_there_is_not_is_refused_at_once():
    model = type("Row", (), {"title": None})
    Register("rows", "行", model, type(service), search="title")
    with pytest.raises(AttributeError, match="name"):
        Register("rows", "行", model, type(service))
