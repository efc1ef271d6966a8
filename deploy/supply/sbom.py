"""Write what the image holds as a CycloneDX document, the same from the same tree byte for byte.

python -m deploy.supply.sbom FILE              the libraries of deploy/requirements.lock
python -m deploy.supply.sbom FILE --image IT   and the Debian packages of an image, or of the folder of a root file system
python -m deploy.supply.sbom FILE --check      whether a document is valid, and as it was written

Runs on cyclonedx-python-lib, which stands in .venv-supply; the libraries' metadata are read from .venv.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import Distribution, version
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.supply import debian
from deploy.supply.licences import Licence, installed, licences
from deploy.supply.pins import IMAGE, ROOT, Pin, pins

VERSION = SchemaVersion.V1_6


class Unfit(Exception):
    """A document cannot be made, or does not hold."""


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.supply.sbom")
    parser.add_argument("file", type=Path)
    parser.add_argument("--image", help="an image's name, or the folder of a root file system")
    parser.add_argument("--check", action="store_true", help="look the file over instead of writing it")
    asked = parser.parse_args(arguments)
    try:
        if asked.check:
            check(asked.file.read_text(encoding="utf-8"))
            return 0
        text = document(debian.look(asked.image) if asked.image else None)
        check(text)
    except (Unfit, debian.Unreadable, OSError) as why:
        print(why, file=sys.stderr)
        return 1
    asked.file.parent.mkdir(parents=True, exist_ok=True)
    asked.file.write_text(text, encoding="utf-8")
    return 0


def document(image: debian.Held | None = None) -> str:
    """The document. Raises `Unfit` where the image, or what is installed here, is not what the lock says."""
    [site] = ROOT.glob(".venv/lib/python3*/site-packages")
    here = installed([str(site)])
    wrong = {pin.name for pin in pins() if pin.name not in here or here[pin.name].version != pin.version}
    if wrong:
        raise Unfit(f".venv is not what the lock says: {', '.join(sorted(wrong))}; run make .venv/.ok")
    locked = {f"{pin.name}=={pin.version}" for pin in pins()}
    if image and image.libraries and (strange := image.libraries ^ locked):
        raise Unfit(f"the image is not of this tree: {', '.join(sorted(strange))}")
    made = json.loads(make_outputter(_bom(here, image), OutputFormat.JSON, VERSION).output_as_string())
    # The library puts in a number by chance and the clock.
    del made["metadata"]["timestamp"]
    made["serialNumber"] = _serial(made)
    return json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _serial(made: dict[str, Any]) -> str:
    """A serial number that follows from all the rest."""
    rest = {key: each for key, each in made.items() if key != "serialNumber"}
    return uuid5(NAMESPACE_URL, json.dumps(rest, ensure_ascii=False, sort_keys=True)).urn


def check(text: str) -> None:
    """Raises `Unfit` where a document breaks the schema of CycloneDX, or was changed after it was written."""
    if wrong := make_schemabased_validator(OutputFormat.JSON, VERSION).validate_str(text):
        raise Unfit(f"not a CycloneDX document: {wrong}")
    made = json.loads(text)
    if made.get("serialNumber") != _serial(made):
        raise Unfit("the document was changed: its serial number is not that of what it says")


def _bom(here: Mapping[str, Distribution], image: debian.Held | None) -> Bom:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
    )
    bom = Bom()
    bom.metadata.component = root
    tool = "cyclonedx-python-lib"
    bom.metadata.tools.components.add(Component(name=tool, version=version(tool)))
    known = licences(here)
    libraries = {pin.name: _library(pin, known[pin.name]) for pin in pins()}
    bom.components.update(libraries.values())
    for name, needs in _needs(project["dependencies"], here).items():
        bom.register_dependency(libraries.get(name, root), [libraries[each] for each in needs])
    if image:
        parts = list(_system(image))
        bom.components.update(parts)
        bom.register_dependency(root, parts)
    return bom


def _library(pin: Pin, licence: Licence | None) -> Component:
    told = (
        LicenseAcknowledgement.DECLARED if licence and licence.declared else LicenseAcknowledgement.CONCLUDED
    )
    purl = PackageURL("pypi", None, pin.name, pin.version)
    return Component(
        name=pin.name,
        version=pin.version,
        purl=purl,
        bom_ref=purl.to_string(),
        # Of all wheels of the version; that of the image is one of them.
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in pin.hashes],
        licenses=[LicenseFactory().make_from_string(licence.expression, license_acknowledgement=told)]
        if licence
        else [],
    )


def _needs(wanted: Iterable[str], here: Mapping[str, Distribution]) -> dict[str, set[str]]:
    """What each library needs of the others, with the extras that are asked of it; the product's own under ""."""
    needs: dict[str, set[str]] = {"": set()}
    left = [("", "", Requirement(each)) for each in wanted]
    seen = set()
    while left:
        whose, extra, need = left.pop()
        if need.marker and not need.marker.evaluate(IMAGE | {"extra": extra}):
            continue
        name = canonicalize_name(need.name)
        needs[whose].add(name)
        for wish in {"", *need.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, wish))
            needs.setdefault(name, set())
            left += [(name, wish, Requirement(each)) for each in here[name].requires or []]
    return {name: each - {name} for name, each in needs.items()}


def _system(image: debian.Held) -> Iterable[Component]:
    """The system and its packages. Debian tells licences in a text for each package, and no hash of what is installed."""
    yield Component(
        name=image.system,
        version=image.release,
        type=ComponentType.OPERATING_SYSTEM,
        bom_ref=f"system:{image.system}",
    )
    for each in image.packages:
        about = {"arch": each.architecture, "distro": f"{image.system}-{image.release}"}
        purl = PackageURL("deb", image.system, each.name, each.version, about)
        yield Component(name=each.name, version=each.version, purl=purl, bom_ref=purl.to_string())
    if image.python:
        purl = PackageURL("generic", None, "python", image.python)
        yield Component(name="python", version=image.python, purl=purl, bom_ref=purl.to_string())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
