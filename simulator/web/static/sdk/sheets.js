/* WeChat's native sheets: paying, receiving, subscribing, scanning, and small notes.
 *
 * Drawn in a shadow root so that no page's style touches them and none of theirs leaks; styles are
 * constructed sheets and nodes are built one by one, so that no page's CSP stops them. A phone's
 * screen and a page in a window of its own use the same code. `data-sim` names every choice.
 */
(function () {
  "use strict";
  if (window.SimSheets) return;

  const CSS = `
  :host{all:initial;position:absolute;inset:0;z-index:2147483000;pointer-events:none;display:block;
    font:16px/1.5 -apple-system,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#191919}
  :host(.page){position:fixed}
  *{box-sizing:border-box} button,input,textarea{font:inherit;color:inherit}
  button{border:0;background:none;padding:0;margin:0;cursor:pointer}
  button:focus-visible,input:focus-visible,textarea:focus-visible{outline:2px solid #576b95;outline-offset:2px}
  .shade{position:absolute;inset:0;background:rgba(0,0,0,.5);pointer-events:auto;animation:fade .18s ease-out;overflow:hidden}
  .sheet{position:absolute;left:0;right:0;bottom:0;margin:0 auto;max-width:520px;background:#f7f7f7;border-radius:12px 12px 0 0;
    max-height:88%;overflow:auto;animation:rise .22s ease-out;padding-bottom:20px}
  .dialog{position:absolute;left:50%;top:46%;width:300px;max-width:84%;transform:translate(-50%,-50%);background:#fff;
    border-radius:12px;text-align:center;overflow:hidden;animation:pop .16s ease-out}
  .dialog h2{font-size:17px;font-weight:600;margin:28px 24px 8px}.dialog p{margin:0 24px 28px;color:#7f7f7f;font-size:15px;word-break:break-word}
  .dialog footer{border-top:1px solid #ececec;display:flex}.dialog footer button{flex:1;height:52px;color:#576b95;font-weight:600;font-size:17px}
  .dialog footer button+button{border-left:1px solid #ececec}.dialog .plain{color:#191919}.dialog .danger{color:#fa5151}
  .head{display:flex;align-items:center;height:56px;padding:0 16px;position:relative;background:inherit;justify-content:center;font-weight:600;font-size:17px}
  .x{position:absolute;left:8px;top:10px;width:36px;height:36px;font-size:22px;line-height:36px;color:#191919}
  .who{text-align:center;font-size:15px;color:#191919;margin:12px 24px 2px}
  .sum{text-align:center;font-size:42px;font-weight:600;line-height:1.2;margin:0 0 4px;font-variant-numeric:tabular-nums}
  .sum small{font-size:28px;font-weight:600;margin-right:2px}
  .rows{margin:20px 20px 0;border-top:1px solid #e5e5e5}
  .row{display:flex;justify-content:space-between;gap:16px;padding:12px 0;font-size:15px;color:#7f7f7f}
  .row b{font-weight:400;color:#191919;text-align:right;word-break:break-all}
  .go{display:block;width:184px;height:46px;margin:26px auto 6px;border-radius:8px;background:#07c160;color:#fff;font-weight:600;font-size:17px}
  .go:active{background:#06ad56}.go.wide{width:calc(100% - 48px)}.go.weak{background:#e7e7e7;color:#06ae56;margin-top:10px}
  .go:disabled{opacity:.4}
  .links{display:flex;justify-content:center;gap:24px;padding:8px 0 4px;font-size:14px;color:#576b95}.links button{padding:6px}
  .links .faint{color:#b2b2b2}
  .boxes{display:flex;justify-content:center;margin:24px auto;gap:8px}
  .boxes i{width:42px;height:46px;background:#fff;border-radius:6px;display:grid;place-items:center;font-style:normal;font-size:30px}
  .pad{display:grid;grid-template-columns:repeat(3,1fr);gap:6px;background:#ececec;padding:6px;margin-bottom:-20px}
  .pad button{height:48px;background:#fff;border-radius:6px;font-size:22px}.pad .none{background:none}
  .done{position:absolute;inset:0;background:#fff;pointer-events:auto;text-align:center;padding-top:96px;animation:fade .15s}
  .tick{width:56px;height:56px;border-radius:50%;background:#07c160;margin:0 auto 14px;position:relative}
  .tick::after{content:"";position:absolute;left:20px;top:12px;width:13px;height:24px;border:solid #fff;border-width:0 4px 4px 0;transform:rotate(45deg)}
  .done h2{font-size:17px;font-weight:500;color:#07c160;margin:0 0 40px}
  .coin{width:52px;height:52px;border-radius:50%;background:#fa9d3b;color:#fff;font-size:26px;line-height:52px;margin:26px auto 0;text-align:center}
  .list{background:#fff;margin:12px 16px 0;border-radius:10px;overflow:hidden}
  .item{display:flex;align-items:center;gap:12px;width:100%;min-height:52px;padding:10px 14px;text-align:left;border-top:1px solid #f0f0f0}
  .item:first-child{border-top:0}.item span{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
  .item small{display:block;color:#b2b2b2;font-size:12px;overflow:hidden;text-overflow:ellipsis}
  .item img,.item .face{width:36px;height:36px;border-radius:6px;object-fit:cover;background:#eee;flex:none}
  .item input{width:20px;height:20px;accent-color:#07c160}
  .say{margin:0 20px;color:#7f7f7f;font-size:14px}
  .paste{display:flex;gap:8px;margin:12px 16px 0}.paste input{flex:1;min-width:0;height:42px;border:0;border-radius:8px;background:#fff;padding:0 12px}
  .paste button{height:42px;padding:0 16px;border-radius:8px;background:#07c160;color:#fff}
  .toast{position:absolute;left:50%;top:44%;transform:translate(-50%,-50%);background:rgba(17,17,17,.86);color:#fff;border-radius:10px;
    padding:14px 20px;max-width:74%;font-size:15px;text-align:center;word-break:break-word;animation:pop .15s}
  .view{position:absolute;inset:0;background:#000;pointer-events:auto;display:grid;place-items:center}
  .view img{max-width:100%;max-height:100%}
  .actions{background:#f7f7f7}.actions button.act{display:block;width:100%;min-height:54px;background:#fff;font-size:17px;border-top:1px solid #f0f0f0}
  .actions button.act:first-of-type{border-top:0}.actions .gap{height:8px}
  .actions .icons{display:flex;flex-wrap:wrap;gap:18px 0;padding:24px 10px 16px}
  .actions .icons button{width:25%;font-size:12px;color:#7f7f7f;display:grid;justify-items:center;gap:7px}
  .actions .icons i{width:54px;height:54px;border-radius:14px;background:#fff;display:grid;place-items:center;color:#3d3d3d}
  .actions svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
  .dots{position:absolute;right:0;top:42%;width:40px;height:44px;border-radius:22px 0 0 22px;background:rgba(0,0,0,.38);color:#fff;
    pointer-events:auto;font-size:9px;letter-spacing:2px;padding-left:6px;white-space:nowrap;text-align:center}
  @keyframes fade{from{opacity:0}}@keyframes rise{from{transform:translateY(60%)}}@keyframes pop{from{opacity:0;scale:.94}}
  @media (prefers-reduced-motion:reduce){*{animation:none!important}}`;

  /** Build a node: attributes by name, `on…` handlers, children as nodes or texts. */
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== false && value !== null && value !== undefined) {
        node.setAttribute(name, value === true ? "" : value);
      }
    });
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  }

  /** A line drawing from one path. */
  function line(path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const shape = document.createElementNS(space, "path");
    shape.setAttribute("d", path);
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.append(shape);
    return svg;
  }

  const yuan = (fen) => `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
  const sum = (fen) => el("div", { class: "sum" }, el("small", {}, "¥"), yuan(fen));
  const row = (name, value) => el("div", { class: "row" }, name, el("b", {}, value));
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  class SimSheets {
    constructor(container, phone) {
      this.phone = phone;
      this.stilled = new Set();
      this.host = el("div", { class: container === document.body ? "page" : "" });
      this.host.dataset.simSheets = "";
      this.root = this.host.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      this.root.adoptedStyleSheets = [sheet];
      container.append(this.host);
    }

    /** Show a sheet; resolves with what the person chose. */
    ask(kind, data) {
      return this[kind](data || {});
    }

    /** Show one node, keep focus and Escape inside, and remove it when `resolve` is called. */
    raise(build, escape) {
      return new Promise((resolve) => {
        const before = document.activeElement;
        const finish = (value) => {
          node.remove();
          this.still();
          if (before && before.focus) before.focus({ preventScroll: true });
          resolve(value);
        };
        const node = build(finish);
        node.setAttribute("role", "dialog");
        node.setAttribute("aria-modal", "true");
        node.tabIndex = -1;
        node.addEventListener("keydown", (event) => {
          if (event.key === "Escape") finish(escape);
          event.stopPropagation();
        });
        node.addEventListener("click", (event) => {
          if (event.target === node && node.dataset.light !== undefined) finish(escape);
        });
        this.root.append(node);
        this.still();
        node.focus({ preventScroll: true });
      });
    }

    /** While a sheet is shown, Tab stays inside and nothing below it can be reached. */
    still() {
      const isUp = this.root.querySelector("[aria-modal]") !== null;
      for (const one of this.host.parentNode.children) {
        if (one === this.host) continue;
        if (isUp && !one.inert) this.stilled.add(one);
        if (this.stilled.has(one)) one.inert = isUp;
      }
      if (!isUp) this.stilled.clear();
    }

    sheet(title, close, sim, ...parts) {
      const x = el("button", { class: "x", "aria-label": "关闭", "data-sim": sim, onclick: close }, "✕");
      const head = el("div", { class: "head" }, x, title);
      return el("div", { class: "shade" }, el("div", { class: "sheet" }, head, ...parts));
    }

    pay(order) {
      return this.raise((finish) => {
        const body = el("div", {},
          el("p", { class: "who" }, order.merchant), sum(order.total_fen),
          el("div", { class: "rows" }, row("商品", order.description),
            row("支付方式", `零钱（余额 ¥${yuan(order.wallet_fen)}）`)),
          el("button", { class: "go", "data-sim": "pay-ok", onclick: () => finish("ok") }, "立即支付"),
          el("div", { class: "links" },
            el("button", { onclick: () => this.digits(body, () => finish("ok")) }, "使用密码"),
            el("button", { class: "faint", "data-sim": "pay-fail", onclick: () => finish("fail") }, "模拟支付失败")));
        return this.sheet("支付", () => finish("cancel"), "pay-cancel", body);
      }, "cancel");
    }

    /** The six boxes and the number pad; any six digits are accepted. */
    digits(body, done) {
      const boxes = Array.from({ length: 6 }, () => el("i", {}));
      let typed = 0;
      const press = (key) => {
        if (key === "⌫") typed = Math.max(0, typed - 1);
        else typed += 1;
        boxes.forEach((box, index) => (box.textContent = index < typed ? "•" : ""));
        if (typed === 6) setTimeout(done, 180);
      };
      const keys = [..."123456789", "", "0", "⌫"].map((key) => key
        ? el("button", { onclick: () => press(key), "aria-label": key === "⌫" ? "退格" : key }, key)
        : el("span", {}));
      const pad = el("div", { class: "pad" }, keys);
      body.addEventListener("keydown", (event) => /^\d$/.test(event.key) && press(event.key));
      body.querySelectorAll(".rows,.go,.links").forEach((node) => node.remove());
      body.append(el("p", { class: "who" }, "请输入支付密码（任意六位）"), el("div", { class: "boxes" }, boxes), pad);
      pad.firstChild.focus();
    }

    async tick(title, fen) {
      const node = el("div", { class: "done", role: "status" }, el("div", { class: "tick" }), el("h2", {}, title), sum(fen));
      this.root.append(node);
      await wait(700);
      node.remove();
    }

    paid(order) {
      return this.tick("支付成功", order.total_fen);
    }

    received(transfer) {
      return this.tick("已收款，资金已存入零钱", transfer.amount_fen);
    }

    transfer(bill) {
      return this.raise((finish) => this.sheet("商家转账", () => finish("decline"), "transfer-cancel",
        el("div", { class: "coin" }, "¥"),
        el("p", { class: "who" }, "待您确认收款"), sum(bill.amount_fen),
        el("div", { class: "rows" }, row("转账说明", bill.remark || "商家转账"), row("收款账户", "零钱"),
          row("单号", bill.out_bill_no)),
        el("button", { class: "go", "data-sim": "transfer-ok", onclick: () => finish("confirm") }, "收款"),
      ), "decline");
    }

    grant(asked) {
      return this.raise((finish) => this.sheet("免确认收款授权", () => finish("decline"), "grant-cancel",
        el("div", { class: "coin" }, "¥"),
        el("p", { class: "who" }, `${asked.merchant} 申请向您转账时无需您逐笔确认`),
        el("div", { class: "rows" }, row("开通账号", asked.display_name), row("收款账户", "零钱"),
          row("关闭方式", "微信支付 - 钱包 - 免确认收款")),
        el("button", { class: "go", "data-sim": "grant-ok", onclick: () => finish("confirm") }, "同意授权"),
      ), "decline");
    }

    async subscribe({ ids }) {
      const known = await this.fetch("/_sim/templates").catch(() => ({ templates: [] }));
      const names = Object.fromEntries(known.templates.map((one) => [one.id, one.title]));
      return this.raise((finish) => {
        const boxes = ids.map((id) => el("input", { type: "checkbox", checked: true, value: id }));
        const rows = boxes.map((box) => el("label", { class: "item" }, el("span", {}, names[box.value] || box.value), box));
        const answer = (isWilling) => {
          const given = boxes.map((box) => [box.value, isWilling && box.checked ? "accept" : "reject"]);
          finish(Object.fromEntries(given));
        };
        return this.sheet("接收通知", () => finish(null), "close",
          el("p", { class: "say" }, "公众号申请向您发送以下通知，每项允许一次发送一条"),
          el("div", { class: "list" }, rows),
          el("button", { class: "go wide", "data-sim": "subscribe-accept", onclick: () => answer(true) }, "允许"),
          el("button", { class: "go wide weak", "data-sim": "subscribe-reject", onclick: () => answer(false) }, "取消"));
      }, null);
    }

    async scan() {
      const found = await this.fetch("/_phone/codes").catch(() => ({ codes: [] }));
      return this.raise((finish) => {
        const field = el("input", { placeholder: "粘贴码的内容或链接", "aria-label": "码的内容" });
        const submit = () => field.value.trim() && finish(field.value.trim());
        field.addEventListener("keydown", (event) => event.key === "Enter" && submit());
        const file = el("input", { type: "file", accept: "image/*", hidden: true, onchange: () => this.read(file, finish) });
        const rows = found.codes.map((code) => el("button", { class: "item", "data-sim": "scan-code", "data-text": code.text, onclick: () => finish(code.text) },
          el("span", {}, code.name, el("small", {}, code.text))));
        return this.sheet("扫一扫", () => finish(null), "close",
          el("div", { class: "paste" }, field, el("button", { "data-sim": "scan-go", onclick: submit }, "识别")),
          el("div", { class: "list" }, el("button", { class: "item", onclick: () => file.click() }, el("span", {}, "从相册选取图片识别")), file),
          rows.length ? el("div", { class: "list" }, rows) : el("p", { class: "say" }, "桌面上还没有码。"));
      }, null);
    }

    async read(input, finish) {
      const form = new FormData();
      form.append("media", input.files[0]);
      const answer = await this.fetch("/_sim/decode", { method: "POST", body: form }).catch(() => ({ texts: [] }));
      if (answer.texts.length) finish(answer.texts[0]);
      else this.toast({ text: "未发现二维码" });
    }

    async address() {
      const me = await this.fetch(`/_sim/phones/${this.phone}`).catch(() => ({ name: "" }));
      const found = {
        userName: me.name, telNumber: "13800138000", provinceName: "四川省", cityName: "宜宾市",
        countryName: "翠屏区", detailInfo: "山泉路 8 号 3 幢 502", postalCode: "644000", nationalCode: "511502",
      };
      return this.raise((finish) => this.sheet("我的地址", () => finish(null), "close",
        el("div", { class: "list" }, el("button", { class: "item", "data-sim": "address-ok", onclick: () => finish(found) },
          el("span", {}, `${found.userName}  ${found.telNumber}`,
            el("small", {}, `${found.provinceName}${found.cityName}${found.countryName}${found.detailInfo}`))))), null);
    }

    preview({ current, urls }) {
      const url = current || (urls || [])[0];
      return this.raise((finish) => el("div", { class: "view", onclick: () => finish(null) }, el("img", { src: url, alt: "图片" })), null);
    }

    note({ title, text }) {
      return this.raise((finish) => el("div", { class: "shade" }, el("div", { class: "dialog" },
        el("h2", {}, title || "提示"), el("p", {}, text || ""),
        el("footer", {}, el("button", { "data-sim": "close", onclick: () => finish(true) }, "知道了")))), true);
    }

    confirm({ title, text, ok, danger }) {
      return this.raise((finish) => el("div", { class: "shade" }, el("div", { class: "dialog" },
        el("h2", {}, title), el("p", {}, text || ""),
        el("footer", {}, el("button", { class: "plain", "data-sim": "close", onclick: () => finish(false) }, "取消"),
          el("button", { "data-sim": "ok", class: danger && "danger", onclick: () => finish(true) }, ok || "确定")))), false);
    }

    async toast({ text }) {
      const node = el("div", { class: "toast", role: "status" }, text);
      this.root.append(node);
      await wait(1800);
      node.remove();
    }

    /** An action sheet: `icons` as tiles, `items` as lines; resolves with the chosen id or null. */
    actions({ icons, items }) {
      return this.raise((finish) => {
        const tiles = (icons || []).map((one) => el("button", { "data-sim": one.sim || one.id, onclick: () => finish(one.id) }, el("i", { "aria-hidden": true }, line(one.icon)), one.text));
        const lines = (items || []).map((one) => el("button", { class: "act", "data-sim": one.sim || one.id, onclick: () => finish(one.id) }, one.text));
        const sheet = el("div", { class: "sheet actions" }, tiles.length ? el("div", { class: "icons" }, tiles) : null, lines,
          el("div", { class: "gap" }), el("button", { class: "act", "data-sim": "close", onclick: () => finish(null) }, "取消"));
        return el("div", { class: "shade", "data-light": true }, sheet);
      }, null);
    }

    /** Choose one of the other people. */
    async friend() {
      const { phones } = await this.fetch("/_sim/phones");
      const others = phones.filter((one) => one.id !== this.phone);
      return this.raise((finish) => this.sheet("选择朋友", () => finish(null), "close",
        el("div", { class: "list" }, others.map((one) => el("button", { class: "item", "data-sim": `to-${one.id}`, onclick: () => finish(one.id) },
          el("span", {}, one.nickname))))), null);
    }

    /** The text of a post in Moments. */
    compose({ title, image }) {
      return this.raise((finish) => {
        const field = el("input", { placeholder: "这一刻的想法…", "aria-label": "这一刻的想法" });
        return this.sheet("发表", () => finish(null), "close",
          el("div", { class: "paste" }, field),
          el("div", { class: "list" }, el("div", { class: "item" }, image ? el("img", { src: image, alt: "" }) : null, el("span", {}, title || "图片"))),
          el("button", { class: "go", "data-sim": "moments-post", onclick: () => finish({ text: field.value.trim() }) }, "发表"));
      }, null);
    }

    /** WeChat's "···" for a page that has no title bar, with sharing behind it. */
    dots(read) {
      this.root.append(el("button", { class: "dots", "aria-label": "更多", "data-sim": "more", onclick: () => this.more(read()) }, "•••"));
    }

    async more(page) {
      const chosen = await this.actions({ icons: SimSheets.shareIcons(page) });
      await SimSheets.act(this, page, chosen, window);
    }

    fetch(path, options) {
      return fetch(path, options).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)));
    }

    /** The items of "···" for a page, without those it hides. */
    static shareIcons(page) {
      const all = [
        { id: "friend", sim: "share-friend", icon: "M4 12 20 4l-5 16-4-6.500ZM11 13.500 20 4", text: "发送给朋友", name: "menuItem:share:appMessage" },
        { id: "moments", sim: "share-moments", icon: "M12 3a9 9 0 1 0 .1 0M12 8a4 4 0 1 0 .1 0M12 3v5M21 12h-5M12 21v-5M3 12h5", text: "分享到朋友圈", name: "menuItem:share:timeline" },
        { id: "copy", icon: "M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1.200 1.200M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1.200-1.200", text: "复制链接", name: "menuItem:copyUrl" },
        { id: "browser", icon: "M12 3a9 9 0 1 0 .1 0M3 12h18M12 3c3 3 3.800 6 3.800 9s-.8 6-3.800 9c-3-3-3.800-6-3.800-9S9 6 12 3Z", text: "在浏览器打开", name: "menuItem:openWithSafari" },
        { id: "reload", icon: "M19.500 12a7.500 7.500 0 1 1-2.200-5.300L20 9.500M20 4v5.500h-5.500", text: "刷新" },
      ];
      const isHidden = (one) => one.name && (page.menuHidden || page.hidden.has(one.name));
      return all.filter((one) => !isHidden(one));
    }

    /** Do the chosen item of "···" for the page in `frame`. */
    static async act(sheets, page, chosen, frame) {
      const base = `/_sim/phones/${sheets.phone}`;
      const send = (path, body) => sheets.fetch(base + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      const config = await sheets.fetch("/_phone/config");
      const back = (url) => (url || "").replace(config.origin, config.app);
      const here = back(frame.location.href);
      const plain = { title: frame.document.title || here, desc: here, link: here, image: "" };
      if (chosen === "friend") {
        const to = await sheets.friend();
        const card = page.share || plain;
        if (!to) return;
        await send("/share", { to, ...card, link: back(card.link), image: back(card.image) });
        sheets.toast({ text: "已发送" });
      } else if (chosen === "moments") {
        const card = page.timeline || page.share || plain;
        const words = await sheets.compose(card);
        if (!words) return;
        await send("/moments", { title: card.title, link: back(card.link), image: back(card.image), text: words.text });
        sheets.toast({ text: "已发表" });
      } else if (chosen === "reload") frame.location.reload();
      else if (chosen === "browser") window.open(back(frame.location.href), "_blank", "noopener");
      else if (chosen === "copy") {
        await navigator.clipboard.writeText(back(frame.location.href)).catch(() => {});
        sheets.toast({ text: "已复制" });
      }
    }
  }

  SimSheets.el = el;
  SimSheets.yuan = yuan;
  window.SimSheets = SimSheets;
})();
