"""What a street has for its own property management (P-2.2.2a)."""

import pytest

from tests.property.conftest import lacking

GIVEN = {
    "office": {"office": "天骄街道物业办"},
    "staff": {"staff": 3},
    "hotline": {"hotline": "0477-8575000"},
}


@pytest.mark.clause("P-2.2.2a")
@pytest.mark.parametrize("kind", GIVEN)
def test_a_street_is_listed_until_it_has_its_office_staff_and_hotline_and_again_when_it_has_them_no_more(
    centre, kind
):
    assert len(lacking(centre, f"street-{kind}")) == 15  # twelve streets, three towns
    body = {"street": "天骄街道", "kind": kind, "begins_on": "2024-06-01", "ends_on": "2024-06-20"} | GIVEN[
        kind
    ]
    assert centre.post("/street-means", json=body).status_code == 201
    assert "天骄街道" not in lacking(centre, f"street-{kind}", on="2024-06-20")
    assert "天骄街道" in lacking(centre, f"street-{kind}", on="2024-06-21")


@pytest.mark.parametrize("hotline", ["13800001234", "0477-81234", "热线"])
def test_a_hotline_is_no_persons_number(centre, hotline):
    body = {"street": "天骄街道", "kind": "hotline", "begins_on": "2024-06-01", "hotline": hotline}
    refused = centre.post("/street-means", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/hotline")


def test_a_hotline_is_shown_in_full(centre):
    body = {"street": "天骄街道", "kind": "hotline", "begins_on": "2024-06-01", "hotline": "0477-8575000"}
    made = centre.post("/street-means", json=body).json()
    assert made["hotline"] == "0477-8575000"
