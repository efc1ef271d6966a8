"""Ask whether a library is known to be flawed, in production or in the tests: python -m deploy.supply.audit

Ends with 0 where none is, 1 where one is, and 3 where the data about any of them cannot be had: that is no good news.
pip-audit stands in .venv-supply; it asks PyPI, or with PIP_AUDIT_VULNERABILITY_SERVICE=osv OSV.
"""

import json
import subprocess
import sys

from deploy.supply.pins import ROOT

TOOL = ROOT / ".venv-supply" / "bin" / "pip-audit"
#: The image's lock is a part of the first.
LOCKS = (ROOT / "requirements.lock", ROOT / "tests" / "browser" / "requirements.lock")
SOUND, FLAWED, UNTOLD = 0, 1, 3


def main() -> int:
    """Run from the command line; the process's exit status."""
    locks = [word for lock in LOCKS for word in ("--requirement", str(lock))]
    how = [*locks, "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    if not TOOL.exists():
        print("pip-audit is not installed: make .venv-supply/.ok", file=sys.stderr)
        return UNTOLD
    done = subprocess.run([str(TOOL), *how], capture_output=True, text=True, check=False)
    status, lines = judge(done.stdout, done.stderr)
    print("\n".join(lines), file=sys.stderr if status else sys.stdout)
    return status


def judge(told: str, complaints: str) -> tuple[int, list[str]]:
    """The exit status, and what to say, from what pip-audit wrote to its two outputs.

    It ends with 0 as well where it got no data about a library, and calls it skipped.
    """
    try:
        libraries = json.loads(told)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = complaints.strip().splitlines()[-1:] or ["pip-audit said nothing"]
        return UNTOLD, ["known flaws cannot be had, nothing was audited:", *last]
    flaws = [
        f"{each['name']} {each['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version'}"
        for each in libraries
        for flaw in each.get("vulns", ())
    ]
    skipped = [each["name"] for each in libraries if "skip_reason" in each]
    lines = [*flaws, f"audited: {len(libraries) - len(skipped)} of {len(libraries)} libraries"]
    if skipped or not libraries:
        lines.append(f"known flaws cannot be had of: {', '.join(skipped) or 'any'}")
        return FLAWED if flaws else UNTOLD, lines
    return FLAWED if flaws else SOUND, lines


if __name__ == "__main__":
    sys.exit(main())
