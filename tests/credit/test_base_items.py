"""Base items follow what the registers of the property service show of a company (P-2.3.2a)."""

from uuid import UUID

import pytest

from tests.credit.test_intake import taken, told

pytestmark = pytest.mark.clause("P-2.3.2a")


def performed(company: UUID, filed: tuple[int, int], hour: int = 8) -> dict:
    shares = {"contracts": filed, "disclosure": (0, 0), "drills": (1, 2)}
    data = {name: {"part": part, "whole": whole} for name, (part, whole) in shares.items()}
    return told("company.performed", company, hour, company=str(company), **data)


def test_base_items_follow_the_registers_and_keep_their_last_value(credit, score, company):
    taken(credit, performed(company, (3, 4)))
    taken(credit, performed(company, (3, 4), hour=9))  # nothing new
    found = {
        line["item"]: (line["points"], line["share_part"], line["share_whole"]) for line in score()["lines"]
    }
    assert found == {"B08": ("6", 3, 4), "B10": ("3", 1, 2)}
    taken(credit, performed(company, (4, 4), hour=9))
    assert {line["item"]: line["points"] for line in score()["lines"]}["B08"] == "8"
    assert credit.sql("SELECT count(*) FROM records WHERE item = 'B08'")[0][0] == 2


def test_base_item_of_a_company_that_has_nothing_any_more_counts_nothing(credit, score, company):
    taken(credit, performed(company, (3, 4)))
    taken(credit, performed(company, (0, 0), hour=9))
    assert {line["item"]: (line["points"], line["share_whole"]) for line in score()["lines"]}["B08"] == (
        "0",
        0,
    )


def test_word_of_registers_that_comes_late_changes_nothing(credit, score, company):
    first, lost, last = (performed(company, share, hour) for share, hour in (((1, 4), 6), ((4, 4), 7), ((1, 4), 8)))  # fmt: skip
    for event in (first, last, lost):
        taken(credit, event)
    line = {each["item"]: each for each in score()["lines"]}["B08"]
    assert (line["share_part"], line["share_whole"]) == (1, 4)


def test_base_item_that_was_taken_back_is_entered_when_registers_show_it_again(
    credit, centre, score, company
):
    taken(credit, performed(company, (4, 4), 6))
    [row] = centre.get("/records", params={"item": "B08"}).json()["items"]
    centre.post(f"/records/{row['id']}/withdraw", json={"reason": "有误"})
    taken(credit, performed(company, (4, 4), 7))
    assert {each["item"]: each["points"] for each in score()["lines"]}["B08"] == "8"
