"""What members study alone, and the study systems of other units (L-3c, L-8)."""

from decimal import Decimal

import pytest

from kit.district import units
from tests.kit.files.samples import pdf
from tests.lawstudy.conftest import done, refused

STANDING = {"If-Match": "*"}
SYSTEM = {"unit": "天骄街道", "title": "天骄街道学法制度", "adopted_on": "2024-06-11"}


@pytest.fixture
def member(office):
    """`member("张兵")` is somebody's id."""

    def find(name):
        [row] = done(office.get("/members", params={"name": name}))["items"]
        return row["id"]

    return find


@pytest.fixture
def studied(member):
    """What somebody studied, as entered."""

    def body(name, **more):
        said = {"day": "2024-06-20", "subject": "中华人民共和国行政复议法", "hours": 1.5}
        return {"member_id": member(name), **said, **more}

    return body


@pytest.mark.clause("L-3c")
def test_self_study_is_kept_by_member_and_year(office, studied, member):
    done(office.post("/self-study", json=studied("韩涛")), 201)
    done(office.post("/self-study", json=studied("韩涛", hours=None, pages=40)), 201)
    done(office.post("/self-study", json=studied("王志")), 201)
    rows = done(office.get("/self-study", params={"member_id": member("韩涛"), "year": 2024}))["items"]
    assert [(row["hours"], row["pages"], row["year"]) for row in rows] == [
        ("1.5", None, 2024),
        (None, 40, 2024),
    ]
    assert done(office.get("/self-study", params={"year": 2023}))["items"] == []


@pytest.mark.clause("L-3c")
def test_a_member_s_unit_records_its_own_and_nobody_else_s(office, department, studied):
    police = department("public-security-branch")
    row = done(police.post("/self-study", json=studied("张兵")), 201)
    told = refused(police.post("/self-study", json=studied("王志")), 403, "another-units-record")
    assert "区人民政府办公室" in told["detail"]
    refused(
        department("finance-bureau").post("/self-study", json=studied("张兵")), 403, "another-units-record"
    )
    path = f"/self-study/{row['id']}"
    change = studied("张兵", hours=2)
    refused(
        department("finance-bureau").put(path, json=change, headers=STANDING), 403, "another-units-record"
    )
    refused(department("finance-bureau").delete(path, headers=STANDING), 403, "another-units-record")
    assert Decimal(done(police.put(path, json=change, headers=STANDING))["hours"]) == 2
    assert police.delete(path, headers=STANDING).status_code == 204


def test_self_study_lies_in_the_past_and_in_the_member_s_time(office, studied):
    refused(office.post("/self-study", json=studied("韩涛", day="2024-06-25")), 422, "in-the-future")
    told = refused(office.post("/self-study", json=studied("韩涛", day="2024-06-06")), 409, "not-in-office")
    assert told["errors"][0]["pointer"] == "/day"
    nobody = studied("韩涛") | {"member_id": "01990000-0000-7000-8000-000000000000"}
    refused(office.post("/self-study", json=nobody), 422, "unknown-reference")


def missing(client, **asked):
    found, cursor = [], None
    while True:
        page = done(
            client.get(
                "/duties/study-system",
                params={"limit": 100} | asked | ({"cursor": cursor} if cursor else {}),
            )
        )
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


@pytest.mark.clause("L-8", "N-2.3")
def test_every_town_street_and_department_without_a_study_system_is_listed(office):
    kinds = (units.Kind.TOWN, units.Kind.STREET, units.Kind.DEPARTMENT)
    expected = {each.name for each in units.units(*kinds)}
    assert {each["name"] for each in missing(office)} == expected
    done(office.post("/study-systems", json=SYSTEM), 201)
    done(office.post("/study-systems", json=SYSTEM | {"unit": "区财政局"}), 201)
    rows = missing(office)
    assert {each["name"] for each in rows} == expected - {"天骄街道", "区财政局"}
    assert {each["basis"][0]["clause"] for each in rows} == {"L-8"}
    # As of a day before they were adopted they were missing.
    assert {each["name"] for each in missing(office, on="2024-06-10")} == expected


@pytest.mark.clause("L-8")
def test_a_unit_has_one_at_a_time_and_is_missing_again_once_it_ended(office):
    row = done(office.post("/study-systems", json=SYSTEM), 201)
    told = refused(office.post("/study-systems", json=SYSTEM), 409, "already-entered")
    assert told["errors"][0]["pointer"] == "/unit"
    ended = SYSTEM | {"ended_on": "2024-06-19"}
    done(office.put(f"/study-systems/{row['id']}", json=ended, headers=STANDING))
    [street] = [each for each in missing(office) if each["name"] == "天骄街道"]
    assert (street["due_on"], street["street"]) == ("2024-06-20", "天骄街道")
    done(office.post("/study-systems", json=SYSTEM | {"adopted_on": "2024-06-20"}), 201)


@pytest.mark.clause("L-8")
def test_each_registers_its_own_and_units_of_other_kinds_none(office, department, lawstudy):
    finance = department("finance-bureau")
    done(finance.post("/study-systems", json=SYSTEM | {"unit": "区财政局"}), 201)
    refused(finance.post("/study-systems", json=SYSTEM), 403, "another-units-record")
    told = refused(
        office.post("/study-systems", json=SYSTEM | {"unit": "区法院"}), 422, "keeps-no-study-system"
    )
    assert told["errors"][0]["pointer"] == "/unit"
    limited = {"unit": "tianjiao-street", "division": "天骄街道"}
    street = lawstudy.client("lawstudy:read", "lawstudy:write", "lawstudy:department", **limited)
    done(street.post("/study-systems", json=SYSTEM), 201)
    assert {each["street"] for each in missing(street)} == {None}


@pytest.mark.clause("L-8")
def test_its_file_is_kept_by_its_bytes_and_handed_out_as_it_came(office, department):
    path = f"/study-systems/{done(office.post('/study-systems', json=SYSTEM), 201)['id']}"
    refused(office.get(f"{path}/file"), 404, "no-file-yet")
    file = {"file": ("学法制度.pdf", pdf())}
    refused(department("finance-bureau").post(f"{path}/file", files=file), 403, "another-units-record")
    refused(
        office.post(f"{path}/file", files={"file": ("学法制度.pdf", b"MZ" + bytes(99))}), 422, "unknown-kind"
    )
    shown = done(office.post(f"{path}/file", files=file))
    assert (shown["file_name"], shown["file_media_type"]) == ("学法制度.pdf", "application/pdf")
    assert office.get(f"{path}/file").content == pdf()
    # The files of a unit stay while it changes what is said of them.
    changed = done(office.put(path, json=SYSTEM | {"number": "天办发〔2024〕8号"}, headers=STANDING))
    assert changed["file_sha256"] == shown["file_sha256"]
