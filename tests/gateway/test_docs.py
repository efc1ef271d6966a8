"""The documentation is read in a browser without a network beyond the gateway."""

import re
from urllib.parse import unquote

import pytest

from gateway.docs import ASSETS, SCRIPTS
from tests.gateway.upstreams import always, json_reply

EXTERNAL = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9.-]+", re.IGNORECASE)


def operation(name, summary, tag, **more):
    return {"operationId": name, "summary": summary, "tags": [tag], "responses": {}} | more


PROPERTY = {
    "info": {"title": "物业服务", "version": "1", "description": "小区和物业。"},
    "paths": {
        "/property/v1/companies": {"get": operation("property_list_companies", "查询物业企业", "企业")},
        "/property/v1/surveys": {
            "post": operation(
                "property_take_survey",
                "提交 <摸排> 表",
                "摸排",
                description="逐格核对。",
                **{"x-clauses": ["P-1.2"]},
            ),
            "get": operation("property_list_surveys", "列出摸排", "摸排"),
        },
    },
    "tags": [{"name": "摸排", "description": "提交、列出。"}, {"name": "企业", "description": "查询。"}],
}


@pytest.fixture
def door(gateway, upstream, dead_address):
    return gateway(property=upstream(always(json_reply(PROPERTY))), credit=dead_address)


VIEWERS = ["/docs/all", "/docs/property", "/docs/gateway", "/redoc"]


@pytest.mark.parametrize("page", VIEWERS)
def test_a_page_and_all_it_loads_come_from_the_gateway(door, page):
    answer = door.http.get(page)

    assert answer.headers["content-type"].startswith("text/html")
    assert 'lang="zh-CN"' in answer.text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/")
        assert door.http.get(address).status_code == 200, address


@pytest.mark.parametrize("path", ["/docs", *VIEWERS, "/docs/swagger.js", "/docs/redoc.js"])
def test_nothing_we_wrote_names_another_host(door, path):
    assert EXTERNAL.search(door.http.get(path).text) is None


@pytest.mark.parametrize("page", ["/docs", *VIEWERS])
def test_the_browser_is_told_to_load_from_nowhere_else(door, page):
    policy = door.http.get(page).headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "http" not in policy
    assert "<script>" not in door.http.get(page).text


def test_no_validator_is_asked(door):
    assert "validatorUrl: null" in door.http.get("/docs/swagger.js").text


def test_the_filter_looks_into_what_people_read(door):
    script = door.http.get("/docs/swagger.js").text
    assert "opsFilter" in script
    assert '"summary"' in script
    assert '"description"' in script


def test_every_word_that_is_replaced_is_one_of_the_viewer_s(door):
    [table] = re.findall(r"const words = \{(.*?)\};", door.http.get("/docs/swagger.js").text, re.DOTALL)
    bundle = (ASSETS / "swagger-ui-bundle.js").read_text()
    words = dict(re.findall(r'"([^"]+)": "([^"]+)"', table))
    assert len(words) > 30
    for word, shown in words.items():
        assert re.search(f'"{re.escape(word)} ?"|null,"{re.escape(word)}', bundle), word
        assert not shown.isascii()


def test_a_service_s_page_shows_its_own_document_alone(door):
    page = door.http.get("/docs/property").text
    assert 'data-document="/docs/property/openapi.json"' in page
    assert "<title>物业服务" in page
    made = door.http.get("/docs/property/openapi.json").json()
    assert made["paths"].keys() == PROPERTY["paths"].keys()
    assert made["info"] == PROPERTY["info"]
    assert [tag["name"] for tag in made["tags"]] == ["企业", "摸排"]
    assert made["paths"]["/property/v1/surveys"]["get"]["tags"] == ["摸排"]
    assert (
        made["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["tokenUrl"]
        == "/auth/v1/token"
    )
    own = door.http.get("/docs/gateway/openapi.json").json()
    assert "/auth/v1/token" in own["paths"]


def test_a_service_s_document_is_compressed_and_not_sent_again(door):
    first = door.http.get("/docs/property/openapi.json")
    assert first.headers["content-encoding"] == "gzip"
    again = door.http.get("/docs/property/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/docs/{}", "/docs/{}/openapi.json"])
def test_a_service_that_is_away_is_not_said_to_be_none(door, path):
    assert door.http.get(path.format("credit")).status_code == 503
    answer = door.http.get(path.format("weather"))
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:dongsheng:problem:no-such-path")


class TestIndex:
    def rows(self, door, q):
        return re.findall(
            '<a href="/docs/property#/([^"]+)">([^<]+)</a>', door.http.get("/docs", params={"q": q}).text
        )

    def test_it_lists_services_with_their_tags_in_the_users_order_and_who_is_away(self, door):
        page = door.http.get("/docs").text
        assert re.findall('<h2><a href="/docs/([a-z]+)">', page) == ["gateway", "property"]
        assert [name for _, name in self.rows(door, "")] == ["企业", "摸排"]
        assert "没有应答：credit" in page
        assert "共 3 个接口" in page

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("摸排", ["提交 &lt;摸排&gt; 表", "列出摸排"]),
            ("列出 摸排", ["列出摸排"]),
            ("逐格", ["提交 &lt;摸排&gt; 表"]),
            ("p-1.2", ["提交 &lt;摸排&gt; 表"]),
            ("/V1/COMPANIES", ["查询物业企业"]),
            ("list_companies", ["查询物业企业"]),
            ("列出 企业", []),
        ],
    )
    def test_every_word_is_looked_for_in_what_people_read(self, door, q, found):
        assert [name for _, name in self.rows(door, q)] == found

    def test_a_result_leads_to_its_place_on_the_service_s_page(self, door):
        assert [unquote(place) for place, _ in self.rows(door, "列出")] == ["摸排/property_list_surveys"]

    def test_what_is_asked_for_becomes_no_markup(self, door):
        page = door.http.get("/docs", params={"q": '"><script>'}).text
        assert "<script>" not in page
        assert "没有找到" in page


def test_scripts_are_shipped_with_the_gateway():
    assert {path.name for path in SCRIPTS.iterdir()} == {"redoc.js", "swagger.js"}


def test_the_root_leads_people_to_the_pages_where_the_console_is_named(gateway, dead_address):
    door = gateway({"console": "https://www.example.gov.cn"}, property=dead_address)
    answer = door.http.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "https://www.example.gov.cn")
