"""The adapter as a process between a city's platform and the whole set: killed in the middle, nothing is lost or said twice."""

import json
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from deploy.lifeline import tied
from kit.district.clock import SHANGHAI
from tests.adapter.platform import APP, SECRET, LineDropped, MadeUpPlatform, order
from tests.scenarios.door import eventually

pytestmark = [pytest.mark.processes, pytest.mark.clause("P-2.2.2b")]


@pytest.fixture
def platform():
    """The made-up platform behind a real server. Its answers are made one after another."""
    made, turn = MadeUpPlatform(), threading.Lock()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            form = self.rfile.read(int(self.headers["content-length"])).decode()
            try:
                with turn:
                    body = made.answer(self.path, dict(parse_qsl(form, keep_blank_values=True)))
            except LineDropped:
                return
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def environment(district, platform, tmp_path):
    """What the process is told."""
    secret = (district.var / "secrets" / "clients" / "city-platform").read_text().strip()
    return district.environment | {
        "ADAPTER_PLATFORM": platform.url,
        "ADAPTER_APP_ID": APP,
        "ADAPTER_APP_SECRET": SECRET,
        "ADAPTER_GATEWAY": district.base,
        "ADAPTER_CLIENT_SECRET": secret,
        "ADAPTER_SOURCE": tmp_path.name[:30],  # its own in this set
        "ADAPTER_FOLDER": str(tmp_path / "adapter"),
        "ADAPTER_INTERVAL": "0.2",
    }


def _run(district, environment, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "adapter", *arguments],
        cwd=district.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _ago(minutes):
    return (datetime.now(SHANGHAI) - timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S")


def test_orders_go_in_and_answers_come_back_though_lines_drop_and_the_adapter_is_killed(
    district, platform, environment
):
    names = [f"{environment['ADAPTER_SOURCE']}-{number}" for number in range(8)]
    platform.add(*(order(name, at=_ago(3), KSDM=str(place)) for place, name in enumerate(names)))
    platform.fail("/order/list", "lost", "busy", "html")
    platform.fail("/order/reply", "lost", "unheard", "busy", "lost")

    def begin():
        return subprocess.Popen(
            **tied([sys.executable, "-m", "adapter", "serve"]),
            cwd=district.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
        )

    with district.client("operator") as http:

        def there():
            asked = {"source": environment["ADAPTER_SOURCE"], "limit": "50"}
            return http.get("/dispatch/v1/requests", params=asked).json()["items"]

        process = begin()
        try:
            assert eventually(lambda: len(there()) >= 1, 60)
            process.kill()
            process.wait()
            process = begin()
            assert eventually(lambda: len(there()) == len(names), 60)
            for request in there():
                path = f"/dispatch/v1/requests/{request['number']}"
                assert http.post(f"{path}/accept", json={}).status_code == 200
                assert http.post(f"{path}/answer", json={"note": "已更换灯泡。"}).status_code == 200
            assert eventually(lambda: platform.replies, 60)
            process.kill()
            process.wait()
            process = begin()
            assert eventually(
                lambda: all(("30", "已更换灯泡。") in platform.told(name) for name in names), 60
            )
            time.sleep(1)  # some passes more
        finally:
            process.terminate()
            assert process.wait(20) == 0
        assert sorted(request["external_number"] for request in there()) == sorted(names)
    for name in names:
        told = platform.told(name)
        assert len(set(told)) == len(told), "something was told twice"
        assert told[-1] == ("30", "已更换灯泡。")


def test_a_day_is_reconciled_by_a_command_whose_exit_status_says_how_it_went(district, platform, environment):
    day = datetime.now(SHANGHAI) - timedelta(days=1)
    number = f"{environment['ADAPTER_SOURCE']}-day"
    platform.add(order(number, at=day.strftime("%Y-%m-%d 12:00:00")))

    def reconciled():
        done = _run(district, environment, "reconcile", "--day", day.date().isoformat())
        return done.returncode, json.loads(done.stdout)

    status, found = reconciled()
    assert (status, [each["number"] for each in found["found"]], found["left"]) == (0, [number], [])
    assert found["here"] == found["there"]
    assert found["here"]["count"] == 1

    gone = platform.orders.pop()
    status, found = reconciled()
    assert (status, [each["number"] for each in found["left"]]) == (1, [number])

    platform.add(gone)
    platform.fail("/order/standings", "html")
    status, found = reconciled()
    assert (status, found) == (2, {"away": "unreadable"})


def test_a_pass_says_what_it_did(district, platform, environment):
    platform.add(order(f"{environment['ADAPTER_SOURCE']}-pass", at=_ago(1)))
    done = _run(district, environment, "pass")
    assert (done.returncode, json.loads(done.stdout)["taken"]) == (0, 1), done.stderr


def test_settings_that_are_missing_are_named(district, environment):
    lacking = {name: value for name, value in environment.items() if name != "ADAPTER_PLATFORM"}
    done = _run(district, lacking, "pass")
    assert done.returncode == 1
    assert "ADAPTER_PLATFORM" in done.stderr
