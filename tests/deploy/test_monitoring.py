"""Alert rules and dashboard: read by promtool, fired by series, and about figures that there are."""

import re
from pathlib import Path

import pytest
import yaml

from tests.monitoring import (
    MONITORING,
    ROOT,
    RULES,
    alerts,
    dashboard,
    is_firing,
    judged,
    made,
    named,
    needs_prometheus,
    promtool,
    queries,
)

CASES = yaml.safe_load(Path(__file__).with_name("alerts.yaml").read_text())
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
#: What a template of an annotation may say.
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}")


@needs_prometheus
def test_configuration_and_rules_are_read_by_promtool():
    for arguments in (("check", "config", MONITORING / "prometheus.yml"), ("check", "rules", RULES)):
        said = promtool(*map(str, arguments))
        assert said.returncode == 0, said.stdout + said.stderr


def test_every_alert_has_its_series():
    assert CASES.keys() == alerts().keys()


@needs_prometheus
@pytest.mark.parametrize("alert", CASES)
def test_an_alert_fires_and_just_below_it_does_not(alert, tmp_path):
    case = CASES[alert]
    at, step = case["at"], case.get("step", "1m")
    both = [
        made(case[kind], step, promql_expr_test=is_firing(alert, at, fires=kind == "fires"))
        for kind in ("fires", "silent")
    ]
    said = judged(tmp_path, both, step)
    assert said.returncode == 0, said.stdout + said.stderr


@needs_prometheus
@pytest.mark.parametrize("alert", CASES)
def test_what_an_alert_says_is_whole(alert, tmp_path):
    """promtool tells what it got where it was to get nothing, with the words as they are sent."""
    case = CASES[alert]
    step = case.get("step", "1m")
    nothing = [{"eval_time": case["at"], "alertname": alert, "exp_alerts": []}]
    said = judged(tmp_path, [made(case["fires"], step, alert_rule_test=nothing)], step)
    got = (said.stdout + said.stderr).partition("got:")[2]
    assert alert in got, said.stdout + said.stderr
    assert "<error" not in got, got
    assert "<no value>" not in got, got
    assert not re.search(r"%!|\{\{", got), got


def test_every_alert_says_how_grave_it_is_what_to_do_and_where_more_is_said():
    for name, rule in alerts().items():
        assert rule["labels"].keys() == {"severity"}, name
        assert rule["labels"]["severity"] in ("critical", "warning"), name
        said = rule["annotations"]
        assert said.keys() == {"summary", "description", "runbook_url"}, name
        for words in (said["summary"], said["description"]):
            assert re.search("[一-鿿]", words), name
        assert said["runbook_url"] == f"docs/operations.md#{name.lower()}"


def test_every_alert_has_a_section_in_the_handbook_and_every_section_an_alert():
    part = OPERATIONS.partition("\n## What each alert means and what to do\n")[2].partition("\n## ")[0]
    sections = re.findall(r"^### (\w+)\n\n(.+)", part, re.MULTILINE)
    assert [name for name, _ in sections] == list(alerts())
    assert all(len(text) > 60 for _, text in sections)


ROWS = ["是否可用", "诉求", "事故报告", "事件投递", "审计", "队列与连接池", "备份", "市 12345 平台"]


def test_the_dashboard_has_its_rows_and_every_panel_a_chinese_title_a_place_and_the_chosen_source():
    shown = dashboard()
    assert (shown["uid"], shown["schemaVersion"] >= 38) == ("dongsheng", True)
    assert [each["title"] for each in shown["panels"] if each["type"] == "row"] == ROWS
    assert [each["name"] for each in shown["templating"]["list"]] == ["datasource", "part"]
    ids = [each["id"] for each in shown["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in shown["panels"]:
        assert re.search("[一-鿿]", panel["title"]), panel["title"]
        for target in panel.get("targets", ()):
            assert (
                target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            )


def test_no_panel_lies_on_another():
    taken = {}
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


@needs_prometheus
def test_every_query_of_the_dashboard_is_read_by_promtool(tmp_path):
    rules = [{"record": f"panel:{n}", "expr": query} for n, query in enumerate(queries().values())]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    said = promtool("check", "rules", str(file))
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{len(rules)} rules found" in said.stdout


def test_what_an_alert_rests_on_is_shown_on_the_dashboard():
    shown = {name for query in queries().values() for name in named(query)}
    for alert, rule in alerts().items():
        assert named(rule["expr"]) <= shown, alert
