"""Who may do what under the plan: scopes of a token that the tables of moves name as roles."""

from kit.web.caller import Role

#: 区指挥部: decides start, level and end (E-2.1c).
HEADQUARTERS = Role("emergency:headquarters", "区指挥部")
#: 区指挥部办公室: proposes, keeps watch, follows up (E-2.1d).
OFFICE = Role("emergency:office", "区指挥部办公室")
#: 现场指挥部: commands on site and confirms that the danger is over (E-4.5a, E-4.9).
FIELD = Role("emergency:field", "现场指挥部")
#: 事发单位: commands first, reports, proposes the end (E-4.5b, E-4.9).
COMPANY = Role("emergency:company", "事发单位")
#: 上级现场指挥机构, or whoever records for it (E-4.5b).
HIGHER = Role("emergency:higher", "上级现场指挥机构")
#: A unit that owns tasks (E-4.4a).
MEMBER = Role("emergency:member", "责任单位")
#: 区人民政府 or the headquarters' office on its authority: issues warnings (E-3.3b).
WARNING = Role("emergency:warn", "预警发布单位")
#: Drafts and publishes information and answers rumours (E-4.8).
PUBLICITY = Role("emergency:publicity", "宣传部门")
#: Approves information for the district (E-4.8).
RELEASE_DISTRICT = Role("emergency:release-district", "区人民政府")
#: Approves on the authority of the city's party committee and government (E-4.8).
RELEASE_CITY = Role("emergency:release-city", "市委宣传部")
#: Approves on the authority of the region or the state (E-4.8).
RELEASE_HIGHER = Role("emergency:release-higher", "自治区或国家授权机关")
