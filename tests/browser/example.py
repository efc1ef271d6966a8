"""A page as ours are, small and without a fault, and a server for it: what the checks are tried on."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>目标 · 东胜区</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/page.css">
<script src="/live.js" defer></script>
</head>
<body>
<a class="skip" href="#main">跳到正文</a>
<header><p>鄂尔多斯市东胜区</p><nav aria-label="主导航"><ul class="row"><li><a href="/">今日</a></li><li><a href="/targets">目标</a></li></ul></nav></header>
<main id="main" tabindex="-1">
<h1>按街道看目标</h1>
<p class="lead">截至 6 月 24 日，两个街道还没有达到目标。<a href="/clause">依据条款</a></p>
<p>剩余时间：<strong data-left>31 分</strong></p>
<h2>覆盖率</h2>
<figure>
<svg role="img" viewBox="0 0 300 90" width="300" height="90" aria-labelledby="t d">
<title id="t">各街道的覆盖率</title><desc id="d">天骄街道 64%，诃额伦街道 81%，2024 年底的目标 90%。</desc>
<rect x="90" y="8" width="128" height="24" fill="#1e4e8c"/><text x="84" y="26" text-anchor="end" font-size="15" fill="#1f2937">天骄街道</text><text x="98" y="26" font-size="15" fill="#ffffff">64%</text>
<rect x="90" y="48" width="162" height="24" fill="#1e4e8c"/><text x="84" y="66" text-anchor="end" font-size="15" fill="#1f2937">诃额伦街道</text><text x="98" y="66" font-size="15" fill="#ffffff">81%</text>
<path d="M270 2V80" stroke="#b45309" stroke-width="2"/><text x="276" y="86" font-size="13" fill="#1f2937">90</text>
</svg>
<div class="wide"><table><caption>同样的数字</caption><thead><tr><th scope="col">街道</th><th scope="col">覆盖率（%）</th></tr></thead>
<tbody><tr><th scope="row">天骄街道</th><td>64</td></tr><tr><th scope="row">诃额伦街道</th><td>81</td></tr><tr><th scope="row">目标</th><td>90</td></tr></tbody></table></div>
</figure>
<h2>找一个小区</h2>
<form action="/search">
<p><label for="name">名称</label> <input id="name" name="name"></p>
<p><label><input type="checkbox" name="all"> 只看未达标的</label></p>
<p class="row"><button>查找</button> <button type="reset" class="plain">清空</button></p>
</form>
</main>
<footer><p>住房保障中心</p></footer>
</body>
</html>
"""
STYLE = """
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.6 "Noto Sans CJK SC", sans-serif; color: #1f2937; background: #ffffff; }
header, main, footer { padding: 0.5rem 1rem; max-width: 60rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; } h1, h2 { line-height: 1.5; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 0; background: #ffffff; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none; }
.row a { display: inline-block; padding: 0.5rem; }
a { color: #1e4e8c; }
figure { margin: 0; }
svg { max-width: 100%; }
svg { background: #ffffff; forced-color-adjust: none; }
.wide { overflow-x: auto; }
th, td { padding: 0.3rem 0.8rem 0.3rem 0; text-align: left; }
input:not([type]), button { font: inherit; min-height: 2.75rem; padding: 0 0.8rem; border: 1px solid #6b7280; max-width: 100%; }
button { background: #1e4e8c; color: #ffffff; } .plain { background: #ffffff; color: #1f2937; }
input[type=checkbox] { width: 1.5rem; height: 1.5rem; }
:focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
main:focus { outline: none; }
button { transition: background 0.2s; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media print { nav, form, .skip { display: none; } h2:last-of-type { display: none; } @page { size: A4; margin: 12mm; } }
"""
SCRIPT = """
const left = document.querySelector("[data-left]");
let minutes = 31;
setInterval(() => { minutes -= 1; left.textContent = `${minutes} 分`; }, 60000);
"""
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z" fill="#1e4e8c"/></svg>'
)

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}


class Served:
    """What a server of its own answers: a page and its parts, each to be changed for a test."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self.policy = POLICY
        self.anew()

    def anew(self) -> None:
        """The page without a fault."""
        self.policy = POLICY
        self.parts = {"/targets.html": PAGE, "/page.css": STYLE, "/live.js": SCRIPT, "/icon.svg": ICON}

    def change(self, old: str, new: str) -> None:
        """Put a fault in: the one place that says `old` says `new`; the policy counts as a place."""
        (place,) = [path for path, words in {**self.parts, "policy": self.policy}.items() if old in words]
        if place == "policy":
            self.policy = self.policy.replace(old, new)
        else:
            assert self.parts[place].count(old) == 1, old
            self.parts[place] = self.parts[place].replace(old, new)


@contextmanager
def serving() -> Iterator[tuple[str, Served]]:
    """The page's address, and what is served there."""
    served = Served()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            words = served.parts.get(self.path)
            body = (words or "").encode()
            self.send_response(404 if words is None else 200)
            self.send_header("Content-Type", KINDS.get(self.path.rpartition(".")[2], "text/plain"))
            self.send_header("Content-Security-Policy", served.policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/targets.html", served
        server.shutdown()
