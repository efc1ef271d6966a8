"""What Debian's `prometheus` says of deploy/monitoring: promtool, and the server itself."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.figures import read

ROOT = Path(__file__).parents[1]
MONITORING = ROOT / "deploy" / "monitoring"
RULES = MONITORING / "alerts.yml"
PROMTOOL, SERVER = shutil.which("promtool"), shutil.which("prometheus")
#: CI has it: what is not shown there is not shown.
needs_prometheus = pytest.mark.skipif(
    not (PROMTOOL and SERVER) and "CI" not in os.environ,
    reason="needs promtool and prometheus (apt-get install prometheus)",
)

#: Names of figures in an expression: words before a brace, a bracket or an operator that are no function or keyword.
_WORD = re.compile(r"\b[a-z_][a-z0-9_]*\b(?!\s*\()")
_WITHOUT = re.compile(
    r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)|\b\d+\w*'
)
_KEYWORDS = {"and", "or", "unless", "offset", "bool"}
_LABELS = re.compile(r"([a-z_][a-z0-9_]*)\{([^}]*)\}")

Series = Mapping[str, str]


def alerts() -> dict[str, dict[str, Any]]:
    """The rules by name, as they are read."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def named(expression: str) -> set[str]:
    """The figures that an expression names."""
    return set(_WORD.findall(_WITHOUT.sub(" ", expression))) - _KEYWORDS


def narrowed(expression: str) -> dict[str, set[str]]:
    """The labels by which an expression narrows figures, by figure."""
    found: dict[str, set[str]] = {}
    for name, inside in _LABELS.findall(expression):
        found.setdefault(name, set()).update(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", inside))
    return found


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What promtool says."""
    assert PROMTOOL, "promtool is missing: apt-get install prometheus"
    return subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False, timeout=60)


def judged(
    folder: Path, tests: Iterable[dict[str, Any]], step: str = "1m"
) -> subprocess.CompletedProcess[str]:
    """What `promtool test rules` says of the alert rules with these tests."""
    file = folder / "tests.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": step, "tests": list(tests)})
    )
    return promtool("test", "rules", str(file))


def made(series: Series, step: str = "1m", **expected: Any) -> dict[str, Any]:
    """A test in promtool's form."""
    given = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": step, "input_series": given, **expected}


def is_firing(alert: str, at: str, *, fires: bool) -> list[dict[str, Any]]:
    """What promtool is to find of an alert at a time."""
    said = f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) > bool 0'
    return [{"expr": said, "eval_time": at, "exp_samples": [{"labels": "{}", "value": 1}] if fires else []}]


def series_of(told: Iterable[tuple[str, int]], **labels: str) -> dict[str, str]:
    """What was scraped, as series: each text for so many minutes, one after another; labels: those of the target."""
    texts = list(told)
    found: dict[str, list[str]] = {}
    for place, (text, minutes) in enumerate(texts):
        for (name, key), value in read(text).items():
            tokens = found.setdefault(_written(name, {**labels, **dict(key)}), [])
            tokens += [
                f"_x{each - 1}" for _, each in texts[len(tokens) : place]
            ]  # a sample that was not there
            tokens.append(f"{value!r}+0x{minutes - 1}")
    for tokens in found.values():
        tokens += [f"_x{each - 1}" for _, each in texts[len(tokens) :]]
    return {name: " ".join(tokens) for name, tokens in found.items()}


def _written(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(
        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(labels.items())
    )
    return f"{name}{{{inside}}}"


def firing(folder: Path, series: Series, at: int) -> set[str]:
    """The alerts that fire at a minute."""
    asked = [{"eval_time": f"{at}m", "expr": 'ALERTS{alertstate="firing"}', "exp_samples": []}]
    said = judged(folder, [made(series, promql_expr_test=asked)])
    return set(re.findall(r'alertname="(\w+)"', said.stdout + said.stderr))


def dashboard() -> dict[str, Any]:
    """The Grafana dashboard."""
    found: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text())
    return found


def queries() -> dict[str, str]:
    """What the dashboard's panels ask, by panel and query; what Grafana puts in stands in it."""
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        .replace("$__rate_interval", "1m")
        .replace("$part", ".*")
        for panel in dashboard()["panels"]
        for target in panel.get("targets", ())
    }


def grouped(expression: str) -> set[str]:
    """The labels by which an expression groups."""
    found = re.findall(r"\bby\s*\(([^)]*)\)", expression)
    return {label.strip() for each in found for label in each.split(",")}
