"""python -m bench [--check]: all measurements. With --check it fails where the house promises more."""

import argparse
import sys

from bench import (
    coverage,
    credit,
    door,
    gateway,
    pages,
    requests,
    reseal,
    search,
    start,
    sync,
    whole_set,
    writes,
)

#: What is promised: the gateway's share of nginx, seconds of a survey and of a start, megabytes when idle.
SHARE, SURVEY, START, MEMORY = 0.4, 2.0, 5.0, 500


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Speed and size, as ratios in one run."
    )
    parser.add_argument("--check", action="store_true", help="fail where a figure is not what is promised")
    arguments = parser.parse_args()
    share = gateway.measure(rounds=5, seconds=3)
    cost = door.measure(rounds=5, seconds=3, megabytes=1024)
    against = writes.measure(rounds=3, seconds=3)
    synced = sync.measure(rows=100_000)
    found = search.measure(rounds=3, seconds=3)
    counted = coverage.measure(rounds=5)
    evaluated = credit.measure()
    asked = requests.measure(rounds=15)
    resealed = reseal.measure(rows=20_000, rounds=3)
    begun = start.measure(rounds=5)
    looked = pages.measure(rounds=3)
    figures = whole_set.measure()
    whole_set.show(figures)
    broken = [
        (share is not None and share < SHARE, f"the gateway does less than {SHARE} of nginx"),
        (figures.survey > SURVEY, f"a survey takes more than {SURVEY} s"),
        (figures.second_start > START, f"a start takes more than {START} s"),
        (figures.memory is not None and figures.memory > MEMORY, f"the idle set holds more than {MEMORY} MB"),
    ]
    said = [text for is_broken, text in broken if is_broken] + (against.broken() if against else [])
    said += (
        cost.broken()
        + synced.broken()
        + found.broken()
        + counted.broken()
        + evaluated.broken()
        + asked.broken()
        + resealed.broken()
        + begun.broken()
        + looked.broken()
    )
    if arguments.check and said:
        sys.exit("; ".join(said))


if __name__ == "__main__":
    main()
