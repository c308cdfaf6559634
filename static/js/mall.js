/* Fenmall, the shopper's pages. Everything works without this file; it makes it pleasant. ES2018. */
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
  const json = (id) => {
    const node = document.getElementById(id);
    return node ? JSON.parse(node.textContent) : null;
  };
  document.documentElement.classList.add("js");

  /* ---------- telling: toasts and one question ---------- */
  const PHOTO_MOST = 20 * 1024 * 1024; // what the server takes; said before a long upload fails
  const PHOTOS_MOST = 47 * 1024 * 1024; // of one form
  const toast = (text, bad) => {
    const box = $("#toasts");
    if (!box || !text) return;
    const node = el("p", "toast" + (bad ? " toast-bad" : ""), text);
    box.appendChild(node);
    setTimeout(() => node.remove(), Math.max(2500, text.length * 180));
  };

  const ask = (text, yes, no) => new Promise((resolve) => {
    const before = document.activeElement;
    const wrap = el("div");
    const box = el("div", "weui-dialog");
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-label", text);
    const foot = el("div", "weui-dialog__ft");
    const done = (answer) => {
      wrap.remove();
      if (before && before.focus) before.focus();
      resolve(answer);
    };
    [[no || "取消", false, "weui-dialog__btn_default"], [yes || "确定", true, "weui-dialog__btn_primary"]].forEach(([label, answer, tone]) => {
      const button = el("button", "weui-dialog__btn " + tone, label);
      button.type = "button";
      button.addEventListener("click", () => done(answer));
      foot.appendChild(button);
    });
    box.appendChild(el("div", "weui-dialog__bd", text));
    box.appendChild(foot);
    wrap.appendChild(el("div", "weui-mask"));
    wrap.appendChild(box);
    wrap.addEventListener("keydown", (event) => {
      if (event.key === "Escape") done(false);
      trap(event, box);
    });
    document.body.appendChild(wrap);
    foot.lastChild.focus();
  });

  /* ---------- sheets: the address opens them, this keeps the focus inside ---------- */
  const focusable = (root) => $$("a[href]:not([tabindex='-1']),button:not([disabled]),input:not([type=hidden]):not([disabled]),select,textarea", root)
    .filter((node) => node.offsetParent !== null);
  function trap(event, root) {
    if (event.key !== "Tab") return;
    const nodes = focusable(root);
    if (!nodes.length) return;
    const edge = event.shiftKey ? nodes[0] : nodes[nodes.length - 1];
    if (document.activeElement === edge || !root.contains(document.activeElement)) {
      event.preventDefault();
      (event.shiftKey ? nodes[nodes.length - 1] : nodes[0]).focus();
    }
  }
  let opener = null;
  let pushed = false;
  const openSheet = () => {
    const hash = location.hash.slice(1);
    const node = hash ? document.getElementById(hash) : null;
    return node && node.hasAttribute("data-sheet") ? node : null;
  };
  const onHash = () => {
    const sheet = openSheet();
    document.body.classList.toggle("sheet-locked", !!sheet);
    if (sheet) {
      setTimeout(() => $(".sheet-box", sheet).focus(), 60);
    } else {
      pushed = false;
      if (opener) opener.focus();
      opener = null;
    }
  };
  const closeSheet = () => {
    if (!openSheet()) return;
    if (pushed) history.back();
    else location.replace("#_");
  };

  /* ---------- pictures at full size: WeChat's own viewer, else a dialog with larger and smaller ---------- */
  const zoom = (links, from) => {
    const urls = links.map((link) => link.href);
    if (window.WeixinJSBridge) {
      window.WeixinJSBridge.invoke("imagePreview", { current: urls[from], urls });
      return;
    }
    const box = el("dialog", "zoom"), img = el("img"), note = el("p", "zoom-count"), off = el("button", "zoom-off", "×");
    let now = from;
    const show = (step) => {
      now = (now + step + urls.length) % urls.length;
      box.classList.remove("is-large");
      img.src = urls[now];
      img.alt = $("img", links[now]).alt;
      note.textContent = (now + 1) + "/" + urls.length;
    };
    off.type = "button";
    off.setAttribute("aria-label", "关闭");
    off.addEventListener("click", () => box.close());
    img.addEventListener("click", () => box.classList.toggle("is-large"));
    let x = 0;
    box.addEventListener("touchstart", (event) => { x = event.touches[0].clientX; }, { passive: true });
    box.addEventListener("touchend", (event) => {
      const far = event.changedTouches[0].clientX - x;
      if (Math.abs(far) > 50 && !box.classList.contains("is-large")) show(far < 0 ? 1 : -1);
    });
    box.addEventListener("keydown", (event) => { const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]; if (step) show(step); });
    box.addEventListener("close", () => { box.remove(); links[now].focus(); });
    box.append(img, note, off);
    document.body.appendChild(box);
    show(0);
    if (box.showModal) box.showModal();
    else location.href = urls[from];
  };

  /* ---------- forms ---------- */
  const send = (form) => {
    if (form.requestSubmit) return form.requestSubmit();
    const button = el("button");
    button.hidden = true;
    form.appendChild(button);
    button.click();
    return button.remove();
  };
  const busy = (form, button) => {
    form.dataset.sent = "1";
    if (!button || !button.classList.contains("weui-btn")) return;
    button.dataset.label = button.textContent;
    button.classList.add("is-busy");
    button.setAttribute("aria-busy", "true");
    button.textContent = "";
    button.appendChild(el("span", "spin"));
    button.appendChild(document.createTextNode(button.dataset.busy || button.dataset.label));
  };
  const rest = (root) => {
    $$("form[data-sent]", root).concat(root.matches && root.matches("form[data-sent]") ? [root] : []).forEach((form) => delete form.dataset.sent);
    $$(".is-busy", root).forEach((button) => {
      button.classList.remove("is-busy");
      button.removeAttribute("aria-busy");
      button.textContent = button.dataset.label;
    });
  };
  let tapped = null;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter || (tapped && tapped.form === form ? tapped : null);
    if (form.dataset.sent) return event.preventDefault();
    if (form.dataset.confirm && !form.dataset.sure) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(form.dataset.confirm).then((answer) => {
        if (!answer) return;
        form.dataset.sure = "1";
        if (button) button.click();
        else send(form);
      });
      return undefined;
    }
    delete form.dataset.sure;
    if (form.method === "post") busy(form, button);
    remember(form, true);
    return undefined;
  }, true);

  const step = (button) => {
    const box = button.closest("[data-stepper]");
    const input = $("input", box);
    const next = (whole(input.value) || 0) + Number(button.dataset.step);
    if (next < Number(input.dataset.min) || (next > Number(input.dataset.max) && Number(button.dataset.step) > 0)) return;
    input.value = next;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const whole = (text) => {
    const plain = text.trim().replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xFEE0));
    return /^[0-9]+$/.test(plain) ? Number(plain) : NaN;
  };
  /* What was typed stays; out of bounds it is marked, and the server refuses it. */
  const weigh = (box, input, tell) => {
    const min = Number(input.dataset.min);
    const max = Number(input.dataset.max);
    const value = whole(input.value);
    const bad = !(value >= min && value <= max);
    if (bad) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    if (bad && tell) toast(value > max ? "最多 " + max + " 件，请修改数量" : "请输入 " + min + " 到 " + max + " 的整数", true);
    $("[data-step='-1']", box).disabled = value <= min;
    $("[data-step='1']", box).disabled = value >= max;
  };

  const copy = (text) => {
    const old = () => {
      const area = el("textarea");
      area.value = text;
      area.readOnly = true;
      area.className = "sr";
      document.body.appendChild(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done ? Promise.resolve() : Promise.reject(new Error("copy"));
    };
    const way = navigator.clipboard && window.isSecureContext
      ? navigator.clipboard.writeText(text).catch(old) : old();
    way.then(() => toast("已复制"), () => toast("请长按文字复制", true));
  };

  /* what is half typed survives a lost connection and a session that ended while it was sent; gone
     with the first page after it that has no such form, or after a day */
  const draftKey = (form) => "draft:" + form.dataset.draft;
  const draftFields = (form) => $$("input[type=text],input[type=tel],input[type=search],textarea,select", form);
  const draftTicks = (form) => $$("input[type=checkbox],input[type=radio]", form);
  const remember = (form, isSent) => {
    if (!form.dataset.draft) return;
    const kept = { at: Date.now(), sent: isSent, v: {}, on: [] };
    draftFields(form).forEach((input) => { if (input.name) kept.v[input.name] = input.value; });
    draftTicks(form).forEach((input) => { if (input.checked) kept.on.push(input.name + "=" + input.value); });
    try { localStorage.setItem(draftKey(form), JSON.stringify(kept)); } catch (_) { /* storage is off */ }
  };
  const recall = (form) => {
    try {
      const kept = JSON.parse(localStorage.getItem(draftKey(form)) || "null");
      if (!kept || Date.now() - kept.at > 864e5) return localStorage.removeItem(draftKey(form));
      draftFields(form).forEach((input) => {
        if (input.value || !kept.v[input.name]) return;
        input.value = kept.v[input.name];
        if (input.tagName === "SELECT") input.dispatchEvent(new Event("change", { bubbles: true }));
      });
      const isJustSent = kept.sent && Date.now() - kept.at < 6e5; // a yes is kept only for what was sent just now
      draftTicks(form).forEach((input) => { if (isJustSent && kept.on.includes(input.name + "=" + input.value)) input.checked = true; });
    } catch (_) { /* storage is off */ }
    return undefined;
  };
  const forgetSent = () => {
    try {
      Object.keys(localStorage).filter((key) => key.startsWith("draft:")).forEach((key) => {
        const isHere = $$("form[data-draft]").some((form) => draftKey(form) === key);
        if (!isHere && JSON.parse(localStorage.getItem(key)).sent) localStorage.removeItem(key);
      });
    } catch (_) { /* storage is off */ }
  };

  const care = (form, button) => {
    const on = button.value === "1";
    const body = new FormData(form);
    body.set("care", button.value);
    fetch(form.action, { method: "POST", body: new URLSearchParams(body), credentials: "same-origin" })
      .then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        document.documentElement.toggleAttribute("data-care", on);
        if (on) document.body.dataset.weuiMode = "care";
        else delete document.body.dataset.weuiMode;
        $$("form[data-care-form] button").forEach((each) => {
          each.value = on ? "0" : "1";
          each.textContent = on ? "标准字号" : "大字版";
          each.setAttribute("aria-pressed", String(on));
        });
        toast(on ? "已切换为大字版" : "已切换为标准字号");
      })
      .catch(() => { form.dataset.plain = "1"; button.click(); });
  };

  /* ---------- time left ---------- */
  const said = $("meta[name=now]");
  const drift = said ? Date.parse(said.content) - Date.now() : 0;
  const two = (n) => String(n).padStart(2, "0");
  const tick = () => $$("[data-countdown]").forEach((node) => {
    const left = Math.floor((Date.parse(node.dateTime) - Date.now() - drift) / 1000);
    if (left > 0) {
      const days = Math.floor(left / 86400);
      node.textContent = (days ? days + " 天 " : "") + two(Math.floor(left / 3600) % 24) + ":" + two(Math.floor(left / 60) % 60) + ":" + two(left % 60);
    } else if (node.dataset.over !== "1") {
      node.dataset.over = "1";
      node.textContent = "已结束";
      if (node.dataset.countdown === "reload") setTimeout(() => location.reload(), 1500);
    }
  });

  /* ---------- WeChat ---------- */
  const bridge = () => new Promise((resolve, reject) => {
    if (window.WeixinJSBridge) return resolve(window.WeixinJSBridge);
    setTimeout(reject, 8000);
    return document.addEventListener("WeixinJSBridgeReady", () => resolve(window.WeixinJSBridge), { once: true });
  });

  /* a payment whose page was closed: look whether it came, and say nothing if it did not */
  const glance = (data, left) => fetch(data.check, { headers: { Accept: "application/json" }, credentials: "same-origin" })
    .then((answer) => answer.json())
    .then((state) => {
      if (state.url && state.state !== "pending") location.replace(state.url);
      else if (left > 0) setTimeout(() => glance(data, left - 1), 2500);
    })
    .catch(() => {});

  /* Whether it was paid is the server's to say: after the till closes we only ask, with a cap. */
  const settle = (data, said) => {
    let asked = 0;
    const most = data.tries || 15;
    const end = (text) => {
      if (data.done && !data.watch) location.replace(data.done);
      else said(text, true);
    };
    const again = () => {
      asked += 1;
      fetch(data.check, { headers: { Accept: "application/json" }, credentials: "same-origin" })
        .then((answer) => answer.json())
        .then((state) => {
          if (state.url && state.state !== "pending") location.replace(state.url);
          else if (asked < most) setTimeout(again, Math.min(1000 + asked * 300, 4000));
          else end("结果确认中，稍后可在列表中查看。");
        })
        .catch(() => {
          if (asked < most) setTimeout(again, 3000);
          else end("网络不稳，请稍后在列表中查看结果。");
        });
    };
    again();
  };
  const till = (kind, method, ask) => {
    const data = json(kind);
    if (!data) return;
    const state = $("[data-" + kind + "-state]");
    const buttons = $$("[data-" + kind + "]");
    const said = (text, free) => {
      if (state) state.textContent = text;
      buttons.forEach((button) => { button.disabled = !free; });
    };
    if (data.watch) {
      settle(data, said);
      return;
    }
    const open = () => {
      said("正在打开微信…", false);
      bridge().then((jsBridge) => jsBridge.invoke(method, ask(data), (result) => {
        const word = String(result.err_msg || "").split(":")[1] || "";
        if (word === "ok") {
          said("正在确认结果…", false);
          settle(data, said);
        } else if (word === "cancel") said(data.cancelled || "您已取消，可随时继续。", true);
        else {
          said(data.failed || "没有完成，请重试。", true);
          settle(Object.assign({}, data, { done: "", tries: 3 }), () => {});
        }
      }), () => said("没有打开微信，请在微信中打开本页后重试。", true));
    };
    buttons.forEach((button) => button.addEventListener("click", open));
    if (data.auto) open();
  };

  /* a visit by somebody's link counts once the page was looked at for two seconds */
  const visited = () => {
    const visit = json("visit");
    if (!visit) return;
    const tell = () => {
      document.removeEventListener("visibilitychange", look);
      const body = new URLSearchParams(visit);
      if (navigator.sendBeacon && navigator.sendBeacon("/m/seen", body)) return;
      fetch("/m/seen", { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
    };
    let timer = 0;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") timer = setTimeout(tell, 2000);
    };
    document.addEventListener("visibilitychange", look);
    look();
  };

  /* ---------- one listener for taps ---------- */
  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest && event.target.closest(selector);
    tapped = at("button");
    const stepper = at("[data-step]");
    if (stepper) return step(stepper);
    const copied = at("[data-copy]");
    if (copied) return copy(copied.dataset.copy);
    const link = at("a[href^='#']");
    if (!link) return undefined;
    const hash = link.getAttribute("href").slice(1);
    if (link.closest("[data-sheet]") && hash === "_") {
      event.preventDefault();
      return closeSheet();
    }
    const target = hash && document.getElementById(hash);
    if (target && target.hasAttribute("data-sheet")) { opener = link; pushed = true; }
    return undefined;
  });

  document.addEventListener("keydown", (event) => {
    const sheet = openSheet();
    if (!sheet) return;
    if (event.key === "Escape") closeSheet();
    trap(event, sheet);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.dataset.draft) remember(form, false);
  });
  document.addEventListener("change", (event) => {
    const input = event.target;
    const box = input.closest("[data-stepper]");
    if (box) weigh(box, input, true);
  }, true);
  document.addEventListener("change", (event) => {
    const input = event.target;
    const box = input.closest("[data-stepper]");
    if (box && box.hasAttribute("data-submit") && input.form) send(input.form);
    if (input.name === "kind" && input.form) {
      $$("[data-kinds]", input.form).forEach((node) => {
        node.hidden = !node.dataset.kinds.split(" ").includes(input.value);
        $$("input", node).forEach((each) => { each.required = !node.hidden; each.disabled = node.hidden; });
      });
    }
    if (input.matches("[data-autosubmit]") && input.form) send(input.form);
    if (input.type === "file" && input.closest("[data-upload]")) {
      const list = input.closest("[data-upload]");
      $$("img[data-chosen]", list).forEach((img) => img.remove());
      if (Array.from(input.files).some((file) => file.size > PHOTO_MOST)) {
        input.value = "";
        toast("图片太大，请选择 20 MB 以内的图片", true);
      } else if (Array.from(input.files).reduce((sum, file) => sum + file.size, 0) > PHOTOS_MOST) {
        input.value = "";
        toast("图片加起来太大，请少选几张", true);
      }
      Array.from(input.files).forEach((file) => {
        const img = el("img");
        img.dataset.chosen = "1";
        img.alt = file.name;
        img.src = URL.createObjectURL(file);
        list.insertBefore(img, list.lastElementChild);
      });
    }
  });

  /* ---------- start, and again for what htmx brings ---------- */
  /* the summary of mistakes says which field each one is about, in the words of its label */
  const nameMistakes = (root) => $$(".errors a[href^='#f-']", root).forEach((link) => {
    const field = document.getElementById(link.hash.slice(1));
    const label = field && ($('label[for="' + field.id + '"]') || $("legend", field));
    const name = label ? label.firstChild.textContent.trim() : "";
    if (!link.textContent.includes(name)) link.prepend(name + "：");
  });

  const dress = (root) => {
    nameMistakes(root);
    $$("[data-stepper]", root).forEach((box) => {
      const input = $("input", box);
      weigh(box, input, false);
    });
    $$("form[data-draft]", root).forEach(recall);
    $$(".tabs [aria-current]", root).forEach((tab) => {
      tab.parentNode.scrollLeft = tab.offsetLeft - (tab.parentNode.clientWidth - tab.offsetWidth) / 2;
    });
    const wrong = $("[data-focus]", root);
    if (wrong) wrong.focus();
  };
  document.addEventListener("DOMContentLoaded", () => {
    dress(document);
    forgetSent();
    $$("form[data-care-form]").forEach((form) => form.addEventListener("submit", (event) => {
      if (form.dataset.plain) return;
      event.preventDefault();
      rest(form.parentNode);
      care(form, $("button", form));
    }));
    $$(".album").forEach((album) => {
      const count = $("[data-at]", album.parentNode);
      album.addEventListener("scroll", () => {
        if (count) count.textContent = Math.round(album.scrollLeft / album.clientWidth) + 1;
      }, { passive: true });
      album.addEventListener("click", (event) => {
        const link = event.target.closest("[data-zoom]");
        if (!link) return;
        event.preventDefault();
        zoom($$("[data-zoom]", album), Number(link.dataset.zoom));
      });
    });
    onHash();
    tick();
    if ($("[data-countdown]")) setInterval(tick, 1000);
    visited();
    const look = json("look");
    if (look) glance(look, 2);
    till("pay", "getBrandWCPayRequest", (data) => data.params);
    till("transfer", "requestMerchantTransfer", (data) => data.params);
    $$("#toasts .toast").forEach((node) => setTimeout(() => node.remove(), Math.max(4000, node.textContent.length * 180)));
  });
  window.addEventListener("hashchange", onHash);
  document.addEventListener("toast", (event) => toast(event.detail.value || event.detail));
  document.addEventListener("htmx:afterRequest", (event) => rest(event.detail.elt.closest("body") ? event.detail.elt : document));
  document.addEventListener("htmx:load", (event) => dress(event.detail.elt));
  document.addEventListener("htmx:responseError", () => toast("没有成功，请稍后再试", true));
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, () => toast("网络不稳，请检查后重试", true)));

  /* pages are the same for everybody, so small figures of one's own come after the page; and the
     back key brings an old page back: unlock its buttons, ask for what may have changed */
  const counts = () => $$("[data-refresh]:not([data-refresh='page'])").forEach((node) => {
    if (window.htmx) window.htmx.ajax("GET", node.dataset.refresh, { target: node, swap: "outerHTML" });
  });
  const isOld = (event) => {
    const [how] = performance.getEntriesByType("navigation");
    return event.persisted || (!!how && how.type === "back_forward" && !how.transferSize);
  };
  const cameBack = () => {
    const [how] = performance.getEntriesByType("navigation");
    const kept = sessionStorage.getItem("back") === location.href;
    sessionStorage.removeItem("back");
    return kept || (!!how && how.type === "back_forward");
  };
  window.addEventListener("pageshow", (event) => {
    rest(document);
    if ($("[data-refresh=page]") && isOld(event)) {
      try { sessionStorage.setItem("back", location.href); } catch (_) { /* storage is off */ }
      location.reload();
      return;
    }
    const done = $("[data-done]");
    try { if (done && cameBack()) { location.replace(done.dataset.done); return; } } catch (_) { /* storage is off */ }
    counts();
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "cart-box") counts(); });
})();
