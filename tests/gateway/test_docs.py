"""The documentation is read in a browser without a network beyond the gateway."""

import re

import pytest

EXTERNAL = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9.-]+", re.IGNORECASE)


@pytest.fixture
def door(gateway, dead_address):
    return gateway(property=dead_address)


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_and_all_it_loads_come_from_the_gateway(door, page):
    answer = door.http.get(page)

    assert answer.headers["content-type"].startswith("text/html")
    assert 'lang="zh-CN"' in answer.text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/")
        assert door.http.get(address).status_code == 200, address


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/swagger.js", "/docs/redoc.js"])
def test_nothing_we_wrote_names_another_host(door, path):
    assert EXTERNAL.search(door.http.get(path).text) is None


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
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
