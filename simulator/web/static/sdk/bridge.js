/* What WeChat's app adds to a page: the User-Agent, WeixinJSBridge, and native sheets.
 *
 * Loaded at the head of every page in a phone's webview, and once more with the JS-SDK; the second
 * time it does nothing. On any other origin there is no phone, so there is no WeChat either.
 */
(function () {
  "use strict";
  const label = /^([a-z0-9-]+)\.localhost$/.exec(location.hostname);
  if (!label || window.__simPage) return;
  const phone = label[1];
  const tag = document.currentScript;
  const agent = tag && tag.dataset.ua;
  if (agent) {
    Object.defineProperty(navigator, "userAgent", { get: () => agent, configurable: true });
  }

  // A phone's scrollbars lie over the page and take no room. A constructed style sheet is not
  // restricted by the page's CSP.
  const bars = new CSSStyleSheet();
  bars.replaceSync("html, body { scrollbar-width: none }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, bars];

  // Read by the phone's frame: the share card of this page, and the menu items that it hides.
  const page = { phone, share: null, timeline: null, hidden: new Set(), menuHidden: false };
  window.__simPage = page;

  /** The phone's screen if the page is shown inside one, else null. */
  function screen() {
    try {
      return window.parent !== window ? window.parent.simScreen || null : null;
    } catch {
      return null; // framed by a stranger
    }
  }

  let own = null;
  /** Ask the person by a native sheet, of the phone's screen or drawn into this page. */
  function ask(kind, data) {
    const host = screen();
    if (host) return host.ask(kind, data);
    own = own || new window.SimSheets(document.body, phone);
    return own.ask(kind, data);
  }

  function tell(message) {
    if (window.parent !== window) window.parent.postMessage(message, "*");
  }

  async function call(method, path, body) {
    const isForm = body instanceof FormData;
    const answer = await fetch(`/_sim/phones/${phone}${path}`, {
      method,
      headers: body && !isForm ? { "Content-Type": "application/json" } : {},
      body: body && (isForm ? body : JSON.stringify(body)),
    });
    const data = await answer.json();
    if (!answer.ok) throw new Error((data.error && data.error.message) || answer.statusText);
    return data;
  }

  async function pay(params) {
    const here = location.href.split("#")[0];
    const first = await call("POST", "/js/pay", { params, url: here });
    if (!first.sheet) {
      await ask("note", { title: "支付失败", text: first.reason || "支付参数有误" });
      return { err_msg: first.err_msg, err_desc: first.reason };
    }
    const result = await ask("pay", first.sheet);
    const done = await call("POST", "/pay", { params, result });
    if (result === "ok" && done.result !== "ok") {
      await ask("note", { title: "支付失败", text: done.reason || "请稍后再试" });
    } else if (done.result === "ok") {
      await ask("paid", first.sheet);
    }
    return { err_msg: done.err_msg, err_desc: done.reason };
  }

  async function transfer(params) {
    const first = await call("POST", "/js/transfer", params);
    if (!first.sheet) {
      await ask("note", { title: "无法收款", text: first.reason || "转账单有误" });
      return { err_msg: first.err_msg, err_desc: first.reason };
    }
    if (first.sheet.kind === "grant") return agree(first.sheet);
    const decision = await ask("transfer", first.sheet);
    await call("POST", `/transfers/${first.sheet.out_bill_no}`, { decision });
    if (decision === "confirm") await ask("received", first.sheet);
    return { err_msg: `requestMerchantTransfer:${decision === "confirm" ? "ok" : "cancel"}` };
  }

  async function agree(grant) {
    const decision = await ask("grant", grant);
    await call("POST", `/grants/${grant.out_authorization_no}`, { decision });
    return { err_msg: `requestMerchantTransfer:${decision === "confirm" ? "ok" : "cancel"}` };
  }

  function close() {
    tell({ sim: "close" });
    if (window.parent === window) window.close();
    return { err_msg: "close_window:ok" };
  }

  function preview(params) {
    tell({ sim: "preview", urls: params.urls || [params.current] });
    return ask("preview", params).then(() => ({ err_msg: "preview_image:ok" }));
  }

  function menuShown(isShown) {
    page.menuHidden = !isShown;
    tell({ sim: "menu" });
    return { err_msg: "ok" };
  }

  const verbs = {
    getBrandWCPayRequest: pay,
    requestMerchantTransfer: transfer,
    closeWindow: close,
    imagePreview: preview,
    hideOptionMenu: () => menuShown(false),
    showOptionMenu: () => menuShown(true),
    hideToolbar: () => ({ err_msg: "hideToolbar:ok" }),
    getNetworkType: () => ({ err_msg: "network_type:wifi" }),
  };
  const failure = { getBrandWCPayRequest: "get_brand_wcpay_request:fail" };

  window.WeixinJSBridge = {
    invoke(name, params, done) {
      const verb = verbs[name];
      Promise.resolve()
        .then(() => (verb ? verb(params || {}) : { err_msg: `${name}:fail_not supported` }))
        .catch((error) => ({ err_msg: failure[name] || `${name}:fail`, err_desc: error.message }))
        .then((answer) => done && done(answer));
    },
    call(name) {
      this.invoke(name, {});
    },
    on() {},
  };
  Object.assign(page, { ask, tell, call, verbs });

  const ready = () => document.dispatchEvent(new Event("WeixinJSBridgeReady"));
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", () => setTimeout(ready));
  } else setTimeout(ready);

  // A separate window has no title bar, so WeChat's "···" is drawn into the page.
  if (window.parent === window && !location.pathname.startsWith("/_phone/")) {
    addEventListener("load", () => {
      own = own || new window.SimSheets(document.body, phone);
      own.dots(() => page);
    });
  }
})();
