import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from kit.district.citations import (
    Basis,
    BrokenLedger,
    Citation,
    UnknownClause,
    cite,
    clause,
    clauses,
    documents,
    read_ledger,
)


def test_a_citation_names_document_place_and_date():
    assert cite("E-1.5") == [
        Citation(
            clause="E-1.5",
            document="东政办发〔2024〕31号",
            title="东胜区生产安全事故应急预案",
            at="一(五)",
            effective=date(2024, 6, 24),
        )
    ]


def test_citations_keep_the_order_given_and_come_once_each():
    assert [c.clause for c in cite("P-1.2", "E-4.3", "P-1.2", "D-2")] == ["P-1.2", "E-4.3", "D-2"]


def test_nothing_cited_is_an_empty_basis():
    assert cite() == []


@pytest.mark.parametrize("id", ["E-9.9", "e-1.5", "", "P-1.2 "])
def test_an_unknown_clause_is_refused_at_once_by_name(id):
    with pytest.raises(UnknownClause, match=re.escape(repr(id))):
        cite("P-1.1", id)
    with pytest.raises(KeyError):
        clause(id)


def test_a_citation_cannot_be_changed():
    with pytest.raises(ValidationError):
        cite("L-4a")[0].at = "第五条"


def test_a_basis_in_an_answer_is_plain_json_with_a_description_in_chinese():
    class Answer(BaseModel):
        basis: Basis

    assert Answer(basis=cite("L-4a")).model_dump(mode="json") == {
        "basis": [
            {
                "clause": "L-4a",
                "document": "东政办发〔2024〕25号",
                "title": "东胜区人民政府常务会议学法制度",
                "at": "第四条",
                "effective": "2024-05-30",
            }
        ]
    }
    schema = Answer.model_json_schema()
    assert schema["properties"]["basis"]["description"] == "作出本结果所依据的文件条款"
    assert all("description" in field for field in schema["$defs"]["Citation"]["properties"].values())


def test_the_example_shown_in_the_api_is_a_real_citation():
    example = Citation.model_json_schema()["example"]
    assert [Citation.model_validate(example)] == cite(example["clause"])


def test_every_row_of_the_ledger_is_cited_as_it_is_written():
    written = re.findall(r"^- \{id: ([\w.\-]+), at: (.+?), owner: ", ledger_text(), re.MULTILINE)
    assert [(row.id, row.at) for row in clauses()] == written
    assert [(c.clause, c.at) for c in cite(*(id for id, _ in written))] == written


def test_every_row_says_who_keeps_it_and_what_is_done():
    assert {row.owner for row in clauses()} == {
        "property",
        "credit",
        "emergency",
        "lawstudy",
        "office",
        "gateway",
    }
    assert all(row.does for row in clauses())
    assert all(clause(row.id) is row for row in clauses())


def test_the_six_documents_come_with_number_and_date():
    assert {(d.letter, d.number, d.effective.isoformat()) for d in documents()} == {
        ("P", "东政发〔2024〕18号", "2024-04-19"),
        ("T", "东政办发〔2024〕14号", "2024-04-22"),
        ("L", "东政办发〔2024〕25号", "2024-05-30"),
        ("N", "东政办发〔2024〕26号", "2024-05-30"),
        ("D", "东政办发〔2024〕29号", "2024-06-07"),
        ("E", "东政办发〔2024〕31号", "2024-06-24"),
    }


SMALL = """
documents:
  X: {number: 东政发〔2024〕1号, title: 某方案, effective: 2024-01-02}
clauses:
- {id: X-1, at: 一, owner: office, kind: rule, does: "something"}
"""


def test_an_id_that_stands_twice_breaks_the_ledger():
    again = SMALL + '- {id: X-1, at: 二, owner: office, kind: rule, does: "another"}\n'
    assert list(read_ledger(SMALL).clauses) == ["X-1"]
    with pytest.raises(BrokenLedger, match="X-1 stands twice"):
        read_ledger(again)


def test_a_clause_of_an_unlisted_document_breaks_the_ledger():
    with pytest.raises(BrokenLedger, match="Y-1 names no document"):
        read_ledger(SMALL.replace("X-1", "Y-1"))


def ledger_text() -> str:
    return (Path(__file__).parents[2] / "kit" / "district" / "clauses.yaml").read_text(encoding="utf-8")
