Redoc.init("/openapi.json", {
  hideDownloadButton: false,
  disableSearch: false,
  sortTagsAlphabetically: false,
  labels: {
    search: "搜索", download: "下载", downloadSpecification: "下载接口文档", responses: "应答",
    callbackResponses: "回调应答", requestSamples: "请求示例", responseSamples: "应答示例", noResultsFound: "没有找到",
    deprecated: "已停用", example: "示例", examples: "示例", default: "默认值", enum: "可选值", enumSingleValue: "固定值",
    enumArray: "各项可选值", nullable: "可为空", recursive: "递归", arrayOf: "列表：", webhook: "事件"
  }
}, document.getElementById("viewer"));
