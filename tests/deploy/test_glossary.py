import re
from collections import Counter
from pathlib import Path

from kit.district.citations import clause

TEXT = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("|") and not line.startswith(("| Term", "| ---"))
]


def test_a_row_is_a_term_a_name_a_meaning_and_a_clause():
    assert len(ROWS) > 100
    assert [row for row in ROWS if len(row) != 4 or not all(row[:3])] == []
    assert [row for row in ROWS if re.search("[\u4e00-\u9fff]", row[1])] == []


def test_a_term_has_one_name_and_a_name_one_term():
    terms, names = Counter(row[0] for row in ROWS), Counter(row[1] for row in ROWS)
    assert [term for term, times in (terms + names).items() if times > 1] == []


def test_every_clause_named_is_in_the_ledger():
    assert all(clause(row[3]).id == row[3] for row in ROWS if row[3])
