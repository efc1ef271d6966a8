"""The notebook, running."""

import pytest

from kit.testing import Client, Running
from tests.kit.notebook.app import service


@pytest.fixture
def notebook(serve) -> Running:
    return serve(service)


@pytest.fixture
def client(notebook) -> Client:
    return notebook.client()
