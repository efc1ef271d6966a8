"""python -m deploy.pages [--check]: every generated page of docs/, in one process: what they are made of takes seconds to make.

--check    fail where a page is out of date
"""

import sys

from deploy import clauses, moves, ownership, problems, settings
from deploy.supply import licences


def main() -> None:
    """Run from the command line."""
    problems.main()
    ownership.main()
    moves.main()
    arguments = sys.argv[1:]
    sys.exit(max(each.main(arguments) for each in (clauses, settings, licences)))


if __name__ == "__main__":
    main()
