from datetime import datetime

from kit.district.clock import SHANGHAI

NOW = datetime(2024, 6, 24, 9, 30, tzinfo=SHANGHAI)
