"""Who may do what under the plan: scopes of a token that the tables of moves name as roles."""

#: 区指挥部: decides start, level and end (E-2.1c).
HEADQUARTERS = "emergency:headquarters"
#: 区指挥部办公室: proposes, keeps watch, follows up (E-2.1d).
OFFICE = "emergency:office"
#: 现场指挥部: commands on site and confirms that the danger is over (E-4.5a, E-4.9).
FIELD = "emergency:field"
#: 事发单位: commands first, reports, proposes the end (E-4.5b, E-4.9).
COMPANY = "emergency:company"
#: 上级现场指挥机构, or whoever records for it (E-4.5b).
HIGHER = "emergency:higher"
#: A unit that owns tasks (E-4.4a).
MEMBER = "emergency:member"
#: 区人民政府 or the headquarters' office on its authority: issues warnings (E-3.3b).
WARNING = "emergency:warn"
#: Drafts and publishes information and answers rumours (E-4.8).
PUBLICITY = "emergency:publicity"
#: Approves information for the district (E-4.8).
RELEASE_DISTRICT = "emergency:release-district"
#: Approves on the authority of the city's party committee and government (E-4.8).
RELEASE_CITY = "emergency:release-city"
#: Approves on the authority of the region or the state (E-4.8).
RELEASE_HIGHER = "emergency:release-higher"
