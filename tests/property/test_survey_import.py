"""A street's survey workbook goes in, whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from kit.workbooks.reading import read
from services.property.divisions import street_names
from services.property.surveys.form import Status, Survey, parse
from tests.property.conftest import hand_in, row, workbook


@pytest.mark.clause("P-3.1", "P-A1a")
def test_a_survey_becomes_compounds_companies_and_communities(centre):
    answer = hand_in(centre, workbook(row("甲小区"), row("乙小区", Status.NONE, community="和平社区")))
    assert answer.status_code == 201
    report = answer.json()
    assert (report["compounds"], report["new_compounds"], report["streets"]) == (2, 2, ["天骄街道"])
    assert report["new_companies"] == ["甲物业（虚构）"]
    compounds = centre.get("/compounds").json()["items"]
    assert [(c["name"], c["community"], c["status"], c["company_name"]) for c in compounds] == [
        ("甲小区", "团结社区", "专业化物业管理", "甲物业（虚构）"),
        ("乙小区", "和平社区", "无物业", None),
    ]


def test_a_dry_run_tells_what_would_happen_and_keeps_nothing(centre, running):
    answer = hand_in(centre, workbook(row("甲小区")), dry_run=True)
    assert answer.status_code == 200
    assert (answer.json()["new_compounds"], answer.json()["survey"]) == (1, None)
    assert centre.get("/compounds").json()["items"] == []
    for table in ("surveys", "compounds", "companies", "events", "audit"):
        assert running.sql(f"SELECT count(*) FROM {table}") == [(0,)], table


@pytest.mark.clause("P-A1b")
def test_a_wrong_status_is_refused_with_its_row_and_column_and_nothing_is_kept(centre, running):
    data = workbook(row("甲小区"), row("乙小区", Status.QUASI))
    bad = _with_cell(data, "专业化物业管理", "有物业")
    refused = hand_in(centre, bad)
    assert refused.status_code == 422
    body = refused.json()
    assert body["type"] == "urn:dongsheng:problem:survey-errors"
    assert [(cell["heading"], cell["value"]) for cell in body["cells"]] == [("物业管理现状", "有物业")]
    assert body["errors"][0]["pointer"] == f"{body['cells'][0]['column']}{body['cells'][0]['row']}"
    assert "P-A1b" in [citation["clause"] for citation in body["basis"]]
    assert running.sql("SELECT count(*) FROM compounds") == [(0,)]


def test_a_dry_run_of_a_wrong_workbook_lists_all_its_errors(centre):
    bad = _with_cell(workbook(row("甲小区")), "专业化物业管理", "有物业")
    answer = hand_in(centre, bad, dry_run=True)
    assert answer.status_code == 200
    assert [error["value"] for error in answer.json()["errors"]] == ["有物业"]


def test_a_file_that_is_no_workbook_is_refused(centre):
    refused = hand_in(centre, "街道,小区\n天骄,甲".encode())
    assert refused.status_code == 415
    assert refused.json()["type"] == "urn:dongsheng:problem:not-a-workbook"


@pytest.mark.clause("P-A1c")
def test_a_missing_column_is_refused_and_an_added_one_comes_back_on_export(centre):
    missing = _with_cell(workbook(row("甲小区")), "收费率", "其他")
    refused = hand_in(centre, missing)
    assert refused.status_code == 422
    assert "收费率" in refused.text
    taken = hand_in(centre, workbook(row("甲小区", added={"电梯数": "6"}), added=("电梯数",)))
    assert taken.status_code == 201, taken.text
    exported = centre.get("/surveys/export", params={"street": "天骄"})
    assert _parsed(exported.content).rows[0].added == {"电梯数": "6"}


@pytest.mark.clause("P-A1a", "P-A1c")
def test_what_went_in_comes_out_in_the_official_form(centre):
    rows = (
        row(
            "甲小区",
            area="81234.5",
            built=2008,
            members=7,
            party_members=4,
            fee="1.35",
            collection_rate="0.87",
        ),
        row("乙小区", Status.QUASI, company=""),
        row("丙小区", Status.NONE),
    )
    sent = _parsed(workbook(*rows))
    hand_in(centre, workbook(*sent.rows))
    exported = centre.get("/surveys/export", params={"street": "天骄街道"})
    assert exported.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert _parsed(exported.content) == replace(sent, contact="", phone=""), "a person is in no address"


def test_the_same_file_again_changes_nothing(centre, running):
    data = workbook(row("甲小区"))
    first, second = hand_in(centre, data), hand_in(centre, data)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["unchanged"]
    assert second.json()["survey"] == first.json()["survey"]
    assert running.sql("SELECT count(*) FROM surveys") == [(1,)]


def test_a_corrected_survey_of_the_same_day_takes_the_place_of_the_first(centre):
    first = hand_in(centre, workbook(row("甲小区"), row("错小区"))).json()
    second = hand_in(centre, workbook(row("甲小区", Status.QUASI)), others="drop").json()
    assert [(c["name"], c["status"]) for c in centre.get("/compounds").json()["items"]] == [
        ("甲小区", "准物业管理")
    ]
    records = {record["id"]: record for record in centre.get("/surveys").json()["items"]}
    assert records[first["survey"]]["superseded_by"] == second["survey"]


def test_a_first_file_sent_again_after_its_correction_counts_again(centre):
    first, corrected = workbook(row("甲小区")), workbook(row("甲小区", Status.QUASI))
    for data in (first, corrected, first):
        answer = hand_in(centre, data)
    assert answer.status_code == 201
    assert centre.get("/compounds").json()["items"][0]["status"] == "专业化物业管理"


def test_compounds_that_a_later_survey_leaves_out_are_named(centre, submit):
    submit(row("甲小区"), row("乙小区"), as_of="2024-05-20")
    report = submit(row("甲小区"), as_of="2024-06-20").json()
    assert report["absent"] == [{"street": "天骄街道", "community": "团结社区", "compound": "乙小区"}]


def test_an_older_survey_handed_in_later_does_not_undo_a_newer_one(centre, submit):
    submit(row("甲小区", Status.PROFESSIONAL), as_of="2024-06-20")
    submit(row("甲小区", Status.NONE), as_of="2024-05-20")
    assert centre.get("/compounds").json()["items"][0]["status"] == "专业化物业管理"
    then = centre.get("/compounds", params={"on": "2024-05-31"}).json()["items"]
    assert then[0]["status"] == "无物业"


def test_a_streets_token_may_not_bring_another_streets_compounds(running):
    street = running.client("property:write", "property:read", division="天骄街道")
    refused = hand_in(street, workbook(row("甲小区"), row("乙小区", street="交通街道")))
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:dongsheng:problem:another-division"
    assert len(refused.json()["errors"]) == 1
    assert running.sql("SELECT count(*) FROM compounds") == [(0,)]


@pytest.mark.parametrize(("scopes", "status"), [((), 401), (("property:read",), 403)])
def test_without_a_token_or_the_scope_nothing_is_taken(running, scopes, status):
    client = running.client(*scopes) if scopes else running.stranger()
    assert hand_in(client, workbook(row("甲小区"))).status_code == status


def test_a_survey_of_tomorrow_is_refused(centre):
    refused = hand_in(centre, workbook(row("甲小区")), as_of="2024-06-25")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?as_of")


def test_the_same_survey_handed_in_at_once_is_taken_once(centre, running):
    data = workbook(*(row(f"小区{number}") for number in range(50)))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: hand_in(centre, data), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert running.sql("SELECT count(*) FROM observations") == [(50,)]


@pytest.mark.clause("P-3.1")
def test_streets_that_have_not_reported_are_listed(centre, submit):
    submit(row("甲小区"), row("乙小区"))
    reporting = centre.get("/surveys/reporting").json()
    assert len(reporting["items"]) == 15
    assert "天骄街道" not in reporting["missing"]
    assert len(reporting["missing"]) == 14
    assert reporting["items"][0] == {
        "street": "天骄街道",
        "reported": True,
        "as_of": "2024-06-20",
        "compounds": 2,
    }
    later = centre.get("/surveys/reporting", params={"since": "2024-06-21"}).json()
    assert len(later["missing"]) == 15


def test_the_contact_is_encrypted_masked_and_shown_only_with_the_scope(centre, running):
    hand_in(centre, workbook(row("甲小区")))
    assert centre.get("/surveys").json()["items"][0]["phone"] == "138****1234"
    [(phone,)] = running.sql("SELECT phone FROM surveys")
    assert b"13800001234" not in bytes(phone)
    assert centre.get("/surveys", params={"reveal": True}).status_code == 403
    trusted = running.client("property:read", "personal:read")
    assert trusted.get("/surveys", params={"reveal": True}).json()["items"][0]["phone"] == "13800001234"
    assert running.sql("SELECT count(*) FROM audit WHERE action = 'property.personal.seen'") == [(1,)]


def test_other_systems_read_what_a_survey_changed(centre, submit):
    submit(row("甲小区"))
    events = centre.changes(3)
    assert [event["type"] for event in events] == [
        "property.survey.imported",
        "property.company.registered",
        "property.compound.surveyed",
    ]
    assert events[2]["data"]["status"] == "专业化物业管理"
    changes = centre.get("/changes").json()
    assert centre.get("/changes", params={"since": changes["next"]}).json()["items"] == []


def _parsed(data: bytes) -> Survey:
    return parse(read(data), streets=street_names(), year=2024)


def _with_cell(data: bytes, old: str, new: str) -> bytes:
    """The workbook with the first cell of this text changed, as somebody at a keyboard would."""
    import io
    import zipfile

    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as changed:
        for name in source.namelist():
            part = source.read(name)
            if name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
                part = part.replace(f">{old}<".encode(), f">{new}<".encode(), 1)
            changed.writestr(name, part)
    return target.getvalue()
