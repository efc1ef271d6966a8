"""Who investigates an accident."""

from services.emergency.plan.accidents.grading import Grade

#: 国务院令第493号第十九条: the government that investigates, by grade.
INVESTIGATORS = {
    Grade.GENERAL: "区人民政府",
    Grade.LARGER: "市人民政府",
    Grade.MAJOR: "自治区人民政府",
    Grade.ESPECIALLY_MAJOR: "国务院",
}
