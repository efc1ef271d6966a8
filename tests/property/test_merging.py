"""Two entries that are one are made one with nothing lost, the old id leads to the new, and it can be taken back."""

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.property.base import Base
from tests.property.conftest import row
from tests.property.test_coverage import _compound, _contract, _district

CODE = "91150602MA0DEMF00Q"
#: What keeps what was done, which no undoing takes away.
BOOKS = {"corrections", "coverage_changes", "merged_rows"}
NUMBERS = count(1)


def test_what_both_have_of_a_day_is_kept_with_the_old_one_and_shown(centre, submit):
    gone, into = _two(centre, submit)
    merged = _merge(centre, "compounds", gone, into)
    kept = centre.get(f"/corrections/{merged['id']}/rows", params={"kept": True}).json()["items"]
    assert [(each["of_table"], each["row_key"]) for each in kept] == [
        ("observations", {"as_of": "2024-06-20", "compound_id": gone})
    ]
    assert (_district(centre)["compounds"], centre.get(f"/compounds/{into}").json()["households"]) == (1, 300)


@pytest.mark.parametrize("path", ["compounds", "companies"])
def test_who_reads_the_old_id_is_sent_to_the_new_one_and_who_writes_is_told_of_it(centre, submit, path):
    gone, into = _two(centre, submit) if path == "compounds" else _two_companies(centre)
    _merge(centre, path, gone, into)
    read = centre.get(f"/{path}/{gone}", params={"as_of": "2024-06-21"} if path == "compounds" else {})
    assert (read.status_code, read.json()["id"], read.history[0].status_code) == (200, into, 308)
    written = centre.post(f"/{path}/{gone}/withdraw", json={"reason": "再撤一次"})
    assert (written.status_code, written.json()["into"]) == (409, into)
    alias = {"kind": "alias", f"{path[:-1] if path == 'compounds' else 'company'}_id": gone, "name": "老名"}
    assert centre.post("/aliases", json=alias).json()["into"] == into


def test_a_further_merge_leads_every_old_id_to_the_last_one_and_is_undone_first(centre, submit):
    submit(row("甲"), row("乙"), row("丙"))
    first, second, third = (_compound(centre, name)["id"] for name in "甲乙丙")
    _merge(centre, "compounds", first, second)
    _merge(centre, "compounds", second, third)
    assert centre.get(f"/compounds/{first}").json()["id"] == third
    early = _restore(centre, "compounds", first)
    assert (early.status_code, early.json()["type"]) == (409, "urn:dongsheng:problem:merged-further")
    assert [_restore(centre, "compounds", id).status_code for id in (second, first)] == [200, 200]
    assert _district(centre)["compounds"] == 3


def test_what_was_entered_since_stays_with_the_other_and_the_name_comes_back(centre, submit):
    gone, into = _two(centre, submit)
    _merge(centre, "compounds", gone, into)
    contract = centre.post("/contracts", json=_contract(_compound(centre, "和谐家苑"))).json()
    assert _restore(centre, "compounds", gone).json()["action"] == "restored"
    assert centre.get(f"/contracts/{contract['id']}").json()["compound_id"] == into
    report = submit(row("和谐苑"), row("和谐家苑"), as_of="2024-06-22").json()
    assert (report["new_compounds"], [each for each in report["warnings"] if "以前" in each["reason"]]) == (
        0,
        [],
    )
    again = _restore(centre, "compounds", gone)
    assert (again.status_code, again.json()["type"]) == (409, "urn:dongsheng:problem:not-merged")


def test_a_name_that_was_taken_meanwhile_is_no_reason_to_fail_without_words(centre, submit):
    gone, into = _two(centre, submit)
    _merge(centre, "compounds", gone, into)
    submit(row("和谐苑"), row("和谐家苑"), as_of="2024-06-22")
    refused = _restore(centre, "compounds", gone)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:dongsheng:problem:taken-meanwhile")


def test_a_company_gets_its_code_back_and_credit_hears_of_it(centre):
    gone, into = _two_companies(centre)
    _merge(centre, "companies", gone, into)
    assert centre.get(f"/companies/{into}").json()["uscc"] == CODE
    assert _restore(centre, "companies", gone).status_code == 200
    assert [centre.get(f"/companies/{id}").json()["uscc"] for id in (gone, into)] == [CODE, None]
    told = [each["data"] for each in centre.told("property.company.registered", 3)]
    assert (told[-1]["company"], told[-1]["uscc"]) == (gone, CODE)


