"""Metrics, alarms, commands and settings named in the operations' files exist."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

import app.gauges
import app.server  # noqa: F401 - registers the metrics of web and worker
from app.arguments import parser

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
DASHBOARD = DEPLOY / "grafana-dashboard.json"
ALERTS = DEPLOY / "prometheus-alerts.yaml"
MANUAL = ROOT / "docs" / "operations.md"
SUFFIXES = ("_bucket", "_sum", "_count")


def _exposed() -> set[str]:
    """The names of all samples on the private port, with or without labels."""
    names: set[str] = set()
    for metric in REGISTRY.collect():
        if metric.name.startswith("fenmall_"):
            names.add(metric.name)
            if metric.type == "counter":
                names.add(f"{metric.name}_total")
            if metric.type == "histogram":
                names.update(metric.name + suffix for suffix in SUFFIXES)
    return names


def _expressions() -> list[str]:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return shown + [rule["expr"] for rule in rules]


def test_every_metric_of_the_dashboard_and_the_alarms_is_registered() -> None:
    named = {name for expr in _expressions() for name in re.findall(r"fenmall_[a-z_]+", expr)}
    assert len(named) > 15
    assert named - _exposed() == set()


def test_the_manual_lists_exactly_the_metrics() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    named = set(re.findall(r"`(fenmall_[a-z_]+)`", text))
    assert named - _exposed() == set()
    families = {re.sub("_total$", "", name) for name in named}
    ours = {m.name for m in REGISTRY.collect() if m.name.startswith("fenmall_")}
    assert ours - families == set()


def test_the_manual_explains_every_alarm() -> None:
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
    explained = re.findall(r"^\| `(Fenmall\w+)`", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)
    assert explained == [rule["alert"] for rule in rules]


def test_every_command_in_the_manual_exists() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    commands = re.findall(r"python -m app ([a-z][^`\n\]]*)", text)
    assert len(commands) > 15
    for command in commands:
        words = shlex.split(command)
        words = ["2026-11-22" if w.startswith("备份那天") else w for w in words]
        words = ["2026-11-22T03:30+08:00" if w == "时刻" else w for w in words]
        parser().parse_args(words)


@pytest.mark.parametrize("name", ["systemd/fenmall.env.example"])
def test_every_variable_of_the_example_belongs_to_the_configuration(name: str) -> None:
    known = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "config.yaml").read_text("utf-8")))
    given = re.findall(r"^([A-Z0-9_]+)=", (DEPLOY / name).read_text("utf-8"), re.MULTILINE)
    assert set(given) - known == set()
    required = {"FENMALL_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "WECHAT_SECRET", "PAY_MCHID"}
    assert required <= set(given)


def test_all_files_named_by_docker_exist() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = {w for line in re.findall(r"^COPY --chown.*$", text, re.MULTILINE)
              for w in line.split()[2:-1]}  # fmt: skip
    assert copied >= {"admin", "app", "bot", "domain", "gateways", "kernel", "mall_h5"}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    assert {"web", "worker", "migrate", "backup", "nginx", "db", "redis"} <= set(services)
