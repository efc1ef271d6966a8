"""What is overdue of law study, as it is told to whoever watches the service."""

from datetime import datetime

import pytest

from kit.district.clock import SHANGHAI
from services.lawstudy.overdue import texts
from tests.figures import overdue, plan


@pytest.mark.clause("N-2.1")
@pytest.mark.parametrize(
    ("passed_at", "now", "late"),
    [
        (None, "2024-06-21 23:59:59", {}),
        (None, "2024-06-22 00:00:00", {("study-text", ""): (1, 1)}),
        ("2024-06-22 00:00:00", "2024-06-24 09:30:00", {}),
    ],
)
def test_a_text_that_has_not_passed_is_overdue_after_its_last_second(
    lawstudy, clock, scheduled, passed_at, now, late
):
    study = scheduled("2024-P2", "2024-06-26")
    if passed_at:
        lawstudy.sql(
            "UPDATE sessions SET passed_sha256 = 'x', passed_at = %s, state = 'passed' WHERE id = %s",
            datetime.fromisoformat(passed_at).replace(tzinfo=SHANGHAI),
            study,
        )
    clock.now = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    assert overdue(lawstudy) == late


def test_sessions_that_were_held_are_not_read_again(lawstudy, clock, scheduled):
    study = scheduled("2024-P2", "2024-06-26")
    lawstudy.sql(
        "INSERT INTO sessions SELECT (held).* FROM (SELECT jsonb_populate_record(s, jsonb_build_object("
        "'id', gen_random_uuid(), 'state', 'held', 'chair', 'head', 'passed_sha256', 'x', 'passed_at', s.entered_at"
        ")) AS held FROM sessions s, generate_series(1, 5000) WHERE s.id = %s) AS made",
        study,
    )
    lawstudy.sql("ANALYZE sessions")
    said = plan(lawstudy, texts(clock.now))
    assert "Seq Scan" not in said, said
