"""Who does what in the study system: the scopes of its roles."""

from typing import Final

from kit.web.caller import Role

#: Drafts the plan of a year, invites lecturers, reviews texts (L-6, L-7b, L-7c).
JUSTICE: Final = Role("lawstudy:justice", "区司法局")
#: Approves the plan of a year (L-6).
GOVERNMENT: Final = Role("lawstudy:approve", "区人民政府")
#: Organises: issues plans, schedules and closes sessions (L-4c).
OFFICE: Final = Role("lawstudy:office", "区人民政府办公室")
#: Answers for a topic: speaks, and hands in the text (L-7a, N-2.1).
DEPARTMENT: Final = Role("lawstudy:department", "责任部门")
