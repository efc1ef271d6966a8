"""python -m services.property serve | worker | migrate | load | verify | openapi"""

from kit.starting import uncollected

with uncollected():
    from kit.cli import main
    from services.property.app import service

main(service)
