"""What each scope allows, in Chinese, as a document's security scheme lists it."""

#: Scopes that are the same for all services.
SHARED = {
    "dispatch:read": "查询 12345 诉求",
    "dispatch:write": "派发、退回和办结 12345 诉求",
    "dispatch:handle": "办理派给本单位的 12345 诉求",
    "dispatch:hand-on": "在各服务之间移交 12345 诉求",
    "dispatch:any-unit": "代承办单位签收和答复 12345 诉求",
    "personal:read": "查看完整的个人信息",
}
_RIGHTS = {
    "read": "读取",
    "write": "办理",
    "admin": "管理登记",
    "audit": "核查审计记录",
    "subscribe": "订阅事件",
    "sync": "同步平台登记",
}


def meaning(scope: str, title: str, holder: str = "") -> str:
    """What a scope allows; title: of its service; holder: to whom a document gives it."""
    if scope in SHARED:
        return SHARED[scope]
    right = _RIGHTS.get(scope.partition(":")[2], f"{holder}的专项权限" if holder else "专项权限")
    return f"{title}：{right}"
