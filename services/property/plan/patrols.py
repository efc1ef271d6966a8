"""Patrol areas (P-2.3.6): 以 4 个街道为一个片区，对每个片区增派工作人员 30 名; pure."""

from typing import Final

STREETS: Final = 4
ADDED_STAFF: Final = 30
