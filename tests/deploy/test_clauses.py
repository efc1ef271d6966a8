from pathlib import Path

import pytest

from deploy import clauses
from deploy.clauses import BadMark, MarkedTest, marked_tests, operations_by_clause, page
from kit.district.citations import UnknownClause
from kit.district.citations import clauses as ledger


def tree(root: Path, text: str, name: str = "tests/emergency/test_grade.py") -> Path:
    """A project with one test file. Marks are written CLAUSE here: a search for real ones must not find these."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.replace("CLAUSE", "clause"), encoding="utf-8")
    return root


def test_a_marked_test_is_listed_by_its_behaviour(tmp_path):
    root = tree(
        tmp_path,
        """
@pytest.mark.CLAUSE("E-1.5", "E-4.3")
@pytest.mark.parametrize("deaths", [3])
async def test_three_deaths_are_a_larger_accident(deaths): ...

@pytest.mark.CLAUSE("E-1.5")
def test_loss():
    '''Ten million yuan is a larger accident.

    The bound belongs to the higher grade.'''

def test_that_shows_no_clause(): ...

@pytest.mark.CLAUSE("E-4.9")
def helper(): ...
""",
    )
    larger = MarkedTest("tests/emergency/test_grade.py", "three deaths are a larger accident")
    assert marked_tests(root) == {
        "E-1.5": [MarkedTest(larger.path, "Ten million yuan is a larger accident."), larger],
        "E-4.3": [larger],
    }


def test_a_mark_on_a_module_a_class_or_a_case_counts_for_its_tests(tmp_path):
    root = tree(
        tmp_path,
        """
pytestmark = [pytest.mark.CLAUSE("E-1.5"), pytest.mark.slow]

@pytest.mark.CLAUSE("E-4.3")
class TestLevel:
    @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.CLAUSE("E-4.9"))])
    def test_level(self, n): ...

def test_grade(): ...
""",
    )
    found = {id: [test.behaviour for test in tests] for id, tests in marked_tests(root).items()}
    assert found == {"E-1.5": ["grade", "level"], "E-4.3": ["level"], "E-4.9": ["level"]}


@pytest.mark.parametrize(
    ("mark", "why"),
    [('"E-9.9"', "'E-9.9' is not in the clause ledger"), ("*IDS", "line 1: .IDS is not a literal id")],
)
def test_a_mark_that_cannot_be_read_is_refused_with_its_file(tmp_path, mark, why):
    root = tree(tmp_path, f"@pytest.mark.CLAUSE({mark})\ndef test_it(): ...\n")
    with pytest.raises(BadMark, match=rf"tests/emergency/test_grade\.py: {why}"):
        marked_tests(root)


DOCUMENT = {
    "paths": {
        "/emergency/v1/incidents": {
            "post": {"x-clauses": ["E-4.1a", "E-1.5"]},
            "get": {"responses": {}},
            "parameters": [],
        },
        "/emergency/v1/assessments": {"post": {"x-clauses": ["E-1.5"]}},
    }
}


def test_an_operation_is_listed_under_the_clauses_it_names():
    assert operations_by_clause({"emergency": DOCUMENT, "office": {"paths": {}}}) == {
        "E-4.1a": ["POST /emergency/v1/incidents"],
        "E-1.5": ["POST /emergency/v1/assessments", "POST /emergency/v1/incidents"],
    }


def test_an_operation_that_every_service_has_is_listed_once():
    shared = {
        name: {"paths": {f"/{name}/v1/changes": {"get": {"x-clauses": ["P-2.2.6"]}}}}
        for name in ("credit", "office")
    }
    assert operations_by_clause(shared) == {"P-2.2.6": ["GET /{service}/v1/changes"]}


def test_an_operation_that_names_an_unknown_clause_is_refused():
    with pytest.raises(UnknownClause):
        operations_by_clause({"emergency": {"paths": {"/x": {"get": {"x-clauses": ["E-9.9"]}}}}})


def row_of(text: str, clause: str) -> list[str]:
    return next(
        line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| {clause} |")
    )


def test_the_page_has_a_row_for_every_clause_with_its_endpoints_and_tests():
    text = page(
        {"E-1.5": [MarkedTest("tests/emergency/test_grade.py", "three deaths | larger")]},
        {"E-1.5": ["POST /emergency/v1/assessments"]},
    )
    *_, does, endpoints, tests = row_of(text, "E-1.5")
    assert does.startswith("(rule) grade from deaths")
    assert endpoints == "`POST /emergency/v1/assessments`"
    assert tests == r"three deaths \| larger ([test_grade](../tests/emergency/test_grade.py))"
    assert "## E: 《东胜区生产安全事故应急预案》 东政办发〔2024〕31号, 2024-06-24" in text
    counted = sum(row.kind != "note" for row in ledger())
    assert row_of(text, "all") == ["all", str(counted), "1", "1"]
    assert row_of(text, "emergency")[2:] == ["1", "1"]


def test_a_page_out_of_date_is_found_and_writing_it_mends_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(clauses, "ROOT", tree(tmp_path, "def test_it(): ...\n"))
    monkeypatch.setattr(clauses, "PAGE", tmp_path / "docs" / "clauses.md")
    monkeypatch.setattr(clauses, "openapi_documents", dict)  # those of the tree: `make lint`
    (tmp_path / "docs").mkdir()
    assert clauses.main(["--check"]) == 1
    assert clauses.main([]) == clauses.main(["--check"]) == 0
    tree(tmp_path, '@pytest.mark.CLAUSE("L-5")\ndef test_it(): ...\n')
    assert clauses.main(["--check"]) == 1
    assert "docs/clauses.md is out of date: run python -m deploy.clauses" in capsys.readouterr().err
