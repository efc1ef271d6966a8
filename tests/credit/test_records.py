"""Credit information as it is entered: by whom, with what, refused for what; and never changed (P-2.2.3c, P-2.3.2a, P-4.3)."""

from datetime import datetime
from uuid import UUID

import psycopg
import pytest

from kit.district.clock import SHANGHAI
from kit.storage.db import new_id
from kit.testing import Client
from tests.credit.conftest import CODES, held, listed


def record(company: UUID, item: str = "N03", **more: object) -> dict:
    given = {
        "acted_at": "2024-06-20T10:00:00+08:00",
        "evidence": [{"title": "检查记录", "number": "DSJC-17"}],
    }
    return {"item": item, "company_id": str(company)} | given | more


@pytest.mark.clause("P-4.3")
def test_street_records_what_happened_and_the_record_keeps_act_entry_and_recorder(street, company, clock):
    clock.now = datetime(2024, 6, 24, 9, 40, tzinfo=SHANGHAI)
    made = street.post("/records", json=record(company)).json()
    assert (made["acted_at"], made["entered_at"]) == (
        "2024-06-20T10:00:00+08:00",
        "2024-06-24T09:40:00+08:00",
    )
    assert (made["recorder"], made["client"], made["evidence"][0]["number"]) == (
        "street",
        "street-tianjiao",
        "DSJC-17",
    )


