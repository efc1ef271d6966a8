"""What an image, or the folder of a root file system, holds by its own records."""

import subprocess
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import parse_wheel_filename

#: Read by a shell, the image's own where it is one: nothing of it is started. Sections end with NUL. A Python that is no
#: package is that of the official images.
LOOK = r"""
cd "$0" && cat etc/os-release && printf '\0' && cat var/lib/dpkg/status && printf '\0' || exit
for library in opt/dongsheng/lib/python3*/site-packages/*.dist-info; do [ -e "$library" ] && echo "${library##*/}"; done
printf '\0'
sed -n 's/^#define PY_VERSION[[:space:]]*"\(.*\)"$/\1/p' usr/local/include/python3*/patchlevel.h 2> /dev/null || :
"""
OWN = "dongsheng"


class Unreadable(Exception):
    """There is no such image or folder, or it is not one of Debian's."""


@dataclass(frozen=True)
class Package:
    """A Debian package that is installed."""

    name: str
    version: str
    architecture: str


@dataclass(frozen=True)
class Held:
    """The system with its packages, the libraries as NAME==VERSION, and a Python that is no package."""

    system: str
    release: str
    packages: tuple[Package, ...]
    libraries: frozenset[str]
    python: str


def look(image: str) -> Held:
    """What the image holds, or the folder of a root file system. Raises `Unreadable`."""
    docker = [
        "docker",
        "run",
        "--rm",
        "--pull",
        "never",
        "--network",
        "none",
        "--entrypoint",
        "sh",
        image,
        "-c",
        LOOK,
        "/",
    ]
    command = ["sh", "-c", LOOK, image] if Path(image).is_dir() else docker
    try:
        done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
    except FileNotFoundError as missing:
        raise Unreadable(f"{image} is no folder, and there is no docker to ask for an image") from missing
    if done.returncode:
        raise Unreadable(f"{image} is no folder or image with Debian's packages: {done.stderr.strip()}")
    release, status, libraries, python = done.stdout.split("\0")
    system = dict(line.split("=", 1) for line in release.splitlines() if "=" in line)
    return Held(
        system=system.get("ID", "").strip('"'),
        release=system.get("VERSION_ID", "").strip('"'),
        packages=_packages(status),
        libraries=frozenset(map(_library, libraries.split())) - {OWN},
        python=python.strip(),
    )


def _packages(status: str) -> tuple[Package, ...]:
    """What dpkg's own record says is installed; what was removed stays in it as `config-files`."""
    stanzas = [HeaderParser().parsestr(stanza) for stanza in status.strip().split("\n\n")]
    return tuple(
        Package(each["Package"], each["Version"], each["Architecture"])
        for each in stanzas
        if each["Status"] == "install ok installed"
    )


def _library(folder: str) -> str:
    """NAME==VERSION of a folder NAME-VERSION.dist-info, the name as locks have it; of our own its name alone."""
    name, known, *_ = parse_wheel_filename(folder.removesuffix(".dist-info") + "-py3-none-any.whl")
    return OWN if name == OWN else f"{name}=={known}"
