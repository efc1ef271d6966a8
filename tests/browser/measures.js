// What a page looks like, measured in the browser. Each function of `measures` answers a list of faults in words.

const measures = (() => {
  const BODY = document.body, ROOT = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const style = (e) => getComputedStyle(e);
  const shortly = (words) => (words = words.trim().replace(/\s+/g, " "), words.length > 24 ? words.slice(0, 23) + "…" : words);
  const name = (e) => {
    const id = e.id ? "#" + e.id : "", kind = e.getAttribute("class") ? "." + e.getAttribute("class").trim().split(/\s+/).join(".") : "";
    return `<${e.localName}${id}${kind}> ${shortly(e.textContent || e.getAttribute("name") || e.getAttribute("aria-label") || "")}`.trim();
  };
  const once = (list) => [...new Set(list)];

  // ---------------------------------------------------------------------------------------------- what is seen
  // Words for screen readers alone stand in a box of a pixel, or outside of the page.
  const forEars = (e) => {
    for (let at = e; at && at !== BODY; at = at.parentElement) {
      const r = at.getBoundingClientRect(), s = style(at);
      if (s.position === "absolute" && (r.width <= 1 || r.height <= 1 || s.clipPath !== "none" || s.clip !== "auto")) return true;
      if ((s.position === "absolute" || s.position === "fixed") && (r.right + scrollX <= 0 || r.bottom + scrollY <= 0)) return true;
    }
    return false;
  };
  const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !forEars(e);
  const figure = (e) => e.closest("svg");
  const scroller = (e) => {
    for (let at = e.parentElement; at && at !== BODY; at = at.parentElement)
      if (/auto|scroll/.test(style(at).overflowX)) return at;
    return null;
  };

  // Every run of words that is drawn: its element, and a box for each of its lines in the page's coordinates.
  const texts = () => {
    const found = [], walker = document.createTreeWalker(BODY, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const e = node.parentElement;
      if (!node.data.trim() || e.closest("script, style, noscript, title, desc, option, select") || !seen(e)) continue;
      if (figure(e) && !e.closest("text, foreignObject")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const lines = () => [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1);
      const boxes = lines().map((r) =>
        ({ left: r.left + scrollX, right: r.right + scrollX, top: r.top + scrollY, bottom: r.bottom + scrollY }));
      if (boxes.length) found.push({ e, words: shortly(node.data), boxes, now: () => lines()[0] });
    }
    return found;
  };

  const wide = () => {
    const room = ROOT.clientWidth, found = [];
    if (ROOT.scrollWidth > room) {
      const over = all("body *").filter((e) => e.getBoundingClientRect().right > room + 0.5 && !scroller(e) && !figure(e.parentElement));
      found.push(`the page is ${ROOT.scrollWidth} px wide where there are ${room}: ${over.slice(-3).map(name).join("; ")}`);
    }
    for (const { e, words, boxes } of texts())
      if (!scroller(e) && boxes.some((b) => b.right > room + 1)) found.push(`beyond the right edge: ${words}`);
    return once(found);
  };

  const cut = () => {
    const found = [];
    for (const { e, words, boxes } of texts()) {
      const svg = figure(e);
      if (svg) {
        const r = svg.getBoundingClientRect();
        if (boxes.some((b) => b.left < r.left + scrollX - 1 || b.right > r.right + scrollX + 1 || b.top < r.top + scrollY - 3 || b.bottom > r.bottom + scrollY + 3))
          found.push(`outside of its figure: ${words}`);
      }
    }
    for (const e of all("body *")) {
      const s = style(e);
      if (figure(e) || !/hidden|clip/.test(s.overflowX + s.overflowY) || !e.textContent.trim() || !seen(e)) continue;
      if (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) found.push(`cut off: ${name(e)}`);
    }
    return once(found);
  };

  // A line box is taller than its glyphs: the middle of it counts.
  const overlap = () => {
    const lines = texts().flatMap(({ e, words, boxes }) => boxes.map((b) => {
      const spare = (b.bottom - b.top) * 0.2;
      return { e, words, left: b.left, right: b.right, top: b.top + spare, bottom: b.bottom - spare };
    })).sort((a, b) => a.top - b.top);
    const found = [];
    lines.forEach((a, at) => {
      for (let next = at + 1; next < lines.length && lines[next].top < a.bottom - 1; next++) {
        const b = lines[next];
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1) found.push(`one over the other: ${a.words} / ${b.words}`);
      }
    });
    return once(found);
  };

  const atOnce = (e) => e.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  // Something else is drawn over a text: a line of a figure, a bar that does not scroll away.
  const covered = () => {
    const found = [];
    for (const { e, words, now } of texts()) {
      atOnce(e);
      const b = now(), y = (b.top + b.bottom) / 2, step = figure(e) ? 2 : Math.max(8, (b.right - b.left) / 4);
      for (let x = b.left + 1; x < b.right; x += step) {
        const top = document.elementFromPoint(x, y);
        if (!top || style(e).pointerEvents === "none" || top === e || e.contains(top) || top.contains(e)) continue;
        if (top.localName === "option" || scroller(e) !== scroller(top)) continue;
        if (figure(e) && !(e.compareDocumentPosition(top) & Node.DOCUMENT_POSITION_FOLLOWING)) continue; // painted before
        found.push(`${name(top)} is drawn over: ${words}`);
        break;
      }
    }
    scrollTo(0, 0);
    return once(found);
  };

  const small = (least) => once(texts().flatMap(({ e, words }) => {
    const scale = figure(e) ? e.closest("text").getScreenCTM().d : 1, size = parseFloat(style(e).fontSize) * scale;
    return size < least - 0.05 ? [`${size.toFixed(1)} px: ${words}`] : [];
  }));

  // ---------------------------------------------------------------------------------------------- colours
  const colour = (words) => {
    const rgb = /^rgba?\(([\d.]+),? ([\d.]+),? ([\d.]+)(?:,| \/)? ?([\d.]+)?\)$/.exec(words);
    if (rgb) return [+rgb[1], +rgb[2], +rgb[3], rgb[4] === undefined ? 1 : +rgb[4]];
    const other = /^color\(srgb ([\d.]+) ([\d.]+) ([\d.]+)(?: \/ ([\d.]+))?\)$/.exec(words);
    return other ? [other[1] * 255, other[2] * 255, other[3] * 255, other[4] === undefined ? 1 : +other[4]] : null;
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = (c) => {
    const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const CANVAS = () => {
    const probe = document.createElement("i");
    probe.style.color = "Canvas";
    BODY.append(probe);
    const found = colour(style(probe).color);
    probe.remove();
    return found || [255, 255, 255, 1];
  };
  const settle = (layers) => layers.reverse().reduce((below, top) => over(top, below), CANVAS());

  // The colour behind an element of HTML; null where a picture makes it unknown.
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const s = style(at);
      if (s.backgroundImage !== "none") return null;
      const c = colour(s.backgroundColor);
      if (!c) return null;
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) break;
    }
    return settle(layers);
  };
  // The colour behind a text of a figure: the shapes below it, then what the figure stands on.
  const painted = (e, x, y) => {
    const layers = [], svg = figure(e);
    for (const below of document.elementsFromPoint(x, y)) {
      if (below.closest("text") || !svg.contains(below) || below === svg || !below.getBBox) continue;
      const s = style(below), box = below.getBoundingClientRect();
      if (s.fill === "none" || box.width <= 2 || box.height <= 2) continue;
      const c = colour(s.fill);
      if (!c) return null;
      c[3] *= parseFloat(s.fillOpacity) * parseFloat(s.opacity);
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) return settle(layers);
    }
    const page = behind(svg);
    return page && settle(layers.concat([page]));
  };
  const opacity = (e) => { let found = 1; for (let at = e; at; at = at.parentElement) found *= parseFloat(style(at).opacity); return found; };

  const contrast = () => {
    const found = [];
    for (const { e, words, now } of texts()) {
      if (e.closest("[disabled], [aria-disabled=true]")) continue;
      const s = style(e), inFigure = figure(e);
      if (inFigure) atOnce(e);
      const b = now(), back = inFigure ? painted(e, (b.left + b.right) / 2, (b.top + b.bottom) / 2) : behind(e);
      const front = colour(inFigure ? s.fill : s.color);
      if (!front || !back) { found.push(`no colour to be told: ${words}`); continue; }
      front[3] *= opacity(e) * (inFigure ? parseFloat(s.fillOpacity) : 1);
      const size = parseFloat(s.fontSize) * (inFigure ? e.closest("text").getScreenCTM().d : 1);
      const least = size >= 24 || (size >= 18.66 && +s.fontWeight >= 700) ? 3 : 4.5, is = ratio(over(front, back), back);
      if (is < least) found.push(`${is.toFixed(2)} where ${least} is needed: ${words}`);
    }
    scrollTo(0, 0);
    return once(found);
  };

  // What looks like a link is told by its line.
  const likeLink = (e) => e.localName === "button" && style(e).textDecorationLine.includes("underline");
  // A control is told from what it stands on by its edge or by its own colour.
  const edges = () => once(all("input, select, textarea, button").filter((e) => seen(e) && !e.disabled).flatMap((e) => {
    const s = style(e), out = behind(e.parentElement), own = colour(s.backgroundColor);
    if (likeLink(e) || /checkbox|radio|hidden|file|range/.test(e.type) && s.appearance !== "none") return [];
    if (!out || !own) return [`no colour to be told: ${name(e)}`];
    const edge = ["Top", "Right", "Bottom", "Left"].some((side) => {
      const c = colour(s[`border${side}Color`]);
      return parseFloat(s[`border${side}Width`]) > 0 && s[`border${side}Style`] !== "none" && c && ratio(over(c, out), out) >= 3;
    });
    return edge || ratio(over(own, out), out) >= 3 ? [] : [`no edge to be seen: ${name(e)}`];
  }));
  // Where colours are forced a fill is none: only borders show a control.
  const bordered = () => once(all("button, input, select, textarea, a[role=button]").filter((e) => seen(e) && e.type !== "hidden").flatMap((e) => {
    const s = style(e);
    if (likeLink(e) || /checkbox|radio|file|range/.test(e.type)) return [];
    return parseFloat(s.borderTopWidth) + parseFloat(s.borderBottomWidth) > 0 && s.borderBottomStyle !== "none" ? [] : [`no border: ${name(e)}`];
  }));

  const moving = () => once([
    ...document.getAnimations().filter((a) => a.playState === "running").map((a) => `moves: ${name(a.effect.target)}`),
    ...[ROOT, ...all("body, body *")].flatMap((e) => {
      const s = style(e), lasting = (s.transitionDuration + "," + s.animationDuration).split(",").some((t) => parseFloat(t) * (/ms$/.test(t) ? 1 : 1000) > 10);
      return lasting || s.scrollBehavior === "smooth" ? [`moves: ${name(e)}`] : [];
    }),
    ...all("animate, animateMotion, animateTransform, set, marquee").map((e) => `moves: ${name(e)}`),
  ]);

  // ---------------------------------------------------------------------------------------------- structure
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex]:not([tabindex='-1'])";
  const targets = () => {
    const centre = (r) => [(r.left + r.right) / 2, (r.top + r.bottom) / 2];
    const area = (e) => {
      const boxes = [e, ...(e.labels || [])].map((part) => part.getBoundingClientRect());
      return boxes.sort((a, b) => Math.min(b.width, b.height) - Math.min(a.width, a.height))[0];
    };
    const inSentence = (e) => e.localName === "a" && style(e).display === "inline" &&
      [...e.parentElement.childNodes].some((n) => n !== e && n.nodeType === Node.TEXT_NODE && n.data.trim().length > 1);
    const found = all(CONTROLS).filter(seen).map((e) => ({ e, r: area(e) })), little = ({ r }) => r.width < 23.9 || r.height < 23.9;
    return once(found.filter((t) => little(t) && !inSentence(t.e)).flatMap((t) => {
      const [x, y] = centre(t.r);
      const near = found.some((o) => o.e !== t.e && !o.e.contains(t.e) && !t.e.contains(o.e) && (little(o)
        ? Math.hypot(centre(o.r)[0] - x, centre(o.r)[1] - y) < 24
        : Math.hypot(Math.max(o.r.left - x, 0, x - o.r.right), Math.max(o.r.top - y, 0, y - o.r.bottom)) < 12));
      return near ? [`${Math.round(t.r.width)} × ${Math.round(t.r.height)} px, and another beside it: ${name(t.e)}`] : [];
    }));
  };

  const structure = () => {
    const found = [], one = (selector, what) => { const n = all(selector).length; if (n !== 1) found.push(`${n} × ${what}`); };
    if (!/^zh\b/.test(ROOT.lang)) found.push(`lang is “${ROOT.lang}”`);
    if (!document.title.trim()) found.push("no title");
    one("h1", "h1");
    one("main", "main");
    one("body > header, [role=banner]", "header of the page");
    let depth = 0;
    for (const h of all("h1, h2, h3, h4, h5, h6")) {
      const own = +h.localName[1];
      if (own > depth + 1) found.push(`h${own} after h${depth}: ${shortly(h.textContent)}`);
      if (!h.textContent.trim()) found.push(`an empty h${own}`);
      depth = own;
    }
    const navs = all("nav");
    if (navs.length > 1 && navs.some((e) => !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby"))) found.push("several nav, and one without a name");
    const first = all("a[href], button, input, select").find((e) => e.tabIndex >= 0), goal = first && first.getAttribute("href");
    if (!first || !/^#./.test(goal || "") || !document.querySelector(goal)) found.push("the first thing to reach is no way past the navigation");
    if (!document.querySelector("link[rel~=icon]")) found.push("no icon: the browser asks for one that is not there");
    const view = document.querySelector("meta[name=viewport]");
    if (!view || /user-scalable\s*=\s*(no|0)|maximum-scale/.test(view.content)) found.push("no meta viewport that lets people enlarge");
    for (const e of all("[aria-describedby], [aria-labelledby], [aria-controls], [for]"))
      for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls", "for"])
        for (const id of (e.getAttribute(attribute) || "").split(/\s+/).filter(Boolean))
          if (!document.getElementById(id)) found.push(`${attribute} names nothing: ${id}`);
    for (const id of once(all("[id]").map((e) => e.id))) if (all(`[id="${CSS.escape(id)}"]`).length > 1) found.push(`the id is there twice: ${id}`);
    return found;
  };

  const labels = () => once(all("input, select, textarea").filter((e) => !e.hidden && !/hidden|submit|button|reset|image/.test(e.type)).flatMap((e) => {
    const words = [...(e.labels || [])].filter((l) => (seen(l) || !seen(e)) && l.textContent.trim());
    return words.length || (e.getAttribute("aria-label") || "").trim() ? [] : [`no label: ${name(e)}`];
  }));

  // ---------------------------------------------------------------------------------------------- figures
  const MOMENTS = /\d+(?:[-:年月]\d+)+日?|\d+ ?[年月日号]/g;
  const numbers = (words) => (words.replace(MOMENTS, " ").replace(/(\d)[,\u2009\u202f ](?=\d{3}\b)/g, "$1").replace(/−/g, "-").match(/-?\d+(?:\.\d+)?/g) || []).map(Number);
  // The words of each text apart, as they are seen: those of two cells are not one number.
  const apart = (e) => {
    const found = [], walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) found.push(node.data);
    return found.join(" | ");
  };
  // A drawing is told in words where its description has all that it says.
  const silent = (svg) => {
    const bare = (words) => words.replace(/[\s…]/g, ""), told = bare(svg.querySelector("title").textContent + svg.querySelector("desc").textContent);
    return all("text", svg).some((e) => !told.includes(bare(e.textContent)));
  };
  // A number of the table is in the figure or its description, and one of the description is in the table.
  const unlike = () => once(all("svg[role=img]").flatMap((svg) => {
    const called = shortly((svg.querySelector("title") || svg).textContent);
    const table = ["figure", "section", "main"].map((at) => svg.closest(at)).map((place) => place && place.querySelector("table")).find(Boolean);
    if (!svg.querySelector("title") || !svg.querySelector("desc")) return [`a figure without title or desc: ${called}`];
    if (table && table.querySelector("tbody time")) return []; // of moments, which are written in many ways
    if (!table) return silent(svg) ? [`a figure without a table, and not told in words: ${called}`] : [];
    const told = numbers(svg.querySelector("desc").textContent), drawn = all("text", svg).flatMap((e) => numbers(e.textContent)).concat(told);
    const cells = all("tbody td", table).filter((e) => !e.querySelector("time")).flatMap((e) => numbers(apart(e))), listed = numbers(apart(table));
    return [
      ...cells.filter((n) => !drawn.includes(n)).map((n) => `${n} stands in the table, not in the figure: ${called}`),
      ...told.filter((n) => !listed.includes(n)).map((n) => `${n} is said of the figure, and is not in the table: ${called}`),
    ];
  }));

  // ---------------------------------------------------------------------------------------------- focus
  const looks = (e) => { const s = style(e); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.borderColor, s.backgroundColor, s.boxShadow].join("|"); };
  let before, last;
  const reachable = () => all(CONTROLS).filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }));
  const begin = () => {
    BODY.tabIndex = -1;
    BODY.focus();
    BODY.removeAttribute("tabindex");
    scrollTo(0, 0);
    before = new Map(reachable().map((e) => [e, looks(e)]));
    last = null;
    return before.size;
  };
  // Where two things part ways in the tree; as seen, the second part must not lie above or to the left of the first.
  const backwards = (a, b) => {
    let one = a, two = b;
    while (!one.parentElement.contains(b)) one = one.parentElement;
    while (two.parentElement !== one.parentElement) two = two.parentElement;
    const p = one.getBoundingClientRect(), q = two.getBoundingClientRect();
    const shared = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    return q.bottom <= p.top + 1 || (shared > Math.min(p.height, q.height) / 2 && q.right <= p.left + 1);
  };
  // What the next press of the Tab key came to: null at the end, or faults.
  const step = () => {
    const e = document.activeElement, found = [];
    if (!e || e === BODY || e === ROOT) return null;
    if (e === last) return [];
    if (before.get(e) === "reached") return null;
    const s = style(e), r = e.getBoundingClientRect(), outside = e.parentElement && behind(e.parentElement), ring = colour(s.outlineColor);
    if (last && !last.contains(e) && !e.contains(last) && backwards(last, e)) found.push(`${name(e)} comes after ${name(last)}, and stands before it`);
    if (r.width <= 1 || r.height <= 1 || r.bottom <= 0 || r.top >= innerHeight || r.right <= 0 || r.left >= innerWidth) found.push(`not to be seen when reached: ${name(e)}`);
    else {
      const x = Math.min(Math.max((r.left + r.right) / 2, 1), innerWidth - 2), y = Math.min(Math.max((r.top + r.bottom) / 2, 1), innerHeight - 2);
      const top = document.elementFromPoint(x, y);
      if (top && top !== e && !e.contains(top) && !top.contains(e) && ![...(e.labels || [])].some((l) => l.contains(top))) found.push(`hidden under ${name(top)} when reached: ${name(e)}`);
    }
    if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2 && s.outlineStyle !== "auto") found.push(`no outline when reached: ${name(e)}`);
    else if (looks(e) === before.get(e)) found.push(`looks the same when reached: ${name(e)}`);
    else if (s.outlineStyle !== "auto" && ring && outside && parseFloat(s.outlineOffset) >= 0 && ratio(over(ring, outside), outside) < 3) found.push(`an outline hardly to be seen: ${name(e)}`);
    before.set(e, "reached");
    last = e;
    return found;
  };
  const missed = () => {
    const radios = new Set([...before].filter(([e, how]) => how === "reached" && e.type === "radio").map(([e]) => e.name));
    const ahead = [...before.keys()].filter((e) => e.tabIndex > 0).map((e) => `tabindex above 0: ${name(e)}`);
    return ahead.concat([...before].filter(([e, how]) => how !== "reached" && !radios.has(e.type === "radio" ? e.name : null) && e.isConnected).map(([e]) => `never reached: ${name(e)}`));
  };

  const words = (but) => {
    const found = [];
    for (const { e, words } of texts()) if (!but || !e.closest(but)) found.push(words);
    return found;
  };
  const enlarge = (how) => { const was = parseFloat(style(BODY).fontSize); ROOT.style.fontSize = how; return [was, parseFloat(style(BODY).fontSize)]; };

  return { wide, cut, overlap, covered, small, contrast, edges, bordered, moving, targets, structure, labels, unlike, begin, step, missed, words, enlarge };
})();
