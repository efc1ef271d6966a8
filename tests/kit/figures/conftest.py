from datetime import datetime

import pytest

from kit.district.clock import SHANGHAI

NINE_THIRTY = datetime(2024, 6, 24, 9, 30, tzinfo=SHANGHAI)


@pytest.fixture
def nine_thirty() -> datetime:
    return NINE_THIRTY
