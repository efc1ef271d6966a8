"""What the smart-property platform states becomes ours, again and again, and no side overwrites the other silently."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.property.conftest import row
from tests.property.platform import company, compound, contract, counts, gone, hash_of, platform, put


@pytest.fixture
def sends(running):
    return platform(running)


@pytest.mark.clause("P-2.2.6")
def test_rows_are_entered_once_changed_by_a_newer_version_and_left_alone_by_an_older(sends):
    first = put(sends, "companies", company(1), company(2, uscc=None))
    assert (first["state"], counts(first)) == ("done", (2, 0, 0, 0))
    assert counts(put(sends, "companies", company(1), company(2, uscc=None))) == (0, 2, 0, 0)
    assert counts(put(sends, "companies", company(1, 3, name="改名物业（虚构）"))) == (1, 0, 0, 0)
    assert counts(put(sends, "companies", company(1, 2, name="旧名物业（虚构）"))) == (0, 0, 1, 0)
    names = {each["name"] for each in sends.get("/companies").json()["items"]}
    assert names == {"改名物业（虚构）", "同步2物业（虚构）"}


@pytest.mark.clause("P-2.2.6")
def test_others_read_from_the_change_feed_what_a_sync_changed_and_deleted(sends):
    put(sends, "companies", company(1), company(2))
    put(sends, "companies", company(1, 2, name="改名物业（虚构）"), company(2))
    put(sends, "compounds", compound(1))
    put(sends, "companies", gone("C-2", 2))
    put(sends, "compounds", gone("X-1", 2))
    told = [
        (each["type"].removeprefix("property."), each["data"].get("name") or each["data"]["key"])
        for each in sends.changes(6)
    ]
    assert told == [
        ("company.registered", "同步1物业（虚构）"),
        ("company.registered", "同步2物业（虚构）"),
        ("company.changed", "改名物业（虚构）"),
        ("platform.stated", "X-1"),
        ("company.withdrawn", "同步2物业（虚构）"),
        ("platform.stated", "X-1"),
    ]
    assert [each["data"]["deleted"] for each in sends.told("platform.stated", 2)] == [False, True]


@pytest.mark.clause("P-2.2.6")
def test_what_stands_here_already_is_found_by_code_or_by_place_and_name(centre, sends, submit):
    submit(row("甲院", company="甲物业（虚构）"))
    [compound_here] = centre.get("/compounds").json()["items"]
    put(sends, "companies", company(1, name="甲物业(虚构)"))
    put(sends, "compounds", compound(1, name="甲院"))
    [company_here] = centre.get("/companies").json()["items"]
    assert company_here["uscc"] == company(1)["uscc"]
    assert [each["id"] for each in centre.get("/compounds").json()["items"]] == [compound_here["id"]]


@pytest.mark.clause("P-2.2.6")
def test_what_people_wrote_is_not_overwritten_but_listed_with_who_owns_it(centre, sends, submit):
    submit(row("甲院", households=200))
    put(sends, "companies", company(1))
    put(sends, "compounds", compound(1, name="甲院", households=320, area=None))
    [mine] = centre.get("/companies", params={"q": "同步1"}).json()["items"]
    change = {"name": "人工更名物业（虚构）", "uscc": mine["uscc"]}
    centre.put(f"/companies/{mine['id']}", json=change, headers={"If-Match": "*"})
    put(sends, "companies", company(1, 2, name="平台更名物业（虚构）"))
    listed = {
        kind: sends.get("/sync/differences", params={"kind": kind}).json()["items"]
        for kind in ("companies", "compounds")
    }
    assert listed["companies"] == [
        {
            "key": "C-1",
            "entry": mine["id"],
            "street": None,
            "fields": [
                {
                    "field": "name",
                    "owner": "first",
                    "ours": "人工更名物业（虚构）",
                    "platform": "平台更名物业（虚构）",
                    "replaced": None,
                }
            ],
        }
    ]
    assert [(each["field"], each["owner"], each["ours"]) for each in listed["compounds"][0]["fields"]] == [
        ("households", "people", 200)
    ]
    elsewhere = {"kind": "compounds", "street": "交通街道"}
    assert sends.get("/sync/differences", params=elsewhere).json()["items"] == []


@pytest.mark.clause("P-2.2.6")
def test_a_contract_s_terms_are_the_platform_s_and_what_people_had_written_stays_listed(centre, sends):
    put(sends, "companies", company(1))
    put(sends, "compounds", compound(1))
    [firm] = centre.get("/companies").json()["items"]
    place = sends.told("platform.stated")[0]["data"]["entry"]
    dates = {"signed_on": "2024-05-20", "starts_on": "2024-07-01", "ends_on": "2027-06-01"}
    mine = centre.post("/contracts", json={"compound_id": place, "company_id": firm["id"], **dates}).json()[
        "id"
    ]
    assert counts(put(sends, "contracts", contract(1), contract(2, compound="X-9"))) == (1, 0, 0, 1)
    assert centre.get(f"/contracts/{mine}").json()["starts_on"] == "2024-06-01"
    [[difference]] = [
        each["fields"]
        for each in sends.get("/sync/differences", params={"kind": "contracts"}).json()["items"]
    ]
    assert (difference["owner"], difference["replaced"]) == ("platform", "2024-07-01")
    for step in ("submit", "accept"):
        centre.post(f"/contracts/{mine}/{step}", json={})
    put(sends, "contracts", contract(1, 2, ends_on="2030-06-01"))
    assert centre.get(f"/contracts/{mine}").json()["ends_on"] == "2027-06-01"


@pytest.mark.clause("P-2.2.6")
def test_a_tombstone_withdraws_what_nobody_else_uses_and_is_a_difference_otherwise(centre, sends, submit):
    submit(row("甲院", company="甲物业（虚构）"))
    put(sends, "companies", company(1, name="甲物业（虚构）"), company(2))
    put(sends, "companies", gone("C-1", 2), gone("C-2", 2), gone("C-3", 1))
    assert [each["name"] for each in centre.get("/companies").json()["items"]] == ["甲物业（虚构）"]
    [left] = sends.get("/sync/differences", params={"kind": "companies"}).json()["items"]
    assert (left["key"], left["fields"][0]["field"]) == ("C-1", "deleted")
    assert counts(put(sends, "companies", company(2))) == (0, 0, 1, 0)
    assert counts(put(sends, "companies", company(2, 3))) == (1, 0, 0, 0)
    assert len(centre.get("/companies").json()["items"]) == 2


@pytest.mark.clause("P-2.2.6")
def test_the_digest_is_what_the_platform_computes_itself_whatever_the_order(sends):
    rows = [compound(1), compound(2, 5), compound(3, street="交通街道"), compound(4)]
    put(sends, "compounds", *rows)
    put(sends, "compounds", gone("X-4", 2))

    items = sends.get("/sync/compounds/digest").json()["items"]
    assert {each["street"]: (each["rows"], each["hash"]) for each in items} == {
        "天骄街道": (2, f"{hash_of(rows[1], rows[0]):015x}"),
        "交通街道": (1, f"{hash_of(rows[2]):015x}"),
    }


@pytest.mark.clause("P-2.2.6")
def test_two_requests_over_the_same_keys_at_once_leave_the_newest_of_each(running):
    def send(version: int) -> tuple[int, ...]:
        rows = [company(number, version, name=f"并发{number}版本{version}（虚构）") for number in range(300)]
        return counts(put(platform(running, f"platform-{version}"), "companies", *rows))

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(send, (1, 2, 3, 4)))
    assert all(sum(each) == 300 and each[3] == 0 for each in done)
    held = running.sql("SELECT count(*), min(source_version), count(DISTINCT company_id) FROM sync_rows")
    assert held == [(300, 4, 300)]
    assert running.sql("SELECT count(*) FROM companies WHERE name LIKE '%%版本4%%'") == [(300,)]


def test_the_owner_of_each_field_is_read_and_only_the_platform_may_sync(running, sends):
    owners = {(each["kind"], each["field"]): each["owner"] for each in sends.get("/sync/ownership").json()}
    assert owners["companies", "uscc"] == "first"
    assert owners["compounds", "households"] == "people"
    assert owners["contracts", "ends_on"] == "platform"
    refused = running.client("property:read", "property:write").put("/sync/companies", content=b"")
    assert (refused.status_code, refused.json()["missing"]) == (403, ["property:sync"])


@pytest.mark.clause("P-2.2.6")
def test_projects_are_entered_with_their_company_and_are_people_s_from_then_on(sends):
    project = {
        "key": "P-1",
        "source_version": 1,
        "name": "天骄片区（虚构）",
        "kind": "residential",
        "street": "天骄街道",
        "company": "C-1",
        "begins_on": "2024-06-01",
    }
    assert counts(put(sends, "projects", project)) == (0, 0, 0, 1)
    put(sends, "companies", company(1))
    assert counts(put(sends, "projects", project, project | {"key": "P-2"})) == (1, 0, 0, 1)
    put(sends, "projects", project | {"source_version": 2, "kind": "commercial"})
    [mine] = sends.get("/projects").json()["items"]
    assert mine["kind"] == "residential"
    [difference] = sends.get("/sync/differences", params={"kind": "projects"}).json()["items"]
    assert [(each["field"], each["owner"]) for each in difference["fields"]] == [("kind", "people")]
    assert sends.get("/sync/projects/digest").json()["items"][0]["rows"] == 1
    put(sends, "projects", gone("P-1", 3))
    assert sends.told("platform.stated", 3)[-1]["data"]["deleted"] is True
