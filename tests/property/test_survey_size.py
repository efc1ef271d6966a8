"""No statement grows with a survey, so what the reader takes the database takes."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from kit.testing import Running
from tests.property.conftest import hand_in, row, workbook


@contextmanager
def statements(running: Running):
    """How long each statement is, and how many parameters it has each time it is run."""
    seen: list[tuple[int, int]] = []

    def note(_connection, _cursor, statement, parameters, _context, many):
        if not statement.startswith("NOTIFY"):  # may be that of a request before
            seen.append((len(statement), len(parameters[0] if many else parameters)))

    engine = running.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("state", ["54000", "54001"])
def test_a_survey_beyond_what_the_database_takes_is_no_outage_and_nobody_is_told_to_send_it_again(
    centre, running, state, dry_run
):
    running.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION 'too much' USING ERRCODE = '{state}'; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON observations EXECUTE FUNCTION refuse()"
    )
    refused = hand_in(centre, workbook(row("甲小区")), dry_run=dry_run)
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:dongsheng:problem:workbook-too-large")
    assert "分成几份" in refused.json()["detail"]
    assert "重试" not in refused.text
    assert "retry-after" not in refused.headers
    assert running.sql("SELECT count(*) FROM compounds") == [(0,)]


@pytest.mark.clause("P-3.1")
def test_a_survey_of_many_rows_is_taken_in_by_the_same_statements_as_one_of_two(centre, running):
    sent = []
    for day, count in (("2024-05-01", 2), ("2024-05-02", 60)):
        for name in ("旧小区", "小区"):
            rows = [
                row(f"{name}{each}", community=f"社区{each}", company=f"公司{each}") for each in range(count)
            ]
            with statements(running) as seen:
                answer = hand_in(centre, workbook(*rows), as_of=day, others="drop")
            assert (answer.status_code, answer.json()["compounds"]) == (201, count), answer.text
        sent.append(seen)
    assert sent[0] == sent[1]