@pytest.mark.clause("P-2.3.2a")
@pytest.mark.parametrize(
    ("change", "pointer", "slug"),
    [
        ({"item": "Z99"}, "/item", "unknown-item"),
        ({"evidence": []}, "/evidence", "evidence-missing"),
        ({"acted_at": "2024-06-25T10:00:00+08:00"}, "/acted_at", "in-the-future"),
        ({"acted_at": "2023-12-31T23:59:59+08:00"}, "/acted_at", "before-scheme"),
        ({"company_id": str(new_id())}, "/company_id", "not-registered"),
        ({"company_id": None}, "/company_id", "nobody-named"),
        ({"points": "7"}, "/points", "points-out-of-limits"),
        ({"item": "B03", "points": "3.333"}, "/points", "points-out-of-limits"),
        ({"units": 2}, "/units", "not-by-units"),
        ({"valid_until": "2024-06-20"}, "/valid_until", "ends-before-act"),
        ({"project_id": str(new_id())}, "/project_id", "nobody-in-charge"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_field_and_rule_and_nothing_is_written(
    centre, credit, company, change, pointer, slug
):
    answer = centre.post("/records", json=record(company) | change)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, slug)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert credit.sql("SELECT count(*) FROM records") == [(0,)]


@pytest.mark.clause("P-2.3.2a")
def test_item_is_entered_by_those_whom_the_scheme_names_alone(street, company):
    answer = street.post("/records", json=record(company, "B01"))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:dongsheng:problem:not-your-item")


@pytest.mark.clause("P-2.3.2a")
def test_records_cannot_be_changed_not_even_in_the_database(credit, centre, company):
    centre.post("/records", json=record(company))
    for statement in ("UPDATE records SET item = 'N04'", "DELETE FROM records"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            credit.sql(statement)


@pytest.mark.clause("P-2.3.2a")
def test_corrected_record_points_at_the_one_that_holds(centre, score, company):
    wrong = centre.post("/records", json=record(company)).json()["id"]
    body = {"reason": "应为逾期整改", "record": record(company, "N05")}
    right = centre.post(f"/records/{wrong}/correct", json=body).json()["id"]
    told = centre.get(f"/records/{wrong}").json()
    assert (told["state"], told["amendments"][0]["replaced_by_id"]) == ("corrected", right)
    assert [line["item"] for line in score()["lines"]] == ["N05"]
    assert centre.post(f"/records/{wrong}/correct", json=body).status_code == 409


@pytest.mark.clause("P-2.3.2a")
def test_same_act_from_two_sources_is_shown_as_a_possible_double(credit, centre, street, company):
    project = held(credit, company, 500)
    bodies = [record(company, "N11", project_id=str(project)) for _ in range(2)]
    made = {
        caller.post("/records", json=body).json()["id"]
        for caller, body in zip((centre, street), bodies, strict=True)
    }
    [double] = centre.get("/records/doubles").json()["items"]
    assert (set(double["records"]), double["item"]) == (made, "N11")
    centre.post(f"/records/{double['records'][0]}/withdraw", json={"reason": "重复"})
    assert centre.get("/records/doubles").json()["items"] == []


@pytest.mark.clause("P-2.2.3c")
def test_judgment_defaulter_counts_from_the_court_s_listing_until_it_ends(credit, clock, company):
    clock.now = datetime(2025, 3, 3, 9, 30, tzinfo=SHANGHAI)
    court = credit.client("credit:read", "credit:write", "credit:court", name="court", unit="court")
    listed = court.post("/records", json=record(company, "X13", acted_at="2024-06-20T00:00:00+08:00")).json()
    assert listed["recorder"] == "court"
    removed = court.post(f"/records/{listed['id']}/put-right", json={"on": "2024-12-01", "reason": "已履行"})
    assert removed.status_code == 200, removed.text
    assert [points(court, company, day) for day in ("2024-06-19", "2024-06-20", "2024-11-30", "2024-12-01")] == [
        [], ["-18"], ["-18"], [],
    ]  # fmt: skip


def points(client: Client, company: UUID, day: str) -> list[str]:
    told = client.get(f"/companies/{company}/score", params={"as_of": day}).json()
    return [line["points"] for line in told["lines"]]


@pytest.mark.clause("P-2.2.3c")
def test_only_the_court_or_the_centre_lists_a_defaulter(street, company):
    assert street.post("/records", json=record(company, "X13")).status_code == 403


@pytest.mark.clause("P-2.3.4c")
def test_poor_credit_bars_from_selection_and_tenders_with_its_reason(centre, company):
    centre.post("/records", json=record(company, "B01"))
    good = centre.get(f"/companies/{CODES[0]}/access").json()
    assert (good["demonstration"], good["tenders"]) == ({"allowed": True, "reasons": []},) * 2
    centre.post("/records", json=record(company, "N01"))
    poor = centre.get(f"/companies/{CODES[0]}/access").json()
    assert [poor[name]["allowed"] for name in ("demonstration", "tenders", "awards")] == [False] * 3
    assert poor["tenders"]["reasons"] == ["当前信用等级C（17.00 分），属于信用较差（P-2.3.4c）"]


@pytest.mark.clause("P-2.3.4c")
def test_who_takes_no_part_is_not_selected_but_may_tender(centre, company):
    told = centre.get(f"/companies/{company}/access").json()
    assert (told["demonstration"]["allowed"], told["tenders"]["allowed"], told["grade"]) == (
        False,
        True,
        "C（缺失）",
    )


@pytest.mark.clause("P-2.3.2b")
def test_grade_is_told_to_everybody_by_code(credit, centre, company):
    centre.post("/records", json=record(company, "N01"))
    told = credit.stranger().get(f"/companies/{CODES[0]}/grade").json()
    assert (told["grade"], told["poor"], told["as_of"]) == ("C（缺失）", False, "2024-06-24")


@pytest.mark.clause("P-2.3.2a")
def test_company_amends_nothing_of_its_own_and_nobody_what_the_court_entered(credit, centre, company):
    mine = centre.post("/records", json=record(company)).json()["id"]
    court = credit.client("credit:read", "credit:write", "credit:court", name="court", unit="court")
    listed = court.post("/records", json=record(company, "X13")).json()["id"]
    own = credit.client("credit:read", "credit:write", name="company", company=CODES[0])
    department = credit.client("credit:read", "credit:write", name="department")
    body = {"reason": "不实"}
    assert own.post(f"/records/{mine}/withdraw", json=body).status_code == 403
    assert department.post(f"/records/{listed}/withdraw", json=body).status_code == 403
    assert court.post(f"/records/{listed}/withdraw", json=body).status_code == 200


@pytest.mark.clause("P-4.3")
def test_street_records_nothing_in_another_street_s_project(credit, street, company):
    project = held(credit, company, 500)
    other = credit.client("credit:read", "credit:write", name="street-jianshe", division="建设街道")
    body = record(company, project_id=str(project))
    assert [each.post("/records", json=body).status_code for each in (other, street)] == [403, 201]


def test_moment_to_come_is_refused(centre, company):
    answer = centre.get(f"/companies/{company}/score", params={"known_at": "2030-01-01T00:00:00+08:00"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?known_at")


def test_what_is_likely_the_same_is_told_to_whoever_enters_it(enter, company):
    first = enter("N03", company, on="2024-06-20")
    second = enter("N03", company, on="2024-06-20")
    other = enter("N03", company, on="2024-06-19")
    assert (first["likely_same"], second["likely_same"], other["likely_same"]) == ([], [first["id"]], [])


@pytest.mark.parametrize("named", [CODES[0], CODES[0].lower(), None])
def test_records_are_found_by_the_company_s_code_or_id(credit, centre, enter, company, named):
    enter("N03", company)
    enter("N03", listed(credit, "乙物业（虚构）", CODES[1]))
    rows = centre.get("/records", params={"company": named or str(company)}).json()["items"]
    assert [row["company_id"] for row in rows] == [str(company)]
