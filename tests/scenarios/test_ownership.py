"""What belongs to a street is through the gateway, too, nobody else's: with the clients that are shipped."""

import json

import pytest

from tests.contract.documents import example_of

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def places(district, hand_in):
    """Where things of 天骄街道 are found, by the templates of their paths."""
    assert hand_in("street-tianjiao", "01-天骄街道.xlsx").status_code in (200, 201)
    call = {"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道"}
    told = {"place": "某小区", "division": "天骄街道", "occurred_at": "now"}
    with district.client("street-tianjiao") as street, district.client("hotline") as hotline:
        compound = street.get("/property/v1/compounds").json()["items"][0]["id"]
        request = hotline.post("/dispatch/v1/requests", json=call).json()["number"]
        incident = street.post("/emergency/v1/incidents", json=told).json()["number"]
        task = street.get(f"/emergency/v1/incidents/{incident}/tasks").json()[0]["id"]
    return {
        "/property/v1/compounds/{id}": f"/property/v1/compounds/{compound}",
        "/dispatch/v1/requests/{number}": f"/dispatch/v1/requests/{request}",
        "/property/v1/dispatch/requests/{number}": f"/property/v1/dispatch/requests/{request}",
        "/emergency/v1/incidents/{key}": f"/emergency/v1/incidents/{incident}",
        "/emergency/v1/tasks/{id}": f"/emergency/v1/tasks/{task}",
    }


@pytest.mark.parametrize("client", ["street-gongyuan", "company", "smart-platform"])
def test_nothing_of_a_street_is_read_or_written_by_another_street_a_company_or_a_platform(
    district, places, client
):
    tried = 0
    with district.client(client) as other:
        document = json.loads(district.document())
        for template, item in document["paths"].items():
            for method in METHODS & item.keys():
                path = _found(template, places)
                if path is None or (client == "smart-platform" and template.startswith("/property")):
                    continue  # the platform reads the whole district's compounds
                body = {"json": example_of(document, item[method])}
                if "multipart/form-data" in item[method].get("requestBody", {}).get("content", {}):
                    body = {"files": {"file": ("井口.jpg", b"photo")}, "data": {"about": "井口"}}
                answer = other.request(method, path, **body, headers={"If-Match": "*"})
                assert answer.status_code in (403, 404), (
                    f"{method} {path}: {answer.status_code} {answer.text}"
                )
                tried += 1
    assert tried > 40


def _found(template, places):
    for place, path in places.items():
        rest = template.removeprefix(place)
        if template.startswith(place) and "{" not in rest:
            return path + rest
    return None
