"""A container is nobody, writes nowhere, and reaches no other service's data."""

import httpx2
import psycopg
import pytest

from deploy.plan import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_cannot_read_another_ones_tables(containers, service):
    for other in set(SERVICES) - {service}:
        address = containers.database(service)
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(address.rpartition("/")[0] + f"/{other}")


@pytest.mark.parametrize("part", ["gateway", "console", "property", "property-worker", "lawstudy"])
def test_a_process_is_not_root_and_cannot_change_its_files(containers, part):
    container = containers.running[part]
    assert container.exec_run("id -u").output == b"10001\n"
    for place in ("/opt/dongsheng/own", "/etc/own", "/place/keys/public/own"):
        assert container.exec_run(["touch", place]).exit_code != 0
    assert container.exec_run(["touch", "/tmp/own"]).exit_code == 0


def test_only_the_gateway_sees_the_key_that_signs(containers):
    assert containers.running["gateway"].exec_run(["test", "-r", "/place/keys/signing.pem"]).exit_code == 0
    assert containers.running["property"].exec_run(["ls", "/place/keys"]).output == b"public\n"


def test_the_console_is_reached_from_outside_and_shows_where_to_sign_in(containers):
    console = f"http://127.0.0.1:{containers.ports['console']}"
    assert httpx2.get(f"{console}/health/ready", timeout=30).status_code == 200
    page = httpx2.get(f"{console}/sign-in", timeout=30)
    assert page.status_code == 200, page.text
    assert 'name="password"' in page.text
