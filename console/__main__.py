"""python -m console serve | migrate | load | verify | person LOGIN NAME ROLE [LIMIT]"""

from kit.starting import uncollected

with uncollected():
    from console.cli import main

main()
