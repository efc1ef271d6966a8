"""Who may do what under the plan: scopes of a token that the tables of moves name as roles."""

from kit.web.caller import Role

#: Whoever enters what happens in a compound: a street, a community, a company, a department.
WRITER = Role("property:write", "登记单位")
#: 区住房保障综合服务中心: files contracts, witnesses takeovers (P-2.2.1b, P-2.2.1c).
CENTRE = Role("property:filing", "区住房保障综合服务中心")
#: 街道（镇）: leads inspections and tenders, guides the choice of a company (P-2.2.3a, P-2.4.0, P-2.4.1).
STREET = Role("property:street", "街道（镇）")
#: 社区（村）居委会: runs the choice of a company, witnesses takeovers (P-2.2.1c, P-2.4.0).
COMMUNITY = Role("property:community", "社区（村）居委会")
#: 区人民政府: answers what a joint conference could not settle (P-2.5.2).
DISTRICT = Role("property:district", "区人民政府")
