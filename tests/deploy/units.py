"""Units of systemd as tests read them: what each says, with what all of them say, for an instance."""

from collections import defaultdict
from pathlib import Path

from deploy.plan import ROOT

UNITS = ROOT / "deploy" / "systemd"
COMMON = UNITS / "dongsheng-.service.d" / "common.conf"


def read(*files: Path) -> dict[str, list[str]]:
    """What unit files say, the later behind the earlier: `Section.Key` to its values, in order; an empty one forgets."""
    said: dict[str, list[str]] = defaultdict(list)
    for file in files:
        section = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                key, _, value = line.partition("=")
                said[f"{section}.{key}"].append(value)
    return dict(said)


def unit(name: str, units: Path = UNITS) -> dict[str, list[str]]:
    """A service's unit, `dongsheng-service@credit.service` say, with what is common to all; `%i` is filled in."""
    template, _, rest = name.partition("@")
    instance = rest.partition(".")[0]
    file = units / (f"{template}@.service" if rest else name)
    said = read(file, units / COMMON.relative_to(UNITS))
    return {key: [value.replace("%i", instance) for value in values] for key, values in said.items()}


def words(said: dict[str, list[str]], key: str) -> list[str]:
    """The words of all values of a key."""
    return [word for value in said.get(key, []) for word in value.split()]
