"""The events of a service as its document describes them: webhooks of OpenAPI 3.1, one for each type."""

from typing import Any

from kit.events.event import EXERCISE, kinds_of
from kit.events.posting import MEDIA_TYPE, UNDELIVERED

#: The security scheme of what a sender signs.
SIGNATURE = "webhookSignature"
SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "webhook-signature",
    "description": "发送方按 Standard Webhooks 用约定的密钥对 webhook-id、webhook-timestamp 和正文所作的签名，"
    "例如 v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=；三个请求头须一并发送。",
}
_ABOUT = (
    "订阅后，本服务按 Standard Webhooks 签名、以 CloudEvents 1.0 发送。"
    "接收方应以 2xx 应答；收到同一 id 的事件应忽略。接收方三天没有收下的不再投递，"
    "同一对象的后续事件带 undelivered 说明。"
    "演练中的同类事件以 {exercise} 开头。"
)


def webhooks(service: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The webhooks by type of event, and the schemas that these refer to."""
    schemas: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for kind in kinds_of(service):
        data = kind.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        schemas |= data.pop("$defs", {})
        found[kind.type] = {"post": _described(service, kind.type, data)}
    return found, schemas


def _described(service: str, type: str, data: dict[str, Any]) -> dict[str, Any]:
    title = data["title"]
    told = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "const": type, "description": f"事件类型：{title}"},
            UNDELIVERED: {
                "type": "string",
                "format": "uuid",
                "description": "同一对象有更早的事件没有送达时，最早一件的编号；都已送达时没有这一项",
            },
            "data": {**data, "description": f"事件内容：{title}"},
        },
    }
    schema = {"allOf": [{"$ref": "#/components/schemas/CloudEvent"}, told]}
    return {
        "operationId": f"{service}_event_{type.removeprefix(f'{service}.').replace('.', '_').replace('-', '_')}",
        "summary": f"事件：{title}",
        "security": [{SIGNATURE: []}],
        "description": _ABOUT.format(exercise=f"{EXERCISE}"),
        "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": schema}}},
        "responses": {"204": {"description": "已收到"}},
    }
