"""python -m services.emergency serve | worker | migrate | load | verify | openapi"""

from kit.starting import uncollected

with uncollected():
    from kit.cli import main
    from services.emergency.app import service

main(service)
