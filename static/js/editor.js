/* Fenmall, the editor of rich details. Without this file the page has a plain text box of HTML. ES2018. */
(() => {
  "use strict";
  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const el = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  };
  const box = $("[data-editor]");
  if (!box) return;
  const area = $("textarea", box), form = area.form, page = $("[data-page]", box), said = $("[data-said]", box);
  const tools = $("[data-tools]", box), bars = { img: $("[data-of=img]", box), table: $("[data-of=table]", box) };
  const MOST = Number(box.dataset.bytes);
  let waiting = 0, isChanged = false, picked = null, at = null;

  const say = (text, isBad) => { said.textContent = text; said.classList.toggle("error", !!isBad); };

  /* ---------- what stays of HTML from elsewhere; the server cleans it again ---------- */
  const KEPT = ["P", "BR", "HR", "H2", "H3", "B", "STRONG", "UL", "OL", "LI", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "IMG"];
  const AS = { H1: "h2", H4: "h3", H5: "h3", H6: "h3", DIV: "p", SECTION: "p", ARTICLE: "p", BLOCKQUOTE: "p" };
  const GONE = ["SCRIPT", "STYLE", "META", "LINK", "TITLE", "IFRAME", "OBJECT", "SVG", "TEMPLATE"];
  const BLOCK = "p,h2,h3,ul,ol,table,hr,div,section,article,blockquote,h1,h4,h5,h6";
  let lost = 0;
  const tidy = (from, to) => {
    from.childNodes.forEach((node) => {
      if (node.nodeType === 3) return to.appendChild(document.createTextNode(node.textContent.replace(/\s+/g, " ")));
      if (node.nodeType !== 1 || GONE.includes(node.nodeName.toUpperCase())) return undefined;
      const name = node.nodeName, isBold = /^(bold|[6-9]00)$/.test(node.style && node.style.fontWeight) && name === "SPAN";
      if (name === "IMG") {
        const source = node.getAttribute("src") || "";
        if (!/^\/uploads\/[0-9a-f]{2}\/[0-9a-f]{64}-\d+\.(jpg|webp)$/.test(source.replace(location.origin, ""))) {
          lost += 1;
          return undefined;
        }
        const img = el("img");
        img.src = source;
        img.alt = node.alt;
        return to.appendChild(img);
      }
      if (AS[name] && $(BLOCK, node)) return tidy(node, to);
      const tag = AS[name] || (KEPT.includes(name) ? name.toLowerCase() : isBold ? "b" : "");
      if (!tag) return tidy(node, to);
      const made = el(tag);
      ["colspan", "rowspan"].forEach((each) => { if (node.getAttribute(each)) made.setAttribute(each, node.getAttribute(each)); });
      tidy(node, made);
      return to.appendChild(made);
    });
    return to;
  };
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html").body;

  /* ---------- between the box of text that is sent and the page that is edited ---------- */
  const sync = () => {
    const copy = page.cloneNode(true);
    $$("[data-up]", copy).forEach((node) => node.remove());
    $$("[class],[style],[contenteditable]", copy).forEach((node) => ["class", "style", "contenteditable"].forEach((each) => node.removeAttribute(each)));
    area.value = copy.textContent.trim() || $("img,table,hr", copy) ? copy.innerHTML : "";
  };
  const changed = () => { isChanged = true; sync(); };

  const inside = (node) => node && page.contains(node);
  const remember = () => {
    const chosen = getSelection();
    if (chosen.rangeCount && inside(chosen.anchorNode)) at = chosen.getRangeAt(0).cloneRange();
  };
  const focus = () => {
    page.focus({ preventScroll: true });
    if (!at || !inside(at.startContainer)) {
      at = document.createRange();
      at.selectNodeContents(page);
      at.collapse(false);
    }
    const chosen = getSelection();
    chosen.removeAllRanges();
    chosen.addRange(at);
  };
  const run = (name, value) => {
    focus();
    document.execCommand(name, false, value);
    remember();
    changed();
    show();
  };
  const near = (selector) => {
    const node = at && at.startContainer;
    const found = node && (node.nodeType === 1 ? node : node.parentElement).closest(selector);
    return inside(found) ? found : null;
  };
  /* the block at the top level in which the cursor stands */
  const topBlock = () => {
    let node = at && at.startContainer;
    if (node === page) return page.childNodes[at.startOffset] || page.lastChild;
    while (node && node.parentNode !== page) node = node.parentNode;
    return node;
  };
  const putBlock = (node) => {
    const block = inside(at && at.startContainer) ? topBlock() : page.lastChild;
    if (block && block.nodeType === 1 && !block.textContent.trim() && !$("img,table", block) && block.nodeName === "P") block.replaceWith(node);
    else if (block) block.after(node);
    else page.appendChild(node);
    if (!node.nextSibling) page.appendChild(el("p")).appendChild(el("br"));
  };

  /* ---------- pictures: sent at once, with progress ---------- */
  const send = (file) => {
    const spot = el("p", "editor-up");
    spot.dataset.up = "1";
    spot.contentEditable = "false";
    const bar = el("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", "上传进度");
    const note = el("span", "", "正在上传 " + file.name);
    spot.append(note, bar);
    putBlock(spot);
    const fail = (text) => {
      bar.remove();
      note.textContent = "“" + file.name + "”没有上传：" + text;
      spot.classList.add("error");
      const again = el("button", "btn btn-sm", "重试"), off = el("button", "btn btn-sm", "移除");
      again.type = off.type = "button";
      again.addEventListener("click", () => { at = null; const r = document.createRange(); r.setStartBefore(spot); at = r; send(file); spot.remove(); });
      off.addEventListener("click", () => spot.remove());
      spot.append(again, off);
    };
    if (file.size > MOST) return fail("图片太大，请选择 20 MB 以内的图片");
    waiting += 1;
    const body = new FormData();
    body.append("_csrf", form.elements._csrf.value);
    body.append("picture", file, file.name || "picture.png");
    const call = new XMLHttpRequest();
    call.open("POST", box.dataset.pictures);
    call.setRequestHeader("Accept", "application/json");
    call.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = 100 * event.loaded / event.total;
      if (event.loaded === event.total) note.textContent = "正在处理 " + file.name;
    });
    call.addEventListener("loadend", () => {
      waiting -= 1;
      let answer = null;
      try { answer = JSON.parse(call.responseText); } catch (_) { /* a page, or nothing */ }
      if (!answer) return fail(call.status ? "登录可能已过期，请在新窗口登录后重试" : "网络不通");
      if (!answer.src) return fail(answer.error);
      const img = el("img"), line = el("p");
      img.src = answer.src;
      img.width = answer.width;
      img.height = answer.height;
      img.alt = "";
      line.appendChild(img);
      spot.replaceWith(line);
      say(answer.note || "图片已插入；点图片可以写说明、移动或删除", false);
      return changed();
    });
    return call.send(body);
  };
  const sendAll = (files) => {
    const pictures = Array.from(files).filter((file) => file.type.startsWith("image/") || /\.(heic|heif)$/i.test(file.name));
    if (pictures.length < files.length) say("只能插入图片", true);
    pictures.slice(0, 20).reverse().forEach(send); // each goes behind the cursor, so the last one first
    if (pictures.length > 20) say("一次最多 20 张，其余没有插入", true);
    return pictures.length;
  };

  page.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    event.preventDefault();
    remember();
    const html = data.getData("text/html");
    if (data.files.length && !/<(p|td|li|h\d)\b/i.test(html)) {
      sendAll(data.files);
      return;
    }
    lost = 0;
    if (html) {
      const clean = tidy(parsed(html), el("div"));
      document.execCommand("insertHTML", false, clean.innerHTML);
    } else {
      const lines = data.getData("text/plain").split(/\r?\n/).filter((line) => line.trim());
      if (lines.length < 2) document.execCommand("insertText", false, lines[0] || "");
      else {
        const wrap = el("div");
        lines.forEach((line) => wrap.appendChild(el("p", "", line)));
        document.execCommand("insertHTML", false, wrap.innerHTML);
      }
    }
    if (lost) say("粘贴的内容里有 " + lost + " 张别处的图片没有带入，请保存到本机后再插入", true);
    remember();
    changed();
  });
  page.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    page.classList.add("is-over");
  });
  page.addEventListener("dragleave", () => page.classList.remove("is-over"));
  page.addEventListener("drop", (event) => {
    page.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    const spot = document.caretRangeFromPoint ? document.caretRangeFromPoint(event.clientX, event.clientY) : null;
    if (spot && inside(spot.startContainer)) at = spot;
    sendAll(event.dataTransfer.files);
  });

  /* ---------- the bars of a picture and of a table ---------- */
  const alt = $("[data-alt]", box);
  function show() {
    if (picked && !inside(picked)) picked = null;
    $$("img.is-picked", page).forEach((img) => img.classList.toggle("is-picked", img === picked));
    bars.img.hidden = !picked;
    bars.table.hidden = !near("td,th");
    $$("[aria-pressed]", tools).forEach((button) => {
      const [name, value] = button.dataset.do.split(" ");
      const isOn = name === "formatBlock" ? !!near(value) : document.queryCommandState(name);
      button.setAttribute("aria-pressed", String(isOn));
    });
  }
  page.addEventListener("click", (event) => {
    picked = event.target.nodeName === "IMG" ? event.target : null;
    if (picked) {
      picked.classList.add("is-picked");
      alt.value = picked.alt;
    }
    remember();
    show();
  });
  alt.addEventListener("input", () => { if (picked) { picked.alt = alt.value; changed(); } });
  const cellOf = () => near("td,th");
  const rowOf = (cells, tag) => { const row = el("tr"); for (let n = 0; n < cells; n += 1) row.appendChild(el(tag)).appendChild(el("br")); return row; };
  const ACTS = {
    picture: () => $("[data-chooser]", box).click(),
    table: () => {
      const table = el("table"), body = el("tbody");
      for (let n = 0; n < 3; n += 1) body.appendChild(rowOf(2, n ? "td" : "th"));
      table.appendChild(body);
      putBlock(table);
      at = document.createRange();
      at.setStart($("th", table), 0);
      focus();
    },
    line: () => putBlock(el("hr")),
    row: () => { const row = cellOf().closest("tr"); row.after(rowOf(row.cells.length, "td")); },
    column: () => {
      const cell = cellOf(), place = cell.cellIndex;
      $$("tr", cell.closest("table")).forEach((row) => {
        const beside = row.cells[Math.min(place, row.cells.length - 1)];
        const made = el(beside ? beside.nodeName.toLowerCase() : "td");
        made.appendChild(el("br"));
        if (beside) beside.after(made); else row.appendChild(made);
      });
    },
    "row-off": () => { const row = cellOf().closest("tr"), table = row.closest("table"); row.remove(); if (!$("tr", table)) table.remove(); },
    "column-off": () => {
      const cell = cellOf(), place = cell.cellIndex, table = cell.closest("table");
      $$("tr", table).forEach((row) => { if (row.cells[place]) row.cells[place].remove(); });
      if (!$("td,th", table)) table.remove();
    },
    "table-off": () => cellOf().closest("table").remove(),
    up: () => move(-1),
    down: () => move(1),
    "picture-off": () => { const line = picked.parentNode; picked.remove(); if (line !== page && !line.textContent.trim() && !$("img", line) && line.nodeName === "P") line.remove(); picked = null; },
  };
  const move = (step) => {
    let block = picked;
    while (block.parentNode !== page) block = block.parentNode;
    const beside = step < 0 ? block.previousSibling : block.nextSibling;
    if (beside && step < 0) beside.before(block);
    else if (beside) beside.after(block);
    block.scrollIntoView({ block: "nearest" });
  };
  box.addEventListener("mousedown", (event) => { if (event.target.closest("[data-do],[data-act]")) event.preventDefault(); });
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do],[data-act]");
    if (!button) return;
    if (button.dataset.do) {
      const [name, value] = button.dataset.do.split(" ");
      run(name, value && near(value) ? "p" : value);
      return;
    }
    ACTS[button.dataset.act]();
    if (button.dataset.act !== "picture") changed();
    show();
  });
  $("[data-chooser]", box).addEventListener("change", (event) => {
    sendAll(event.target.files);
    event.target.value = "";
  });
  page.addEventListener("input", changed);
  document.addEventListener("selectionchange", () => {
    const chosen = getSelection();
    if (!chosen.rangeCount || !inside(chosen.anchorNode)) return;
    remember();
    show();
  });

  form.addEventListener("submit", (event) => {
    if (waiting) {
      event.preventDefault();
      event.stopImmediatePropagation();
      say("图片还在上传，请稍等再保存", true);
      return;
    }
    sync();
    isChanged = false;
  }, true);
  window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

  /* ---------- begin ---------- */
  document.execCommand("defaultParagraphSeparator", false, "p");
  tidy(parsed(area.value), page);
  if (!page.firstChild) page.appendChild(el("p")).appendChild(el("br"));
  area.hidden = true;
  area.removeAttribute("id");
  page.id = "f-story";
  $("[data-edit]", box).hidden = false;
  $$("[data-plain]", form).forEach((node) => { node.hidden = true; });
})();
