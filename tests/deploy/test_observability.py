"""Alerts and dashboards look at metrics that there are; Prometheus looks at every process."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from prometheus_client import CollectorRegistry

from crm_platform.events.metrics import EventMetrics
from crm_platform.observability.metrics import RequestMetrics, watch_pool
from crm_platform.operations.metrics import OperationMetrics
from crm_runtime.topology import TOPOLOGY
from gateway.proxy.upstream import UpstreamCollector
from tests.deploy.containers import compose_file
from tests.deploy.manifests import ROOT

FOLDER = ROOT / "deploy" / "observability"
_METRIC = re.compile(r"\bcrm_\w+")


def _published() -> set[str]:
    """Every name under which a process of ours shows something."""
    registry = CollectorRegistry()
    EventMetrics(registry)
    OperationMetrics(registry)
    RequestMetrics(registry)
    watch_pool(registry, lambda: 0, lambda: 0)
    registry.register(UpstreamCollector(()))
    kinds = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    return {metric.name + end for metric in registry.collect() for end in kinds[metric.type]}


def _asked(file: Path) -> Iterator[str]:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        expressions = [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]
    else:
        expressions = [rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    for expression in expressions:
        yield from _METRIC.findall(expression)


def test_alerts_and_panels_ask_for_metrics_that_are_published() -> None:
    for file in (FOLDER / "alerts.yaml", FOLDER / "grafana" / "dashboards" / "guanxi.json"):
        asked = set(_asked(file))
        assert len(asked) > 5
        assert asked <= _published()


def test_prometheus_looks_at_every_process() -> None:
    groups = yaml.safe_load((FOLDER / "targets.yaml").read_text(encoding="utf-8"))
    targets = {(group["labels"]["service"], group["labels"]["part"]): group["targets"] for group in groups}
    wanted = {(one.name, "api"): [f"{one.name}:{one.api_port}"] for one in TOPOLOGY.deployables}
    wanted |= {(one.name, "worker"): [f"{one.worker_name}:{one.worker_port}"] for one in TOPOLOGY.deployables}
    assert targets == wanted
    prometheus = yaml.safe_load((FOLDER / "prometheus.yaml").read_text(encoding="utf-8"))
    assert prometheus["rule_files"] == ["alerts.yaml"]
    assert prometheus["scrape_configs"][0]["file_sd_configs"] == [{"files": ["targets.yaml"]}]


def test_traces_have_a_way_from_the_processes_to_where_they_are_looked_at() -> None:
    collector = yaml.safe_load((FOLDER / "otel-collector.yaml").read_text(encoding="utf-8"))
    pipeline = collector["service"]["pipelines"]["traces"]
    for kind in ("receivers", "processors", "exporters"):
        assert pipeline[kind] == list(collector[kind])
    assert collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].endswith(":4318")
    host, _, port = collector["exporters"]["otlp/jaeger"]["endpoint"].partition(":")
    assert host in compose_file()["services"]
    assert port == "4317"
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert "CRM_TRACE__OTLP_ENDPOINT=http://otel-collector:4318" in example


def test_everything_of_the_profile_is_off_unless_asked_for() -> None:
    services = compose_file()["services"]
    extra = {name for name, one in services.items() if one.get("profiles") == ["observability"]}
    assert extra == {"otel-collector", "jaeger", "prometheus", "grafana"}
    assert not [
        name for name, one in services.items() if name not in extra and extra & one.get("depends_on", {}).keys()
    ]
