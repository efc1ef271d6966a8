"""The set of deploy/compose.yaml in containers, started one by one, with two gateways, so that each can be harmed alone."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import docker
import httpx2
import yaml
from docker.models.containers import Container
from docker.models.volumes import Volume
from sqlalchemy.engine import make_url
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from deploy.plan import ROOT, SERVICES, client_secrets
from deploy.tokens import ask_token, kept_environment
from tests.scenarios.district import free_ports
from tests.scenarios.door import Door, eventually

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
#: Seconds in which a process must be ready on a busy machine.
READY = 90.0


def together(do: Callable[[str], object], names: Iterable[str]) -> None:
    """Do something with each at once. Raises what the first of them raised."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(do, names))


class Containers(Door):
    """A set of its own; `start` it before use, `end` it afterwards. place: the folder that its containers mount."""

    def __init__(self, folder: Path) -> None:
        self.var = self.place = folder / "place"
        self.networks = {name: Network(docker_network_kw=kind) for name, kind in COMPOSE["networks"].items()}
        self.volumes: dict[str, Volume] = {}
        self.running: dict[str, Container] = {}
        self.ports: dict[str, int] = {}  # of this machine; the same when a container is started again
        self._ending = ExitStack()
        self._tokens: dict[str, str] = {}

    # ------------------------------------------------------------------------------ its life
    def start(self) -> None:
        """Start everything, and wait until both gateways say that all services are ready, and the console is."""
        self._make_place()
        for network in self.networks.values():
            self._ending.enter_context(network)
        for name in COMPOSE["volumes"]:
            self.volumes[name] = self._docker.volumes.create()
            self._ending.callback(self.volumes[name].remove)
        self.launch("postgres")
        self.wait_for_postgres()
        self.run("prepare")
        parts = [name for name in COMPOSE["services"] if name.removesuffix("-worker") in SERVICES]
        together(self.launch, parts)
        for name in ("gateway", "gateway-2"):
            self.launch(name, of="gateway", port=8000)
        self.launch("console", port=8001)
        self.wait()
        self.wait_for("console")

    def end(self) -> None:
        """Take everything away."""
        self._ending.close()

    def launch(self, name: str, *, of: str | None = None, port: int | None = None) -> Container:
        """Start a container as the compose file has it.

        of: the part that it is, where it is one more of a kind; port: of the container, to be reached from this machine.
        """
        part = of or name
        made = COMPOSE["services"][part]
        first, *others = made["networks"]
        container = (
            DockerContainer(_filled(made["image"]))
            .with_command(made["command"])
            .with_network(self.networks[first])
            .with_network_aliases(part)
            .with_kwargs(**self._options(made))
        )
        container.ports = self._published(name, port)
        container.tmpfs = dict.fromkeys(made.get("tmpfs", ()), "")
        for variable, value in made["environment"].items():
            container.with_env(variable, value)
        for host, inside, mode in self._mounts(made):
            container.with_volume_mapping(host, inside, mode)
        self._ending.callback(container.stop)
        container.start()
        wrapped = container.get_wrapped_container()
        for network in others:
            self._network(network).connect(wrapped, aliases=[part])
        self.running[name] = wrapped
        return wrapped

    def run(self, part: str, *command: str) -> str:
        """Run one of the set's tools to its end; what it printed. Fails where it fails."""
        made = COMPOSE["services"][part]
        (network,) = set(made["networks"]) - {"inside"}
        container = self._docker.containers.create(
            _filled(made["image"]),
            list(command) or made["command"],
            environment=made["environment"],
            volumes={host: {"bind": inside, "mode": mode} for host, inside, mode in self._mounts(made)},
            network=self.networks[network].name,
            tmpfs=dict.fromkeys(made.get("tmpfs", ()), ""),
            **self._options(made),
        )
        try:
            self._network("inside").connect(container)
            container.start()
            status = container.wait(timeout=300)["StatusCode"]
            said = container.logs().decode()
        finally:
            container.remove(force=True)
        assert status == 0, said
        return said

    def wait(self) -> None:
        """Wait until every gateway says that all services are ready."""
        for base in self.bases:
            assert eventually(partial(is_well, base), READY), self.logs()

    def wait_for_postgres(self) -> None:
        """Wait until the database answers."""
        ready = ["pg_isready", "--quiet", "--host=127.0.0.1", "--username=postgres"]
        found = eventually(lambda: self.running["postgres"].exec_run(ready).exit_code == 0, READY)
        assert found, self.running["postgres"].logs(tail=20).decode()

    def wait_for(self, name: str) -> None:
        """Wait until a process says that it is ready."""
        self._wait_for(self.running[name], name)

    def _wait_for(self, container: Container, name: str) -> None:
        port = COMPOSE["services"][name.partition("-")[0]]["healthcheck"]["test"][-1]
        base = f"http://{self._address(container, 'inside')}:{port}"
        assert eventually(partial(is_well, base), READY), container.logs(tail=20).decode()

    def replace(self, name: str) -> None:
        """Another process in the place of one, which is sent home once its successor is ready."""
        former = self.running[name]
        successor = self.launch(f"{name}-next", of=name)
        self.wait_for(f"{name}-next")
        former.stop(timeout=30)
        self.running[name] = successor
        del self.running[f"{name}-next"]

    def renew(self, name: str) -> None:
        """A process that ends and is started again; as by a balancer, nobody is sent to it until it is ready."""
        container = self.running.pop(name)
        container.stop(timeout=30)
        container.start()
        self._wait_for(container, name)
        self.running[name] = container

    @contextmanager
    def cut_off(self, name: str) -> Iterator[None]:
        """A container without its networks."""
        networks = [self._network(network) for network in COMPOSE["services"][name]["networks"]]
        for network in networks:
            network.disconnect(self.running[name])
        try:
            yield
        finally:
            for network in networks:
                network.connect(self.running[name], aliases=[name])

    def logs(self) -> str:
        """The last lines of all."""
        return "\n".join(
            f"{name}: {container.logs(tail=5).decode()}" for name, container in self.running.items()
        )

    # ------------------------------------------------------------------------------- its use
    @property
    def base(self) -> str:  # type: ignore[override]
        """Where the first gateway is reached from outside."""
        return self.bases[0]

    @property
    def bases(self) -> tuple[str, ...]:
        """Where each gateway that runs is reached."""
        gateways = [name for name in sorted(self.running) if name.startswith("gateway")]
        return tuple(f"http://127.0.0.1:{self.ports[name]}" for name in gateways)

    def token(self, name: str) -> str:
        """A token of one of the set's clients; asked for once, as the gateway gives out only so many a second."""
        if name not in self._tokens:
            secret = (client_secrets(self.place) / name).read_text()
            self._tokens[name] = ask_token(self.base, name, secret)
        return self._tokens[name]

    def database(self, service: str) -> str:
        """The address of a service's database, from this machine."""
        host = self._address(self.running["postgres"], "data")
        url = make_url(kept_environment(self.place)[f"{service}_DATABASE_URL".upper()])
        return url.set(drivername="postgresql", host=host).render_as_string(hide_password=False)

    # ------------------------------------------------------------------------------ its parts
    @cached_property
    def _docker(self) -> docker.DockerClient:
        return docker.from_env()

    def _network(self, name: str) -> Any:
        return self._docker.networks.get(self.networks[name].name)

    def _address(self, container: Container, network: str) -> str:
        container.reload()  # it may have another address since it was started again
        found = container.attrs["NetworkSettings"]["Networks"][self.networks[network].name]
        return str(found["IPAddress"])

    def _published(self, name: str, inside: int | None) -> dict[str, tuple[str, int]]:
        if inside is None:
            return {}
        if name not in self.ports:
            (self.ports[name],) = free_ports(1)
        return {f"{inside}/tcp": ("127.0.0.1", self.ports[name])}

    def _make_place(self) -> None:
        """The folder that is mounted, made as the handbook says."""
        self.place.mkdir(parents=True)
        made = COMPOSE["services"]["prepare"]
        self._docker.containers.run(
            _filled(made["image"]),
            ["python3", "-m", "deploy.place", "secrets"],
            user="0:0",
            environment={"LOCAL_FOLDER": "/place"},
            volumes={str(self.place): {"bind": "/place", "mode": "rw"}},
            network_mode="none",
            remove=True,
        )

    def _options(self, made: dict[str, Any]) -> dict[str, Any]:
        names = (
            "read_only",
            "cap_drop",
            "security_opt",
            "init",
            "mem_limit",
            "pids_limit",
            "shm_size",
            "stop_signal",
        )
        return {name: made[name] for name in names if name in made}

    def _mounts(self, made: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
        """What is mounted: host's path, the container's, and how."""
        for each in made.get("secrets", ()):
            given = {"source": each, "target": each} if isinstance(each, str) else each
            file = _filled(COMPOSE["secrets"][given["source"]]["file"], self.place)
            yield file, f"/run/secrets/{given['target']}", "ro"
        for each in made.get("volumes", ()):
            host, inside, *mode = _filled(each, self.place).split(":")
            volume = self.volumes.get(host)
            yield volume.name if volume else host, inside, (mode or ["rw"])[0]


def _filled(text: str, place: Path | None = None) -> str:
    """A text of the compose file with its variables: the folder's, a neighbour of it, or what they default to."""
    known = {**os.environ, "DONGSHENG_PLACE": str(place), "DONGSHENG_BACKUPS": f"{place}-backups"}
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: known.get(found[1]) or found[2], text)


def is_well(base: str) -> bool:
    """Whether a process says that it is ready; a gateway, that all services are."""
    try:
        return bool(httpx2.get(f"{base}/health/ready", timeout=5).json()["status"] == "ok")
    except (httpx2.HTTPError, ValueError):
        return False
