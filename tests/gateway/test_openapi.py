"""One OpenAPI document of all services, in which every name means one thing."""

import copy
import json

import pytest

from gateway.openapi import merge, operations
from tests.gateway.upstreams import json_reply


def document(title, path, *, schemas=None, security=None, tags=("登记",), operation_id="x_read"):
    operation = {
        "operationId": operation_id,
        "tags": list(tags),
        "responses": {"200": {"content": {"application/json": {"schema": ref("Item")}}}},
    }
    if security:
        operation["security"] = security
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "0.1.0"},
        "paths": {path: {"get": operation}},
        "components": {
            "schemas": schemas or {"Item": {"type": "object"}},
            "securitySchemes": {"oauth": {"type": "oauth2"}},
        },
    }


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def schema_of(merged, path):
    return merged["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]


def test_paths_and_operation_ids_stay():
    merged = merge(
        {
            "property": document("物业", "/property/v1/x", operation_id="property_read"),
            "credit": document("信用", "/credit/v1/x", operation_id="credit_read"),
        }
    )

    assert set(merged["paths"]) == {"/property/v1/x", "/credit/v1/x"}
    assert [operation["operationId"] for operation in operations(merged)] == ["property_read", "credit_read"]
    assert merged["openapi"] == "3.1.0"


def test_a_component_that_is_the_same_everywhere_is_kept_once():
    merged = merge({"a": document("甲", "/a/v1/x"), "b": document("乙", "/b/v1/x")})

    assert set(merged["components"]["schemas"]) == {"Item"}
    assert schema_of(merged, "/a/v1/x") == schema_of(merged, "/b/v1/x") == ref("Item")


def test_components_that_differ_get_their_services_name():
    merged = merge(
        {
            "a": document("甲", "/a/v1/x", schemas={"Item": {"type": "object"}, "Only": {"type": "null"}}),
            "b": document("乙", "/b/v1/x", schemas={"Item": {"type": "string"}}),
        }
    )

    assert merged["components"]["schemas"] == {
        "a_Item": {"type": "object"},
        "b_Item": {"type": "string"},
        "Only": {"type": "null"},
    }
    assert schema_of(merged, "/a/v1/x") == ref("a_Item")
    assert schema_of(merged, "/b/v1/x") == ref("b_Item")


def test_what_refers_to_a_component_that_differs_differs_too():
    pages = {"Item": {"properties": {"inner": ref("Middle")}}, "Middle": {"items": ref("Leaf")}}
    merged = merge(
        {
            "a": document(
                "甲", "/a/v1/x", schemas=pages | {"Leaf": {"type": "object"}, "Same": {"type": "null"}}
            ),
            "b": document(
                "乙", "/b/v1/x", schemas=pages | {"Leaf": {"type": "string"}, "Same": {"type": "null"}}
            ),
        }
    )

    schemas = merged["components"]["schemas"]
    assert set(schemas) == {"a_Item", "a_Middle", "a_Leaf", "b_Item", "b_Middle", "b_Leaf", "Same"}
    assert schemas["a_Item"] == {"properties": {"inner": ref("a_Middle")}}
    assert schemas["b_Middle"] == {"items": ref("b_Leaf")}


def test_a_component_that_refers_to_itself_is_no_trouble():
    tree = {"Item": {"items": ref("Item")}}
    merged = merge(
        {"a": document("甲", "/a/v1/x", schemas=tree), "b": document("乙", "/b/v1/x", schemas=tree)}
    )

    assert merged["components"]["schemas"] == tree


def test_discriminators_follow():
    def shape(kind):
        mapping = {"discriminator": {"mapping": {"leaf": "#/components/schemas/Leaf"}}}
        return {"Item": mapping, "Leaf": {"type": kind}}

    merged = merge(
        {
            "a": document("甲", "/a/v1/x", schemas=shape("object")),
            "b": document("乙", "/b/v1/x", schemas=shape("string")),
        }
    )

    mapping = merged["components"]["schemas"]["b_Item"]["discriminator"]["mapping"]
    assert mapping == {"leaf": "#/components/schemas/b_Leaf"}


def test_tags_are_grouped_by_service():
    merged = merge(
        {"a": document("甲", "/a/v1/x", tags=["登记", "统计"]), "b": document("乙", "/b/v1/x", tags=[])}
    )

    assert [tag["name"] for tag in merged["tags"]] == ["甲：登记", "甲：统计", "乙"]
    assert merged["x-tagGroups"] == [
        {"name": "甲", "tags": ["甲：登记", "甲：统计"]},
        {"name": "乙", "tags": ["乙"]},
    ]
    assert merged["paths"]["/a/v1/x"]["get"]["tags"] == ["甲：登记", "甲：统计"]


def test_all_are_secured_by_the_gateways_two_schemes():
    merged = merge(
        {
            "property": document("物业", "/property/v1/x", security=[{"oauth": ["property:read"]}]),
            "credit": document(
                "信用", "/credit/v1/x", security=[{"other": ["dispatch:read", "credit:judge"]}]
            ),
            "open": document("公开", "/open/v1/x"),
        }
    )

    schemes = merged["components"]["securitySchemes"]
    assert set(schemes) == {"oauth2", "bearer"}
    flow = schemes["oauth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/auth/v1/token"
    assert flow["scopes"] == {
        "credit:judge": "信用：专项权限",
        "dispatch:read": "查询 12345 诉求",
        "property:read": "物业：读取",
    }
    assert merged["paths"]["/property/v1/x"]["get"]["security"] == [
        {"oauth2": ["property:read"]},
        {"bearer": []},
    ]
    assert "security" not in merged["paths"]["/open/v1/x"]["get"]


def test_the_services_documents_are_left_as_they_are():
    documents = {
        "a": document(
            "甲", "/a/v1/x", schemas={"Item": {"type": "object"}}, security=[{"oauth": ["a:read"]}]
        ),
        "b": document("乙", "/b/v1/x", schemas={"Item": {"type": "string"}}),
    }
    before = copy.deepcopy(documents)

    merge(documents)

    assert documents == before


def test_services_that_are_missing_are_named():
    merged = merge({"a": document("甲", "/a/v1/x")}, missing=["credit", "b"])

    assert "没有应答" in merged["info"]["description"]
    assert "b、credit" in merged["info"]["description"]
    assert "没有应答" not in merge({"a": document("甲", "/a/v1/x")})["info"]["description"]


class Described:
    """A service that answers with its OpenAPI document, by entity tag where it has one."""

    def __init__(self, upstream, made, etag=None):
        self.made, self.etag, self.not_modified = made, etag, 0
        self.there = upstream(self.handle)

    async def handle(self, seen, _, writer):
        assert seen.target.endswith("/v1/openapi.json")
        if self.etag and seen.header("if-none-match") == self.etag:
            self.not_modified += 1
            writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")
        else:
            writer.write(json_reply(self.made, 200, *([("ETag", self.etag)] if self.etag else [])))


@pytest.fixture
def always_asks(monkeypatch):
    monkeypatch.setattr("gateway.documents._FRESH", 0.0)


def test_the_gateway_gives_one_document_with_its_own_operations(gateway, upstream):
    property_ = Described(upstream, document("物业", "/property/v1/x", operation_id="property_read"))
    door = gateway(property=property_.there)

    answer = door.http.get("/openapi.json")

    assert answer.status_code == 200
    merged = answer.json()
    ids = [operation["operationId"] for operation in operations(merged)]
    assert {"property_read", "gateway_issue_token", "gateway_send_request"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert merged["x-tagGroups"][1]["name"] == "物业"


def test_every_reference_of_the_document_leads_somewhere(gateway, upstream):
    property_ = Described(upstream, document("物业", "/property/v1/x"))

    merged = gateway(property=property_.there).http.get("/openapi.json").json()

    text = json.dumps(merged)
    targets = {piece.partition('"')[0] for piece in text.split('"$ref": "#/components/')[1:]}
    assert targets
    for target in targets:
        section, _, name = target.partition("/")
        assert name in merged["components"][section]


def test_the_gateways_own_operations_are_described_in_chinese_with_an_example(gateway, dead_address):
    merged = gateway(property=dead_address).http.get("/openapi.json").json()

    for operation in operations(merged):
        assert not operation["summary"].isascii(), operation["operationId"]
        assert not operation["description"].isascii(), operation["operationId"]
        assert all(not tag.isascii() for tag in operation["tags"])
        if "dispatch" in operation["tags"][0]:
            assert "P-2.2.2b" in operation["description"]


def test_a_service_that_is_down_is_left_out_and_named(gateway, upstream, dead_address):
    credit = Described(upstream, document("信用", "/credit/v1/x"))

    merged = gateway(property=dead_address, credit=credit.there).http.get("/openapi.json").json()

    assert "/credit/v1/x" in merged["paths"]
    assert "**下列服务目前没有应答，其接口未列出：property。**" in merged["info"]["description"]


def test_a_service_with_nonsense_for_a_document_is_left_out_and_named(gateway, upstream):
    broken = Described(upstream, {"hello": "world"})

    merged = gateway(property=broken.there).http.get("/openapi.json").json()

    assert "property" in merged["info"]["description"]


def test_a_service_that_comes_back_is_in_the_document_again(gateway, upstream, always_asks):
    property_ = Described(upstream, document("物业", "/property/v1/x"))
    door = gateway(property=property_.there)

    property_.there.stop()
    assert "/property/v1/x" not in door.http.get("/openapi.json").json()["paths"]
    property_.there.start()
    assert "/property/v1/x" in door.http.get("/openapi.json").json()["paths"]


def test_the_services_are_not_asked_again_at_once(gateway, upstream):
    property_ = Described(upstream, document("物业", "/property/v1/x"))
    door = gateway(property=property_.there)

    for _ in range(3):
        door.http.get("/openapi.json")

    assert len(property_.there.seen) == 1


def test_a_document_that_has_not_changed_is_not_sent_again(gateway, upstream, always_asks):
    property_ = Described(upstream, document("物业", "/property/v1/x"), etag='"1"')
    door = gateway(property=property_.there)
    first = door.http.get("/openapi.json")

    second = door.http.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})

    assert property_.not_modified == 1
    assert (second.status_code, second.content) == (304, b"")

    property_.made, property_.etag = document("物业", "/property/v1/y"), '"2"'
    third = door.http.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (third.status_code, third.headers["etag"] == first.headers["etag"]) == (200, False)
    assert "/property/v1/y" in third.json()["paths"]
