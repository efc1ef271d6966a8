"""The issued plans come in from the service's data, and a plan that breaks the study system does not."""

import psycopg
import pytest
import yaml

from kit.district.citations import documents
from services.lawstudy.plans.loading import DATA, PlanRefused, keep_plan, load_plans, read_plan

TABLES = ("categories", "plan_versions", "topics", "topic_entries")


@pytest.fixture
def data() -> dict:
    """The plan of 2024 as its file gives it."""
    return yaml.safe_load((DATA / "plan_2024.yaml").read_text(encoding="utf-8"))


def without_lectures(data: dict, kept: int) -> str:
    lectures = [topic for topic in data["topics"] if topic["form"] == "lecture"]
    data["topics"] = [topic for topic in data["topics"] if topic not in lectures[kept:]]
    return yaml.safe_dump(data, allow_unicode=True)


def test_loading_again_changes_nothing(lawstudy):
    def contents():
        return [lawstudy.sql(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES]

    before = contents()
    lawstudy.run(load_plans)
    assert contents() == before
    assert [len(rows) for rows in before] == [7, 1, 14, 14]


def test_number_title_and_date_are_those_of_the_document(data):
    [document] = [document for document in documents() if document.letter == "N"]
    assert (data["number"], data["title"], data["issued_on"]) == (
        document.number,
        document.title,
        document.effective,
    )


@pytest.mark.clause("L-3b")
def test_a_plan_with_one_lecture_is_refused_and_one_with_two_is_read(data):
    assert len(read_plan(without_lectures(data, kept=2)).topics) == 10
    with pytest.raises(PlanRefused, match="只有 1 次"):
        read_plan(without_lectures(data, kept=1))


def test_a_department_that_nobody_knows_stops_the_whole_plan(lawstudy, data):
    data |= {"year": 2025, "number": "2025"}
    for topic in data["topics"]:
        topic["id"] = topic["id"].replace("2024", "2025")
        topic.pop("month", None) if topic["form"] == "lecture" else topic.update(month="2025-05")
    data["topics"][3]["department"] = "区魔法局"
    with pytest.raises(KeyError, match="区魔法局"):
        lawstudy.run(keep_plan, read_plan(yaml.safe_dump(data, allow_unicode=True)))
    assert lawstudy.sql("SELECT year FROM plan_versions") == [(2024,)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("month = NULL", id="a pre-meeting study without a month"),
        pytest.param("month = '2024-05-01'", id="a day where the plan has a month"),
        pytest.param("month = '2024-13'", id="a month that no year has"),
        pytest.param("month = '2023-05'", id="a month of another year"),
        pytest.param("unit = NULL, unit_written = NULL", id="a pre-meeting study without a department"),
        pytest.param("form = 'film'", id="another form"),
        pytest.param("category_number = 8", id="an eighth kind of content"),
        pytest.param("category_number = NULL, category_reason = NULL", id="no kind of content"),
        pytest.param("category_reason = NULL", id="a kind of content without a reason"),
        pytest.param(
            "title_key = (SELECT max(title_key) FROM topic_entries WHERE topic_id = '2024-P2')",
            id="a law twice",
        ),
        pytest.param("plan_year = 2023", id="a topic of another year"),
        pytest.param("settled = false", id="a topic less settled than its plan"),
        pytest.param("position = 2", id="two topics at one place"),
    ],
)
def test_the_database_refuses(lawstudy, change):
    with pytest.raises(psycopg.IntegrityError):
        lawstudy.sql(f"UPDATE topic_entries SET {change} WHERE topic_id = '2024-P1'")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("state = 'draft'", id="a draft that counts as settled"),
        pytest.param("approved_by = NULL", id="a plan that nobody approved"),
        pytest.param("number = NULL", id="a plan in force without a number"),
        pytest.param("issued_on = NULL", id="a plan in force without a day of issue"),
        pytest.param("adjusts = 1", id="a version that adjusts itself"),
        pytest.param("reason = '新法出台'", id="a first version with a reason"),
        pytest.param("state = 'shelved'", id="another state"),
    ],
)
def test_the_database_refuses_of_a_version(lawstudy, change):
    with pytest.raises(psycopg.IntegrityError):
        lawstudy.sql(f"UPDATE plan_versions SET {change}")


def test_a_year_has_one_plan_in_force_and_one_under_way(lawstudy):
    another = (
        "INSERT INTO plan_versions (id, year, version, state, settled, title, adjusts, reason, drafted_by, approved_by, number,"
        " issued_on, edits) SELECT gen_random_uuid(), year, {version}, '{state}', {settled}, title, 1, '调整', drafted_by,"
        " approved_by, {number}, {day}, 1 FROM plan_versions WHERE version = 1"
    )
    draft = another.format(version=2, state="draft", settled=False, number="NULL", day="NULL")
    issued = another.format(version=3, state="in_force", settled=True, number="'2'", day="issued_on")
    lawstudy.sql(draft)
    for refused in (draft.replace(" 2,", " 4,"), issued):
        with pytest.raises(psycopg.errors.UniqueViolation):
            lawstudy.sql(refused)
