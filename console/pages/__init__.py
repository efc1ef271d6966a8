"""The pages, each by its address: one module, one template, one test."""

from console.pages import (
    accident,
    accidents,
    audit,
    company,
    credit,
    district,
    duty,
    keep,
    law_study,
    pace,
    password,
    people,
    person,
    public_credit,
    sessions,
    sign_in,
    sign_out,
    street,
    targets,
    today,
)
from console.web.page import Page

#: In the order of the menu.
PAGES: tuple[Page, ...] = (
    today.PAGE,
    targets.PAGE,
    district.PAGE,
    street.PAGE,
    pace.PAGE,
    credit.PAGE,
    company.PAGE,
    public_credit.PAGE,
    accidents.PAGE,
    accident.PAGE,
    law_study.PAGE,
    duty.PAGE,
    people.PAGE,
    person.PAGE,
    audit.PAGE,
    sign_in.PAGE,
    sign_out.PAGE,
    keep.PAGE,
    password.PAGE,
    sessions.PAGE,
)
