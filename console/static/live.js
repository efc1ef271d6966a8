// Clocks that go on by the server's time, boards that ask again, and a session that says when it ends.
// A page says the same without this; ES2020.
"use strict";
(() => {
  const main = () => document.getElementById("main");
  const ahead = () => Number(main().dataset.now) - loaded; // the server's clock before ours
  let loaded = Date.now();
  const now = () => Date.now() + ahead();

  // -- clocks
  const span = (ms) => {
    const minutes = Math.floor(Math.abs(ms) / 60000);
    const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
    if (days) return hours ? `${days} 天 ${hours} 小时` : `${days} 天`;
    if (hours) return rest ? `${hours} 小时 ${rest} 分` : `${hours} 小时`;
    return rest ? `${rest} 分` : "不到 1 分";
  };
  const clock = (ms) => new Date(ms).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false, hour: "2-digit", minute: "2-digit" });
  const count = () => {
    for (const each of document.querySelectorAll("[data-clock]")) each.textContent = clock(now());
    for (const time of document.querySelectorAll(".clock time")) {
      const left = Date.parse(time.dateTime) - now();
      const said = left >= 0 ? `还剩 ${span(left)}` : `已超时 ${span(left)}`;
      const shown = time.parentElement.querySelector("[data-left]");
      if (shown && shown.textContent !== said) shown.textContent = said;
      time.parentElement.classList.toggle("over", left < 0);
    }
  };

  // -- boards
  const bar = document.querySelector(".live");
  const said = bar && bar.querySelector("[data-said]");
  const button = bar && bar.querySelector("[data-pause]");
  let paused = false;
  let asked = Date.now();
  const tell = (text, lost) => {
    if (said.textContent !== text) said.textContent = text;
    bar.parentElement.classList.toggle("lost", lost);
  };
  // Somebody is in the middle of something: what is there stays until it is done.
  const busy = () => {
    const at = document.activeElement;
    const typing = at && main().contains(at) && at !== main();
    const filled = [...document.querySelectorAll("main form")].some((form) => "touched" in form.dataset);
    return typing || filled;
  };
  const WAITED = 10000;
  const refresh = async () => {
    asked = Date.now();
    const address = main().dataset.turn || location.href; // a screen on a wall goes on to the next
    const patience = new AbortController(); // a server that takes the question and never answers is lost as well
    const bell = setTimeout(() => patience.abort(), WAITED);
    try {
      const answer = await fetch(address, { headers: { "X-Refresh": "1" }, cache: "no-store", redirect: "error", signal: patience.signal });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const told = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = told.getElementById("main");
      if (busy() || paused) return;
      history.replaceState(null, "", address);
      document.title = told.title;
      const open = [...document.querySelectorAll("main details")].map((each) => each.open);
      main().replaceWith(fresh);
      loaded = Date.now();
      [...document.querySelectorAll("main details")].forEach((each, index) => { if (index in open) each.open = open[index]; });
      watch();
      count();
      tell(`自动更新，每 ${fresh.dataset.refresh} 秒一次。`, false);
    } catch {
      tell(`连不上服务器，页面上还是 ${clock(Number(main().dataset.now))} 的情况。`, true);
    } finally {
      clearTimeout(bell);
    }
  };
  const watch = () => {
    for (const form of document.querySelectorAll("main form")) {
      form.addEventListener("input", () => { form.dataset.touched = ""; });
    }
  };
  if (bar && main().dataset.refresh) {
    bar.hidden = false;
    tell(`自动更新，每 ${main().dataset.refresh} 秒一次。`, false);
    button.addEventListener("click", () => {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
      button.textContent = paused ? "恢复更新" : "暂停更新";
      tell(paused ? "已暂停自动更新。" : `自动更新，每 ${main().dataset.refresh} 秒一次。`, false);
    });
  }

  // -- the session's end
  let notice = null;
  const WARNED = 120000;
  const offer = () => {
    const idle = Number(main().dataset.idle);
    if (!idle || notice || idle - now() > WARNED) return;
    notice = document.createElement("div");
    notice.className = "notice";
    notice.setAttribute("role", "alertdialog");
    notice.setAttribute("aria-label", "即将退出登录");
    const text = document.createElement("p");
    text.textContent = "您有一阵没有操作，两分钟内将退出登录，没有提交的内容会丢失。";
    const on = document.createElement("button");
    on.className = "main";
    on.textContent = "继续使用";
    on.addEventListener("click", async () => {
      const answer = await fetch("/keep/on", { method: "POST", cache: "no-store" }).catch(() => null);
      if (!answer || !answer.ok) return location.reload();
      const kept = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
      main().dataset.idle = kept.dataset.idle;
      notice.remove();
      notice = null;
    });
    notice.append(text, on);
    document.body.append(notice);
    on.focus();
  };

  watch();
  count();
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
  setInterval(() => {
    count();
    offer();
    const every = Number(main().dataset.refresh) * 1000;
    if (!every || paused || document.hidden || Date.now() - asked < every) return;
    if (!busy()) refresh();
    else tell(`您正在操作，先不更新，页面上还是 ${clock(Number(main().dataset.now))} 的情况。`, false);
  }, 1000);
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("main details")) each.open = true;
  });
})();
