"""The production libraries, as deploy/requirements.lock pins them for the image."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "deploy" / "requirements.lock"

#: The image, whatever machine this runs on; the lock is resolved for Python 3.11 and newer.
IMAGE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}


@dataclass(frozen=True)
class Pin:
    """A library in one version; one of the hashes (SHA-256) is that of the wheel in the image."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pins(lock: Path = LOCK) -> list[Pin]:
    """What the lock installs into the image, by name."""
    blocks = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
    read = [re.split(r"\s*\\?\s*--hash=sha256:", block) for block in blocks]
    found = [(Requirement(head), tuple(sorted(hashes))) for head, *hashes in read]
    return sorted(
        (
            Pin(canonicalize_name(wanted.name), str(wanted.specifier).removeprefix("=="), hashes)
            for wanted, hashes in found
            if wanted.marker is None or wanted.marker.evaluate(IMAGE)
        ),
        key=lambda pin: pin.name,
    )
