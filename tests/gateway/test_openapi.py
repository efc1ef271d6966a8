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
        "AItem": {"type": "object"},
        "BItem": {"type": "string"},
        "Only": {"type": "null"},
    }
    assert schema_of(merged, "/a/v1/x") == ref("AItem")
    assert schema_of(merged, "/b/v1/x") == ref("BItem")


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
    assert set(schemas) == {"AItem", "AMiddle", "ALeaf", "BItem", "BMiddle", "BLeaf", "Same"}
    assert schemas["AItem"] == {"properties": {"inner": ref("AMiddle")}}
    assert schemas["BMiddle"] == {"items": ref("BLeaf")}


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

    mapping = merged["components"]["schemas"]["BItem"]["discriminator"]["mapping"]
    assert mapping == {"leaf": "#/components/schemas/BLeaf"}


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


def test_the_document_is_compressed_for_whom_it_may_be_and_has_a_tag_for_each_form(gateway, dead_address):
    door = gateway(property=dead_address)
    plain = door.http.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    zipped = door.http.get("/openapi.json", headers={"Accept-Encoding": "br, gzip;q=0.5"})

    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert zipped.json() == plain.json()
    assert plain.headers["etag"] != zipped.headers["etag"]
    assert plain.headers["vary"] == zipped.headers["vary"] == "Accept-Encoding"
    for answer, accepted in ((plain, "identity"), (zipped, "gzip")):
        known = {"If-None-Match": answer.headers["etag"], "Accept-Encoding": accepted}
        assert door.http.get("/openapi.json", headers=known).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("", False),
    ],
)
def test_the_document_is_compressed_as_the_caller_says(gateway, dead_address, accepted, zipped):
    answer = gateway(property=dead_address).http.get("/openapi.json", headers={"Accept-Encoding": accepted})
    assert ("content-encoding" in answer.headers) == zipped


def test_the_document_is_given_as_often_as_an_address_may_ask(gateway, dead_address):
    door = gateway(property=dead_address, settings={"rate": 0.01, "burst": 2})
    answers = [door.http.get("/openapi.json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_each_way_of_being_allowed_stands_on_its_own():
    either = [{"oauth": ["a:read", "a:one"]}, {"oauth": ["a:read", "a:other"]}]
    merged = merge({"a": document("甲", "/a/v1/x", security=either)})

    [operation] = operations(merged)
    assert operation["security"] == [
        {"oauth2": ["a:read", "a:one"]},
        {"oauth2": ["a:read", "a:other"]},
        {"bearer": []},
    ]


def test_what_the_gateway_answers_in_the_place_of_a_service_is_described(gateway, upstream):
    made = document("物业", "/property/v1/x", security=[{"oauth": ["property:read"]}])
    merged = gateway(property=Described(upstream, made).there).http.get("/openapi.json").json()

    answers = merged["paths"]["/property/v1/x"]["get"]["responses"]
    for status in ("429", "502", "504"):
        name = answers[status]["$ref"].rpartition("/")[2]
        assert merged["components"]["responses"][name]["headers"]["X-Request-ID"]
    assert "Retry-After" in merged["components"]["responses"]["TooMany"]["headers"]


def test_events_and_problem_types_and_signatures_of_all_services_are_in_the_document():
    one, other = document("甲", "/a/v1/x"), document("乙", "/b/v1/x", security=[{"signature": []}])
    one |= {"webhooks": {"a.done": {"post": {}}}, "x-problem-types": [{"type": "urn:x"}]}
    other |= {"webhooks": {"b.done": {"post": {}}}, "x-problem-types": [{"type": "urn:y"}, {"type": "urn:x"}]}
    other["components"]["securitySchemes"] = {"signature": {"type": "apiKey"}}
    merged = merge({"a": one, "b": other})

    assert set(merged["webhooks"]) == {"a.done", "b.done"}
    assert [each["type"] for each in merged["x-problem-types"]] == ["urn:x", "urn:y"]
    assert merged["components"]["securitySchemes"]["signature"] == {"type": "apiKey"}
    assert merged["paths"]["/b/v1/x"]["get"]["security"] == [{"signature": []}]


def test_the_dispatch_over_all_services_has_the_example_of_a_service_with_a_matter(gateway, upstream):
    example = {"matter": "lamp", "summary": "楼道灯不亮"}
    made = document("物业", "/property/v1/dispatch/requests")
    made["paths"]["/property/v1/dispatch/requests"]["post"] = {
        "operationId": "property_send_request",
        "requestBody": {"content": {"application/json": {"example": example}}},
        "responses": {},
    }
    merged = gateway(property=Described(upstream, made).there).http.get("/openapi.json").json()

    body = merged["paths"]["/dispatch/v1/requests"]["post"]["requestBody"]
    assert body["content"]["application/json"]["example"] == example