def test_a_street_takes_no_other_streets_merge_back(running, centre, submit):
    gone, into = _two(centre, submit)
    _merge(centre, "compounds", gone, into)
    for division, status in (("交通街道", 404), ("天骄街道", 200)):
        street = running.client("property:read", "property:write", division=division)
        assert _restore(street, "compounds", gone).status_code == status


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=6, unique=True),
    aliases=st.lists(st.tuples(st.booleans(), st.sampled_from("东西")), max_size=4, unique=True),
    contracts=st.lists(st.booleans(), max_size=3),
    terms=st.lists(st.tuples(st.booleans(), st.integers(2000, 2010)), max_size=3),
)
def test_to_merge_and_to_undo_it_changes_nothing_in_any_table(
    running, centre, days, aliases, contracts, terms
):
    number = next(NUMBERS)
    companies = [
        centre.post("/companies", json={"name": f"{name}物业{number}"}).json()["id"] for name in "甲乙"
    ]
    compounds = [str(_insert_compound(running, f"{name}苑{number}")) for name in "甲乙"]
    survey = _insert_survey(running)
    for second, day in days:
        running.sql(
            "INSERT INTO observations (compound_id, company_id, as_of, survey_id, position, status, added, recorded_at)"
            " VALUES (%s, %s, %s, %s, 0, '准物业管理', '{}', now())",
            compounds[second], companies[second], f"2024-05-{day:02}", survey,
        )  # fmt: skip
    for second, name in aliases:
        for of, ids in (("compound_id", compounds), ("company_id", companies)):
            alias = {"kind": "alias", of: ids[second], "name": f"{name}院{number}"}
            assert centre.post("/aliases", json=alias).status_code == 201
    for second in contracts:
        made = _contract({"id": compounds[second], "company": companies[second]})
        assert centre.post("/contracts", json=made).status_code == 201
    for second, year in terms:
        running.sql(
            "INSERT INTO committees (id, version, compound_id, kind, formed_on, term_ends_on, dissolved_on, members,"
            " party_members, has_party_organisation) VALUES (gen_random_uuid(), 1, %s, 'owners_committee', %s, %s, %s,"
            " 5, 1, false)",
            compounds[second], f"{year}-01-01", f"{year + 3}-01-01", f"{year + 3}-01-01",
        )  # fmt: skip
    before = _everything(running)
    for path, (gone, into) in (("compounds", compounds), ("companies", companies)):
        _merge(centre, path, gone, into)
    assert _everything(running) != before
    for path, (gone, _) in (("companies", companies), ("compounds", compounds)):
        assert _restore(centre, path, gone).status_code == 200
    assert _everything(running) == before


def _everything(running):
    """All rows of all tables without what counts changes."""
    rows = " UNION ALL ".join(
        f"SELECT '{table.name}', to_jsonb(t) - 'version' - 'changed_at' FROM {table.name} t"
        for table in Base.metadata.sorted_tables
        if table.name not in BOOKS
    )
    return sorted((name, json.dumps(found, sort_keys=True)) for name, found in running.sql(rows))


def _insert_compound(running, name):
    [(id,)] = running.sql(
        "INSERT INTO compounds (id, community_id, name, name_key, name_like, found_by, version)"
        " SELECT gen_random_uuid(), id, %s, %s, %s, ARRAY[%s], 1 FROM divisions WHERE kind = 'street' LIMIT 1"
        " RETURNING id",
        *[name] * 4,
    )
    return id


def _insert_survey(running):
    [(id,)] = running.sql(
        "INSERT INTO surveys (id, as_of, streets, unit, file_name, sha256, rows, added_headings, warnings, said, client,"
        " recorded_at) VALUES (gen_random_uuid(), '2024-05-01', '{}', '', '', '', 0, '{}', '[]', '[]', '', now()) RETURNING id"
    )
    return id


def _two(centre, submit):
    """Two compounds that are one: of two days the first, of the second day the other too."""
    submit(row("和谐苑"), as_of="2024-05-20")
    submit(row("和谐苑", households=200), row("和谐家苑", households=300), as_of="2024-06-20")
    return _compound(centre, "和谐苑")["id"], _compound(centre, "和谐家苑")["id"]


def _two_companies(centre):
    given = ({"name": "甲物业有限公司", "uscc": CODE}, {"name": "甲物业有限责任公司"})
    return [centre.post("/companies", json=each).json()["id"] for each in given]


def _merge(centre, path, gone, into):
    merged = centre.post(f"/{path}/{gone}/withdraw", json={"into": into, "reason": "实为同一个"})
    assert (merged.status_code, merged.json().get("action")) == (200, "merged"), merged.text
    return merged.json()


def _restore(client, path, gone):
    return client.post(f"/{path}/{gone}/restore", json={"reason": "是不同的两个"})
