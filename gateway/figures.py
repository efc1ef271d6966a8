"""What the gateway tells Prometheus of its services: how much it asks of them, and which it does not ask."""

from collections.abc import Callable, Iterator

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.room import Room
from gateway.services import Services


class Figures(Collector):
    """Read when they are asked for: counting them costs a request nothing."""

    def __init__(self, services: Callable[[], Services], room: Room) -> None:
        self._services, self._room = services, room

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        services = self._services()
        yield GaugeMetricFamily("requests_in_flight", "Requests being worked on", value=self._room.taken)
        asked = GaugeMetricFamily("upstream_requests_in_flight", "Requests to a service", labels=["service"])
        waiting = GaugeMetricFamily(
            "upstream_requests_waiting", "Requests that wait for a connection", labels=["service"]
        )
        for name, pool in services.pools.items():
            asked.add_metric([name], pool.taken)
            waiting.add_metric([name], pool.waiting)
        is_open = GaugeMetricFamily(
            "upstream_circuit_open", "1 while a service is not asked", labels=["service"]
        )
        opened = CounterMetricFamily("upstream_circuit_opened", "Times that it opened", labels=["service"])
        for name, circuit in services.circuits.items():
            is_open.add_metric([name], circuit.state != "closed")
            opened.add_metric([name], circuit.opened)
        yield from (asked, waiting, is_open, opened)
