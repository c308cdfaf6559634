/* Fenmall, the merchant's desk. The pages work without this file. ES2018. */
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
  document.documentElement.classList.add("js");

  const toast = (text) => {
    const box = $("#toasts");
    if (!box || !text) return;
    const node = el("p", "toast", text);
    box.appendChild(node);
    setTimeout(() => node.remove(), 4000);
  };

  /* ---------- dialogs: a button that cannot be undone stays shut until the word is typed ---------- */
  const guard = (root) => $$("input[data-word]", root).forEach((input) => {
    const button = $(".btn-danger", input.form);
    const check = () => { button.disabled = input.value.trim() !== input.dataset.word; };
    input.addEventListener("input", check);
    check();
  });

  /* ---------- a browser asks in its own language; the desk asks in the reader's ---------- */
  const complain = (input) => {
    const state = input.validity;
    const text = state.valueMissing
      ? (input.type === "file" ? "请选择文件" : input.tagName === "SELECT" || /checkbox|radio/.test(input.type) ? "请选择" : "请填写")
      : state.badInput || state.typeMismatch || state.patternMismatch || state.stepMismatch ? "格式不正确"
        : state.rangeUnderflow ? "不能小于 " + input.min : state.rangeOverflow ? "不能大于 " + input.max : "";
    if (text) input.setCustomValidity(text);
  };

  /* ---------- "/" leads to the search from anywhere, unless something is being typed ---------- */
  document.addEventListener("keydown", (event) => {
    const box = $("[data-find]");
    const busy = event.target.closest("input, textarea, select, [contenteditable], dialog[open]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || busy || !box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  /* ---------- reviewing pictures by keyboard ---------- */
  document.addEventListener("keydown", (event) => {
    const form = $("[data-review]");
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]");
    if (!form || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const boxes = $$("input[type=checkbox]", form);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const pass = $("[data-pass]", form);
    if (step && boxes.length) {
      const at = boxes.indexOf(document.activeElement);
      boxes[(at + step + boxes.length) % boxes.length].focus();
    } else if (event.key === "p" && pass) pass.click();
    else if (event.key === "r") $("[name=reason]", form).focus();
    else return;
    event.preventDefault();
  });

  /* ---------- picking rows ---------- */
  const count = (form) => {
    const bar = $("[data-bulk]", form);
    if (!bar) return;
    const picked = $$("[data-pick]:checked", form).length;
    const over = picked > Number(bar.dataset.limit);
    bar.hidden = picked === 0;
    $("[data-picked]", bar).textContent = picked;
    $$("button", bar).forEach((button) => { button.disabled = picked === 0 || over; });
    const all = $("[data-pick-all]", form);
    if (all) {
      const total = $$("[data-pick]", form).length;
      all.checked = picked > 0 && picked === total;
      all.indeterminate = picked > 0 && picked < total;
    }
  };

  /* ---------- what is typed is seen on the phone ---------- */
  const live = (root) => {
    const spots = $$("[data-live]", root);
    const show = () => spots.forEach((spot) => {
      const input = document.getElementsByName(spot.dataset.live)[0];
      if (!input) return;
      if (spot.dataset.fallback === undefined) spot.dataset.fallback = spot.textContent;
      const chosen = input.tagName === "SELECT" ? input.options[input.selectedIndex].text : input.value;
      spot.textContent = chosen || spot.dataset.fallback;
    });
    if (!spots.length) return;
    document.addEventListener("input", show);
    show();
  };
  /* ---------- so are the picture of a form, and the products that it names ---------- */
  const livePicture = (form) => {
    const file = form.elements.picture_file.files[0], gone = form.elements.picture_gone;
    $$("[data-picture]").forEach((frame) => {
      const img = $("img", frame);
      if (frame.dataset.kept === undefined) frame.dataset.kept = img.getAttribute("src") || "";
      const src = file ? URL.createObjectURL(file) : gone && gone.checked ? "" : frame.dataset.kept;
      if (src) img.src = src;
      frame.hidden = !src;
    });
  };
  const liveCards = (cards) => $$("[data-card]").forEach((frame) => {
    const card = cards[document.getElementsByName(frame.dataset.card)[0].value.trim()];
    frame.hidden = !card;
    if (!card) return;
    $("b", frame).textContent = card.title;
    $("small", frame).textContent = card.note;
    $("img", frame).hidden = !card.picture;
    if (card.picture) $("img", frame).src = card.picture;
  });
  const liveFollowers = () => {
    const known = $("#cards"), input = $("#f-picture");
    if (!known || !input) return;
    const cards = JSON.parse(known.textContent);
    const show = () => { livePicture(input.form); liveCards(cards); };
    document.addEventListener("input", show);
    show();
  };
  /* ---------- a number is picked by its name, from the list that fits the choice beside it ---------- */
  const lists = (root) => $$("[data-lists]", root).forEach((box) => {
    const select = $("select", box);
    const input = document.getElementsByName(box.dataset.lists)[0];
    const fit = () => {
      const known = document.getElementById("of-" + select.value);
      if (known) input.setAttribute("list", known.id);
      else input.removeAttribute("list");
      input.closest(".field").hidden = !known;
    };
    select.addEventListener("change", () => { input.value = ""; fit(); });
    fit();
  });
  /* ---------- a field that belongs to some choices stands there with them; what it held stays ---------- */
  const whens = (root) => $$("[data-when]", root).forEach((box) => {
    const choice = box.closest("form").elements[box.dataset.when];
    const fit = () => { box.hidden = !box.dataset.is.split(" ").includes(choice.value); };
    choice.addEventListener("input", fit);
    fit();
  });
  const counters = (root) => $$("textarea[maxlength]", root).forEach((input) => {
    if (input.dataset.counted || input.maxLength > 100000) return;  // nobody counts a pasted sheet
    input.dataset.counted = "1";
    const note = el("p", "hint");
    const show = () => { note.textContent = input.value.length + " / " + input.maxLength + " 字"; };
    input.insertAdjacentElement("afterend", note);
    input.addEventListener("input", show);
    show();
  });

  /* ---------- charts ---------- */
  const yuan = (fen) => (fen === null || fen === undefined ? "–" : "¥" + (fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2 }));
  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  // what is counted has whole steps, money whole yuan
  const steps = (unit) => [...Array(10).keys()].flatMap((zeros) => [1, 2, 5].map((n) => n * unit * 10 ** zeros));

  const chart = (box) => {
    const data = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const money = data.series[0].unit === "yuan";
    const words = (value) => (money ? yuan(value) : value === null || value === undefined ? "–" : String(value));
    const axis = { stroke: colour("--ink-3"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    const plot = new window.uPlot({
      width: box.clientWidth,
      height: 240,
      cursor: { y: false },
      scales: { x: { time: false }, y: { range: (u, min, max) => [0, Math.max(max || 0, 1) * 1.15] } },
      axes: [
        Object.assign({}, axis, { grid: { show: false }, values: (u, ticks) => ticks.map((i) => (Number.isInteger(i) && data.days[i] ? data.days[i].slice(5) : "")) }),
        Object.assign({}, axis, { size: 76, incrs: steps(money ? 100 : 1), values: (u, ticks) => ticks.map((v) => (money ? "¥" + (v / 100).toLocaleString("zh-CN") : v)) }),
      ],
      series: [{ label: "日期", value: (u, i) => (i === null ? "–" : data.days[i]) }].concat(data.series.map((series, index) => ({
        label: series.name,
        stroke: colour(index ? "--ink-3" : "--brand"),
        width: index ? 1.5 : 2,
        dash: index ? [5, 4] : undefined,
        points: { show: false },
        value: (u, value) => words(value),
      }))),
    }, [data.days.map((_, index) => index)].concat(data.series.map((series) => series.values)), box);
    /* without a pointer on it the legend tells of the last day */
    const last = () => { if (plot.cursor.idx === null || plot.cursor.idx === undefined) plot.setLegend({ idx: data.days.length - 1 }); };
    box.addEventListener("mouseleave", () => requestAnimationFrame(last));
    requestAnimationFrame(last);
    window.addEventListener("resize", () => plot.setSize({ width: box.clientWidth, height: 240 }));
  };

  /* ---------- what was typed into a small form comes back with its refusal ---------- */
  const SENT = "admin-sent";
  const typedIn = (form) => Array.from(form.elements).filter((each) => each.name && !["hidden", "password", "file", "submit", "button"].includes(each.type) && !["code", "_code", "_typed"].includes(each.name));
  const keep = (form) => {
    const values = typedIn(form).map((each) => [each.name, each.value, each.checked]);
    try {
      sessionStorage.setItem(SENT, JSON.stringify({ action: form.getAttribute("action"), values }));
    } catch (_) { /* no room, or no storage: nothing is kept */ }
  };
  const sentLast = () => {
    try {
      const found = JSON.parse(sessionStorage.getItem(SENT));
      if (!$(".gate")) sessionStorage.removeItem(SENT);  // a code asked in between changes nothing
      return found;
    } catch (_) { return null; }
  };
  const refill = () => {
    const sent = sentLast(), refusal = $("[data-refused]");
    const form = sent && refusal && $$("form[method=post]").find((each) => each.getAttribute("action") === sent.action);
    if (!form) return;
    typedIn(form).forEach((each, index) => {
      const [name, value, checked] = sent.values[index] || [];
      if (name !== each.name) return;
      if (["checkbox", "radio"].includes(each.type)) each.checked = checked;
      else each.value = value;
      each.dispatchEvent(new Event("input", { bubbles: true }));
    });
    const why = el("p", "error", refusal.textContent.trim());
    why.setAttribute("role", "alert");
    const dialog = form.closest("dialog"), fold = form.closest("details");
    if (fold) fold.open = true;
    if (dialog) {
      form.insertBefore(why, $(".btns", form));
      dialog.showModal();
    } else {
      form.append(why);
      form.scrollIntoView({ block: "center" });
    }
  };

  /* ---------- listeners ---------- */
  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest && event.target.closest(selector);
    const open = at("[data-open]");
    if (open) {
      const dialog = document.getElementById(open.dataset.open);
      if (dialog.showModal) dialog.showModal();
      else dialog.setAttribute("open", "");
    }
    const close = at("[data-close]");
    if (close) close.closest("dialog").close();
    const copied = at("[data-copy]");
    if (copied && navigator.clipboard) navigator.clipboard.writeText(copied.dataset.copy).then(() => toast("已复制"));
    if (at("[data-print]")) window.print();
  });
  document.addEventListener("invalid", (event) => complain(event.target), true);
  document.addEventListener("input", (event) => { if (event.target.setCustomValidity) event.target.setCustomValidity(""); }, true);
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.setCustomValidity) input.setCustomValidity("");
    if (input.matches("[data-pick-file]")) $("[data-picked-file]", input.parentNode).textContent = input.files.length > 1 ? "已选 " + input.files.length + " 个文件" : input.files.length ? input.files[0].name : "未选择";
    if (input.matches("[data-pick-all]")) $$("[data-pick]", input.form).forEach((box) => { box.checked = input.checked; });
    if (input.matches("[data-pick],[data-pick-all]")) count(input.form);
    if (input.matches("[data-autosubmit]") && input.form.requestSubmit) input.form.requestSubmit();
  });
  const FILE_MS = 3000;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) return event.preventDefault();
    if (form.method !== "post") return undefined;
    form.dataset.sent = "1";
    if (form.matches("[data-file]")) setTimeout(rest, FILE_MS);  // the page stays: no other one takes the guard away
    else if (!form.closest(".gate")) keep(form);
    const button = event.submitter;
    if (button && button.classList.contains("btn")) {
      button.classList.add("is-busy");
      button.insertBefore(el("span", "spin"), button.firstChild);
    }
    return undefined;
  });
  const rest = () => {
    $$("form[data-sent]").forEach((form) => delete form.dataset.sent);
    $$(".is-busy").forEach((button) => {
      button.classList.remove("is-busy");
      $$(".spin", button).forEach((node) => node.remove());
    });
  };
  /* the summary of mistakes says which field each one is about, in the words of its label */
  const nameMistakes = (root) => $$(".errors a[href^='#f-']", root).forEach((link) => {
    const field = document.getElementById(link.hash.slice(1));
    const label = field && ($('label[for="' + field.id + '"]') || $("legend", field));
    const name = label ? label.firstChild.textContent.trim() : "";
    if (!link.textContent.includes(name)) link.prepend(name + "：");
  });

  /* on a phone each row of a wide table, of a list with actions, or of a log is a card: its cells say what they are (see the style sheet) */
  const WIDE = 4;
  const isCards = (table) => $("thead .act, thead .diff", table) || $$("thead th", table).length >= WIDE;
  const label = (root) => $$(".tbl", root).filter(isCards).forEach((table) => {
    const names = $$("thead th", table).map((each) => each.textContent.trim());
    $$("tbody tr", table).forEach((row) => {
      const first = $("td:first-child :is([type=checkbox], [type=radio])", row) ? 1 : 0;  // what the row is about stands alone
      Array.from(row.children).forEach((cell, index) => {
        const isBlank = !cell.children.length && !cell.textContent.trim();
        if (isBlank) cell.replaceChildren();  // the indentation of the markup is no content: a card hides the cell
        if (index <= first || !names[index] || cell.dataset.label) return;
        cell.dataset.label = names[index];
        if (isBlank) return;
        const value = el("span", "value");  // one thing beside its name, however much stands in it
        value.append(...cell.childNodes);
        cell.append(value);
      });
    });
    table.dataset.cards = "";
  });

  /* on a phone the menu is one line: what is open stands in sight */
  const showOpen = () => {
    const list = $(".nav-in > ul");
    const here = $(".nav a[aria-current=page]") || $(".nav a[aria-current]");
    if (!list || !here || list.scrollWidth <= list.clientWidth) return;
    const box = here.getBoundingClientRect();
    list.scrollLeft += (box.left + box.right - list.clientWidth) / 2;
  };

  const dress = (root) => {
    label(root);
    nameMistakes(root);
    guard(root);
    counters(root);
    lists(root);
    whens(root);
    $$("[data-bulk]", root).forEach((bar) => count(bar.closest("form")));
    if (window.uPlot) $$("[data-chart]", root).forEach(chart);
    const wrong = $("[data-focus]", root);
    if (wrong) wrong.focus();
  };
  document.addEventListener("DOMContentLoaded", () => {
    dress(document);
    live(document);
    liveFollowers();
    showOpen();
    refill();
    $$("#toasts .toast").forEach((node) => setTimeout(() => node.remove(), 5000));
  });
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) dress(event.detail.elt); });
  document.addEventListener("htmx:afterRequest", rest);
  document.addEventListener("toast", (event) => toast(event.detail.value || event.detail));
  document.addEventListener("htmx:responseError", () => toast("没有成功，请稍后再试"));
  document.addEventListener("htmx:sendError", () => toast("网络不稳，请检查后重试"));
  window.addEventListener("pageshow", rest);
})();
