from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from adapter.serving import Adapter, adapter
from adapter.settings import AdapterSettings
from tests.adapter.gateway import FakeGateway
from tests.adapter.platform import APP, SECRET, MadeUpPlatform


@pytest.fixture
def platform() -> MadeUpPlatform:
    return MadeUpPlatform()


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def start(platform: MadeUpPlatform, gateway: FakeGateway, tmp_path: Path) -> Iterator[Callable[..., Adapter]]:
    """`start(by_words=False)` starts an adapter between the two, as a process begins: with its folder alone."""
    with ExitStack() as ended:

        def begin(**settings: object) -> Adapter:
            made = AdapterSettings.model_validate(
                {
                    "platform": "http://city",
                    "app_id": APP,
                    "app_secret": SECRET,
                    "gateway": "http://gateway",
                    "client_secret": "right",
                    "folder": tmp_path,
                }
                | settings
            )

            def handle(request: httpx2.Request) -> httpx2.Response:
                return (platform if request.url.host == "city" else gateway).handle(request)

            transport = httpx2.MockTransport(handle)
            return ended.enter_context(adapter(made, lambda: gateway.now, transport))

        yield begin
