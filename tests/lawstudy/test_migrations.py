"""Plans that stood before there were versions are their first versions."""

import psycopg
from pydantic import SecretStr

from kit.storage import migrations
from services.lawstudy.app import service


def test_a_plan_of_before_becomes_its_first_version_with_its_topics(empty):
    migrations.migrate(service, SecretStr(empty), "0002")
    with psycopg.connect(empty.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("INSERT INTO categories VALUES (4, '新颁布、新修订的法律法规', '第五条(四)')")
        connection.execute(
            "INSERT INTO plans VALUES (2024, '东政办发〔2024〕26号', '学法计划', '2024-05-30', 'justice-bureau', '第7次会议')"
        )
        connection.execute(
            "INSERT INTO topics VALUES"
            " ('2024-P1', 2024, 1, 'pre_meeting', '行政复议法', '2024-05', 'justice-bureau', '区司法局', 4, '修订', 'N-1.1'),"
            " ('2024-L1', 2024, 2, 'lecture', '促进条例', NULL, NULL, NULL, 4, '制定', 'N-1.2')"
        )
        migrations.migrate(service, SecretStr(empty))
        assert connection.execute(
            "SELECT year, version, state, settled, number, approved_by, approved_on, reason FROM plan_versions"
        ).fetchall() == [(2024, 1, "in_force", True, "东政办发〔2024〕26号", "第7次会议", None, None)]
        assert connection.execute(
            "SELECT topic_id, position, month, unit, title_key, category_number FROM topic_entries ORDER BY position"
        ).fetchall() == [
            ("2024-P1", 1, "2024-05", "justice-bureau", "行政复议法", 4),
            ("2024-L1", 2, None, None, "促进条例", 4),
        ]
        assert connection.execute("SELECT id, plan_year FROM topics ORDER BY id").fetchall() == [
            ("2024-L1", 2024),
            ("2024-P1", 2024),
        ]
