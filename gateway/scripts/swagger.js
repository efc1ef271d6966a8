// The viewer of one document, which the script's own element names, in the words of those who read it.
const shown = document.currentScript.dataset.document;
const viewer = document.getElementById("viewer");

// The filter looks for a phrase in what people read, not in the tags alone.
const searching = () => ({fn: {opsFilter: (tags, phrase) => {
  const sought = phrase.trim().toLowerCase();
  const says = (words) => words.some((word) => String(word || "").toLowerCase().includes(sought));
  return tags
    .map((tag, name) => says([name]) ? tag : tag.update("operations", (operations) =>
      operations.filter((each) => says([
        each.get("path"), each.getIn(["operation", "summary"]), each.getIn(["operation", "description"])
      ]))))
    .filter((tag) => tag.get("operations").size > 0);
}}});

// The viewer speaks English alone: its own words are replaced where they are shown, and nothing that comes from a document.
const words = {
  "Authorize": "填写令牌", "Authorized": "已填写令牌", "Available authorizations": "可用的身份验证方式", "Cancel": "取消",
  "Clear": "清除", "Close": "关闭", "Code": "状态码", "Description": "说明", "Details": "内容", "Download": "下载",
  "Errors": "错误", "Example Value": "示例", "Execute": "发送", "Filter by tag": "查找接口：名称、说明或地址", "Hide": "收起",
  "Links": "链接", "Logout": "清除令牌", "Media type": "内容类型", "Name": "名称", "No links": "无", "No parameters": "没有参数",
  "Parameters": "参数", "Request URL": "请求地址", "Request body": "请求正文", "Request duration": "用时",
  "Reset": "恢复示例", "Response body": "应答正文", "Response headers": "应答头", "Responses": "应答", "Schema": "结构",
  "Schemas": "数据结构", "Send empty value": "发送空值", "Server response": "服务器应答", "Servers": "服务器",
  "Try it out": "试一试", "Webhooks": "事件", "required": "必填", "select all": "全选", "select none": "全不选"
};
const others = ".markdown, .renderedMarkdown, .highlight-code, pre, code, textarea, .opblock-summary-description, .opblock-tag";
const translate = (root) => {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.currentNode; node; node = texts.nextNode()) {
    const said = node.nodeType === Node.TEXT_NODE && words[node.nodeValue.trim()];
    if (said && !node.parentElement.closest(others)) node.nodeValue = said;
  }
  if (root.querySelectorAll) {
    for (const field of root.querySelectorAll("input[placeholder]")) {
      field.placeholder = words[field.placeholder] || field.placeholder;
    }
  }
};
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const added of change.addedNodes) translate(added);
  }
}).observe(viewer, {childList: true, subtree: true});

SwaggerUIBundle({
  url: shown,
  dom_id: "#viewer",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  filter: true,
  persistAuthorization: false,
  displayRequestDuration: true,
  validatorUrl: null,
  plugins: [searching]
});
