"""A real Prometheus watches the running set by the files of deploy/monitoring: what they name is there, and rules come true."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import psycopg
import pytest
import yaml
from prometheus_client import generate_latest

import adapter.metrics  # noqa: F401 - whose figures are made when it is imported
from deploy.lifeline import tied
from deploy.tokens import read_environment
from tests.figures import read
from tests.monitoring import (
    MONITORING,
    ROOT,
    RULES,
    SERVER,
    alerts,
    grouped,
    named,
    narrowed,
    needs_prometheus,
    queries,
)
from tests.scenarios.district import District, free_ports
from tests.scenarios.door import eventually

pytestmark = [pytest.mark.processes, needs_prometheus]

#: Told by others than the set: Prometheus itself, the node exporter, and what backups leave behind for it.
OTHERS = ("up", "scrape_", "node_", "dongsheng_backup_")
#: What fires only where something of a service is wrong.
WRONG = {"GatewayDown", "ServiceDown", "DatabaseDown", "CircuitOpen", "WorkerGone", "FiguresMissing"}
#: Panels that show what takes months to come true; tests/credit and tests/lawstudy show its kinds.
SLOW = {"其他超过期限的 A"}


class Watch:
    """A Prometheus with the project's configuration, by the second."""

    def __init__(self, district: District, folder: Any) -> None:
        [port] = free_ports(1)
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10)
        file = folder / "prometheus.yml"
        file.write_text(yaml.safe_dump(self._configuration(district)))
        command = [
            str(SERVER), f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}", "--log.level=error",
            f"--web.listen-address=127.0.0.1:{port}",
        ]  # fmt: skip
        self.process = subprocess.Popen(**tied(command))

    @staticmethod
    def _configuration(district: District) -> dict[str, Any]:
        said: dict[str, Any] = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
        del said["alerting"]
        every = {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"}
        said |= {"global": every, "rule_files": [str(RULES)]}
        said["scrape_configs"] = [each for each in said["scrape_configs"] if each["job_name"] == "dongsheng"]
        for target in said["scrape_configs"][0]["static_configs"]:
            port = district.settings[f"{target['labels']['part']}_PORT".upper()]
            target["targets"] = [f"127.0.0.1:{port}"]
        return said

    def is_ready(self) -> bool:
        """Whether it answers; just after its start it says that it does not yet."""
        try:
            return self.http.get("/status/buildinfo").status_code == 200 and not self._ask("up").is_error
        except httpx2.TransportError:
            return False

    def _ask(self, query: str) -> httpx2.Response:
        return self.http.get("/query", params={"query": query})

    def ask(self, query: str) -> list[dict[str, Any]]:
        """What a query finds now."""
        answer = self._ask(query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def was_true(self, alert: str, seconds: float = 60, **labels: str) -> bool:
        """Whether an alert's expression was true within the last seconds."""
        inside = "".join(f', {name}="{value}"' for name, value in labels.items())
        return bool(
            self.ask(f'count_over_time(ALERTS{{alertname="{alert}"{inside}}}[{round(seconds) + 1}s])')
        )

    def labels(self, figure: str) -> set[str]:
        """The labels of a figure's samples."""
        found = self.http.get("/series", params={"match[]": figure}).json()["data"]
        return {name for each in found for name in each}

    def close(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def watch(district, tmp_path) -> Iterator[Watch]:
    made = Watch(district, tmp_path)
    try:
        assert eventually(made.is_ready, 30), "Prometheus does not start"
        assert eventually(lambda: len(made.ask('up{job="dongsheng"} == 1')) == 6, 30)
        yield made
    finally:
        made.close()


def test_what_rules_and_dashboard_name_is_told_and_rules_come_true_of_what_happens(district, watch):
    # Another test may just have killed something.
    assert eventually(lambda: not any(watch.was_true(name, 4) for name in WRONG), 60)
    with district.client("hotline") as hotline, district.client("operator") as operator:
        _go_wrong(district, hotline, operator)
        assert eventually(lambda: watch.was_true("AccidentReportOverdue", item="phone-report"), 10)
        assert eventually(lambda: watch.was_true("JobsFailed", part="office", task="spoilt"), 10)
        _lose(district, watch)
        _check_names(district)
        _check_labels(watch)
        for place, query in queries().items():
            if place not in SLOW and not any(_is_of_others(name) for name in named(query)):
                assert eventually(lambda query=query: watch.ask(query), 10), place
        rules = watch.http.get("/rules").json()["data"]["groups"]
        assert {rule["health"] for group in rules for rule in group["rules"]} == {"ok"}
        _put_right(district, operator)


def _sql(district: District, service: str, statement: str) -> None:
    url = read_environment(district.var)[f"{service}_DATABASE_URL".upper()].replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(statement.encode())


def _go_wrong(district: District, hotline: httpx2.Client, operator: httpx2.Client) -> None:
    """A request that nobody signed, an accident whose report is late, a job that failed, a receiver that is not there."""
    call = {"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道"}
    number = hotline.post("/dispatch/v1/requests", json=call).json()["number"]
    late = "UPDATE dispatch_legs SET sign_due_at = now() - interval '1 hour' WHERE request_id ="
    _sql(district, "property", f"{late} (SELECT id FROM dispatch_requests WHERE number = '{number}')")
    body = {"unit": "示例煤业公司", "place": "2 号井", "division": "铜川镇", "occurred_at": "now"}
    answer = operator.post("/emergency/v1/incidents", json=body)
    assert answer.status_code == 201, answer.text
    _sql(
        district,
        "emergency",
        "UPDATE incident_deadlines SET due = now() - interval '1 minute' WHERE deadline = 'phone-report' AND incident_id ="
        f" (SELECT id FROM incidents WHERE number = '{answer.json()['number']}')",
    )
    _sql(
        district,
        "office",
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'spoilt', 'failed')",
    )
    receiver = {
        "name": "不在",
        "url": "https://receiver.example/hooks",
        "types": ["*"],
        "secret": "whsec_" + "A" * 32,
    }
    answer = operator.post("/office/v1/subscriptions", json=receiver)
    assert answer.status_code == 201, answer.text


def _put_right(district: District, operator: httpx2.Client) -> None:
    _sql(district, "office", "DELETE FROM procrastinate_jobs WHERE task_name = 'spoilt'")
    _sql(district, "office", "DELETE FROM subscriptions WHERE name = '不在'")
    _sql(
        district,
        "emergency",
        "UPDATE incident_deadlines SET due = now() + interval '20 minutes' WHERE deadline = 'phone-report' AND done_at IS NULL",
    )


def _lose(district: District, watch: Watch) -> None:
    """Kill a service under those who ask it, until that was seen; then wait for it."""
    began = time.monotonic()
    with district.client("viewer") as viewer:

        def seen() -> bool:
            viewer.get("/lawstudy/v1/plans")
            since = time.monotonic() - began
            return watch.was_true("ServiceDown", since, part="lawstudy") and watch.was_true(
                "CircuitOpen", since, service="lawstudy"
            )

        for _ in range(4):
            os.kill(district.pid("lawstudy"), signal.SIGKILL)
            if eventually(seen, 6):
                break
        assert seen()
        assert eventually(lambda: viewer.get("/lawstudy/v1/plans").status_code == 200, 20)


def _is_of_others(name: str) -> bool:
    return name.startswith((*OTHERS, "adapter_"))


def _check_names(district: District) -> None:
    """Every figure that is named is told by a part of the set, by the adapter, or by others; the handbook has all."""
    told = _names(generate_latest().decode())
    for name, port in district.settings.items():
        if name.endswith("_PORT") and name != "LOCAL_POSTGRES_PORT":
            told |= _names(httpx2.get(f"http://127.0.0.1:{port}/metrics").text)
    own = {
        name
        for name in told
        if not name.startswith(("process_", "python_")) and not name.endswith("_created")
    }
    handbook = (ROOT / "docs" / "operations.md").read_text()
    families = {re.sub("_(bucket|count|sum)$", "", name) for name in own}
    assert {name for name in families if f"`{name}`" not in handbook} == set()
    asked = {
        name
        for query in (*queries().values(), *(rule["expr"] for rule in alerts().values()))
        for name in named(query)
    }
    assert {name for name in asked - told if not name.startswith(OTHERS)} == set()


def _names(told: str) -> set[str]:
    """The figures that there are, those without a sample as yet too."""
    return {name for name, _ in read(told)} | set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))


def _check_labels(watch: Watch) -> None:
    for rule in alerts().values():
        if any(_is_of_others(name) for name in named(rule["expr"])):
            continue
        there = {name: watch.labels(name) for name in named(rule["expr"])}
        for name, labels in narrowed(rule["expr"]).items():
            assert labels <= there[name], (rule["alert"], name, there[name])
        assert grouped(rule["expr"]) <= set().union(*there.values()), rule["alert"]
