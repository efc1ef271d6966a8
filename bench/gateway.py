"""The gateway's pass-through against nginx in front of the same bare service.

    python -m bench.gateway [--rounds 5] [--seconds 3] [--check 0.4]

Needs Debian's packages nginx and wrk; without them it says so and is done. Each process has one worker, all
talk over 127.0.0.1, and the gateway checks a token with every request. Rounds are interleaved, so that what else
the machine does meets all alike. With --check it fails when the gateway does less than that share of nginx's
requests per second at 16 connections.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.processes import free_ports, megabytes, running
from gateway.keys import load_signing_key, make_keys
from gateway.settings import GatewaySettings
from kit.web.caller import Caller
from kit.web.tokens import sign

CONNECTIONS = (1, 16)
_PATH = "/property/v1/compounds"
_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  upstream bare {{ server 127.0.0.1:{bare}; keepalive 64; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://bare; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@dataclass(frozen=True)
class Measured:
    """One run of wrk: requests per second, the median latency in milliseconds, and how many were answered."""

    rate: float
    latency: float
    answered: int


Runs = dict[tuple[str, int], list[Measured]]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="The gateway's pass-through against nginx.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--check", type=float, help="fail below this share of nginx at 16 connections")
    arguments = parser.parse_args()
    share = measure(arguments.rounds, arguments.seconds)
    if share is not None and arguments.check is not None and share < arguments.check:
        sys.exit(f"the gateway does {share:.2f} of nginx, less than {arguments.check:g}")


def measure(rounds: int, seconds: int) -> float | None:
    """Measure and print; the gateway's share of nginx's requests at 16 connections, None where it was skipped."""
    missing = [tool for tool in ("nginx", "wrk") if shutil.which(tool) is None]
    if missing:
        print(
            f"gateway: skipped, as {' and '.join(missing)} cannot be found (apt-get install nginx-light wrk)"
        )
        return None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dongsheng-bench-")))
        bare, nginx, gateway = free_ports(3)
        stack.enter_context(running(asgi("bench.bare:app", bare), bare))
        stack.enter_context(running(_nginx(folder, nginx, bare), nginx))
        environment, token = _prepared(folder, gateway, bare)
        door = stack.enter_context(running([sys.executable, "-m", "gateway", "serve"], gateway, environment))
        ports = {"bare service": bare, "nginx": nginx, "gateway": gateway}
        runs = _rounds(ports, token, rounds, seconds)
        memory = megabytes(door.pid)
    share = _share(runs, 16)
    _print(runs, memory, rounds, seconds)
    return share


def _rounds(ports: dict[str, int], token: str, rounds: int, seconds: int) -> Runs:
    runs: Runs = {(name, connections): [] for name in ports for connections in CONNECTIONS}
    for port in ports.values():
        _wrk(port, 16, 1, token)  # nobody is measured cold
    for _ in range(rounds):
        for connections in CONNECTIONS:
            for name, port in ports.items():
                runs[name, connections].append(_wrk(port, connections, seconds, token))
    return runs


def _wrk(port: int, connections: int, seconds: int, token: str) -> Measured:
    return wrk(f"http://127.0.0.1:{port}{_PATH}", connections, seconds, token)


def wrk(
    url: str, connections: int, seconds: int, token: str | None = None, script: Path | None = None
) -> Measured:
    """One run of wrk, with a Lua script where one is given. Ends the program unless every answer is 2xx."""
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-H", f"Authorization: Bearer {token}"] if token else []
    command += ["-s", str(script)] if script else []
    command += [url]
    written = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    if "Non-2xx" in written or "Socket errors" in written:
        sys.exit(f"not every request was answered:\n{written}")
    rate, latency, answered = (
        re.search(r"Requests/sec:\s+([\d.]+)", written),
        re.search(r"50%\s+([\d.]+)(us|ms|s)", written),
        re.search(r"(\d+) requests in", written),
    )
    assert rate is not None
    assert latency is not None
    assert answered is not None
    milliseconds = float(latency[1]) * {"us": 0.001, "ms": 1, "s": 1000}[latency[2]]
    return Measured(float(rate[1]), milliseconds, int(answered[1]))


def _share(runs: Runs, connections: int) -> float:
    """The gateway's share of nginx: the median over the rounds, as the two of one round met the same load."""
    pairs = zip(runs["gateway", connections], runs["nginx", connections], strict=True)
    return median(gateway.rate / nginx.rate for gateway, nginx in pairs)


def _print(runs: Runs, memory: int | None, rounds: int, seconds: int) -> None:
    print(f"\nPass-through, medians of {rounds} interleaved rounds of {seconds} s, one worker each\n")
    print(f"| {'':12} | {'1 connection':>14} | {'16 connections':>14} | {'p50 at 16':>10} |")
    print(f"|{'-' * 14}|{'-' * 15}:|{'-' * 15}:|{'-' * 11}:|")
    for name in ("bare service", "nginx", "gateway"):
        one, many = (median(run.rate for run in runs[name, connections]) for connections in CONNECTIONS)
        latency = median(run.latency for run in runs[name, 16])
        print(f"| {name:12} | {one:>12,.0f}/s | {many:>12,.0f}/s | {latency:>7.2f} ms |")
    print(f"| {'gateway/nginx':12} | {_share(runs, 1):>13.2f} | {_share(runs, 16):>14.2f} | {'':>10} |")
    if memory is not None:
        print(f"\nThe gateway's process holds {memory} MB.")


def asgi(app: str, port: int) -> list[str]:
    """The command that serves a small application with as little around it as can be."""
    options = ["--no-access-log", "--log-level", "warning", "--ws", "none", "--no-proxy-headers"]
    return [sys.executable, "-m", "uvicorn", app, "--port", str(port), *options]


def _nginx(folder: Path, port: int, bare: int) -> list[str]:
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port, bare=bare))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]


def _prepared(folder: Path, port: int, bare: int) -> tuple[dict[str, str], str]:
    """The gateway's environment, with keys and an empty list of clients, and a token that it takes."""
    return environment_of(folder, port, bare), keys_and_token(folder)


def environment_of(folder: Path, port: int, behind: int) -> dict[str, str]:
    """The environment of a gateway without clients, with the folder's keys, in front of what listens on a port."""
    (folder / "clients.yaml").write_text("clients: {}\n")
    return {
        "GATEWAY_PORT": str(port),
        "GATEWAY_TOKEN_JWKS": str(folder / "jwks.json"),
        "GATEWAY_SIGNING_KEY": str(folder / "signing.pem"),
        "GATEWAY_CLIENTS": str(folder / "clients.yaml"),
        "GATEWAY_UPSTREAMS": json.dumps({"property": f"http://127.0.0.1:{behind}"}),
        "GATEWAY_LOG_LEVEL": "WARNING",
        "GATEWAY_RATE": "1000000",
        "GATEWAY_BURST": "1000000",
    }


def keys_and_token(folder: Path, *scopes: str) -> str:
    """Keys in the folder as the gateway makes them, `jwks.json` for who checks tokens; and a token by them.

    scopes: of the token, besides reading and writing in the property service.
    """
    settings = GatewaySettings.model_validate(
        {
            "token_jwks": folder / "jwks.json",
            "signing_key": folder / "signing.pem",
            "clients": folder / "clients.yaml",
            "upstreams": {"property": "http://127.0.0.1"},
        }
    )
    make_keys(settings)
    caller = Caller(
        client="bench", name="测速", scopes=frozenset(("property:read", "property:write", *scopes))
    )
    return sign(caller, load_signing_key(settings), settings, lifetime=3600)


if __name__ == "__main__":
    main()
