"""Who does what at the government office's desk: the scopes of its roles."""

from typing import Final

from kit.web.caller import Role

#: Keeps division documents, absences, leading groups and programmes (D-1, D-2, P-4.1, P-4.2).
MANAGER: Final = Role("office:manage", "区政府办公室")
#: Reports what its own unit, which its token names, has done (P-4.2).
UNIT: Final = Role("office:report", "责任单位")
