"""Who may do what under the plan: scopes of a token that the tables of moves name as roles."""

from kit.web.caller import Role

#: Whoever enters what happens in a compound: a street, a community, a company, a department.
WRITER = Role("property:write", "登记单位")
#: 区住房保障综合服务中心: files contracts (P-2.2.1b).
CENTRE = Role("property:filing", "区住房保障综合服务中心")
#: 街道（镇）: leads joint inspections (P-2.2.3a).
STREET = Role("property:street", "街道（镇）")
