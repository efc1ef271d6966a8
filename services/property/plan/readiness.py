"""What a project has to have at hand for emergencies, and what it does again and again (P-2.2.4b, P-2.2.7); pure."""

from typing import Final

from kit.web.shapes import Choice


class Readiness(Choice):
    """What a project must have (应急准备), in the plan's order."""

    SUPPLIES = "supplies", "应急物资储备"
    FIRE_STATION = "fire_station", "微型消防站"
    TEAM = "team", "应急队伍"
    PLAN_SUDDEN_EVENTS = "plan_sudden_events", "突发事件应急预案"
    PLAN_SEVERE_WEATHER = "plan_severe_weather", "灾害天气应急预案"
    PLAN_PUBLIC_HEALTH = "plan_public_health", "公共卫生应急预案"
    PLAN_POWER_FAILURE = "plan_power_failure", "大面积停电应急预案"
    SAFETY_MANAGER = "safety_manager", "持证安全管理员"
    CONTROL_ROOM = "control_room", "持证消控室值班人员"
    ELECTRICIAN = "electrician", "持证电工"


#: Who has to hold a certificate (持证上岗).
CERTIFIED: Final = (Readiness.SAFETY_MANAGER, Readiness.CONTROL_ROOM, Readiness.ELECTRICIAN)


class DoingKind(Choice):
    """What a project does again and again (安全工作类别)."""

    FIRE_PATROL = "fire_patrol", "防火巡查"
    FIRE_INSPECTION = "fire_inspection", "防火检查"
    FIRE_EDUCATION = "fire_education", "消防宣传教育"
    FIRE_DRILL = "fire_drill", "消防安全演练"
    EMERGENCY_DRILL = "emergency_drill", "应急演练"
    STAFF_TRAINING = "staff_training", "员工应急培训"
