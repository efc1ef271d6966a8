"""What the image is put together from is shown: its libraries, their licences, what is known against them."""

import json
import os
import subprocess

import pytest

from deploy.plan import ROOT
from deploy.supply import audit, debian, licences
from deploy.supply.pins import pins

TOOLS = ROOT / ".venv-supply"
with_tools = pytest.mark.skipif(
    not (TOOLS / ".ok").exists() and "CI" not in os.environ,
    reason="the libraries for SBOMs are not installed: make .venv-supply/.ok",
)
SITE = "opt/dongsheng/lib/python3.11/site-packages"
STATUS = """\
Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u14
Description: GNU C Library: Shared libraries
 Contains the standard libraries.

Package: nano
Status: deinstall ok config-files
Architecture: amd64
Version: 7.2-1

"""


def sbom(*arguments):
    """The command, and what it said."""
    command = [str(TOOLS / "bin" / "python"), "-m", "deploy.supply.sbom", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def root(tmp_path):
    """The folder of a root file system: Debian with two packages, a Python of its own, and the locked libraries."""
    made = tmp_path / "root"
    for path, text in {
        "etc/os-release": 'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n',
        "var/lib/dpkg/status": STATUS,
        "usr/local/include/python3.11/patchlevel.h": '#define PY_VERSION      \t"3.11.9"\n',
        **{f"{SITE}/{pin.name.replace('-', '_')}-{pin.version}.dist-info/METADATA": "" for pin in pins()},
        f"{SITE}/dongsheng-0.1.0.dist-info/METADATA": "",
    }.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(text)
    return made


@with_tools
def test_a_list_has_every_library_of_the_lock_and_is_the_same_again(tmp_path):
    first, again = tmp_path / "first.json", tmp_path / "again.json"
    for path in (first, again):
        assert sbom(path).stderr == ""
    assert first.read_bytes() == again.read_bytes()
    made = json.loads(first.read_text())
    assert "timestamp" not in made["metadata"]
    assert {each["purl"]: {known["content"] for known in each["hashes"]} for each in made["components"]} == {
        f"pkg:pypi/{pin.name}@{pin.version}": set(pin.hashes) for pin in pins()
    }
    assert all(each["licenses"] for each in made["components"])
    needs = {each["ref"]: each.get("dependsOn", []) for each in made["dependencies"]}
    assert reached("dongsheng", needs) == {"dongsheng", *(each["bom-ref"] for each in made["components"])}


def reached(start, needs):
    """Everything that follows from a start."""
    found, left = set(), [start]
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left += needs[each]
    return found


@with_tools
def test_an_images_packages_are_in_its_list(root, tmp_path):
    made = tmp_path / "made.json"
    assert sbom(made, "--image", root).stderr == ""
    assert sbom(made, "--check").returncode == 0
    kept = {each["name"]: each for each in json.loads(made.read_text())["components"]}
    assert len(kept) == len(pins()) + 3
    assert kept["libc6"]["purl"] == "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12"
    assert kept["python"]["version"] == "3.11.9"
    assert kept["debian"]["version"] == "12"
    assert "nano" not in kept  # it was removed; its settings stayed


@with_tools
def test_an_image_of_another_tree_gets_no_list(root, tmp_path):
    (root / SITE / "six-1.17.0.dist-info").rename(root / SITE / "six-1.0.dist-info")
    refused = sbom(tmp_path / "made.json", "--image", root)
    assert refused.returncode == 1
    assert "six==1.0, six==1.17.0" in refused.stderr
    assert not (tmp_path / "made.json").exists()


@with_tools
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda made: made["components"][0].pop("name"), "not a CycloneDX document"),
        (lambda made: made["components"].pop(), "the document was changed"),
        (
            lambda made: made.update(serialNumber="urn:uuid:00000000-0000-0000-0000-000000000000"),
            "was changed",
        ),
    ],
)
def test_a_broken_list_is_refused(tmp_path, spoil, why):
    path = tmp_path / "made.json"
    sbom(path)
    made = json.loads(path.read_text())
    spoil(made)
    path.write_text(json.dumps(made))
    refused = sbom(path, "--check")
    assert (refused.returncode, why in refused.stderr) == (1, True), refused.stderr


def test_a_folder_without_debians_records_is_refused(tmp_path):
    with pytest.raises(debian.Unreadable, match="no folder or image with Debian's packages"):
        debian.look(str(tmp_path))


def test_the_page_of_licences_is_up_to_date_and_nothing_is_to_be_said():
    assert licences.main(["--check"]) == 0


def test_a_licence_that_is_unknown_or_does_not_fit_is_named():
    known = licences.licences(licences.installed())
    spoilt = known | {"six": None, "idna": licences.Licence("AGPL-3.0-only", declared=True)}
    assert licences.complain(known) == []
    assert [line.split(" ")[0] for line in licences.complain(spoilt)] == ["six:", "idna:"]


def test_what_was_settled_is_named_once_it_is_declared():
    known = licences.licences(licences.installed()) | {"segno": licences.Licence("MIT", declared=True)}
    assert [line.split(" ")[0] for line in licences.complain(known)] == ["segno:"]


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-only OR MIT AND SSPL-1.0", False),
        ("MIT AND (MIT OR GPL-3.0-only)", False),
        ("LicenseRef-Own", False),
    ],
)
def test_a_licence_fits_when_one_choice_does_as_a_whole(expression, fits):
    assert licences.fits(expression) is fits


SOUND = {"name": "six", "version": "1.17.0", "vulns": []}
FLAWED = {"name": "six", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}]}
SKIPPED = {
    "name": "idna",
    "skip_reason": "Dependency not found on PyPI and could not be audited: idna (3.20)",
}


@pytest.mark.parametrize(
    ("told", "status", "says"),
    [
        ([SOUND], audit.SOUND, "audited: 1 of 1 libraries"),
        ([SOUND, FLAWED], audit.FLAWED, "six 1.0: PYSEC-1, mended in 1.1, 2.0"),
        ([SOUND, SKIPPED], audit.UNTOLD, "known flaws cannot be had of: idna"),
        ([FLAWED, SKIPPED], audit.FLAWED, "known flaws cannot be had of: idna"),
        ([], audit.UNTOLD, "known flaws cannot be had of: any"),
    ],
)
def test_an_audit_without_data_is_not_a_good_one(told, status, says):
    judged, lines = audit.judge(json.dumps({"dependencies": told}), "")
    assert (judged, says in lines) == (status, True), lines


def test_an_audit_that_breaks_off_says_why():
    said = "Traceback\nConnectionError: Failed to resolve 'pypi.org'\n"
    assert audit.judge("", said) == (
        audit.UNTOLD,
        ["known flaws cannot be had, nothing was audited:", "ConnectionError: Failed to resolve 'pypi.org'"],
    )
