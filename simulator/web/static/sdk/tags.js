/* Open tags (开放标签): <wx-open-subscribe> asks for subscription notices, drawn once wx.config named it. */
(function () {
  "use strict";
  if (!window.customElements || customElements.get("wx-open-subscribe")) return;

  /** Fill a shadow root from a page's template; styles become sheets, which the CSP allows. */
  function fill(root, text) {
    const parsed = new DOMParser().parseFromString(text, "text/html");
    const sheets = [...parsed.querySelectorAll("style")].map((style) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style.textContent);
      style.remove();
      return sheet;
    });
    parsed.querySelectorAll("script").forEach((script) => script.remove());
    const inline = [...parsed.querySelectorAll("[style]")].map((node) => [node, node.getAttribute("style")]);
    inline.forEach(([node]) => node.removeAttribute("style"));
    const nodes = [...parsed.head.childNodes, ...parsed.body.childNodes].map((node) => document.adoptNode(node));
    inline.forEach(([node, css]) => (node.style.cssText = css));
    root.adoptedStyleSheets = sheets;
    root.replaceChildren(...nodes);
  }

  class OpenTag extends HTMLElement {
    connectedCallback() {
      this.draw = this.draw.bind(this);
      document.addEventListener("sim-config", this.draw);
      setTimeout(this.draw);
    }

    disconnectedCallback() {
      document.removeEventListener("sim-config", this.draw);
    }

    draw() {
      if (this.shadowRoot || !window.__simTags || !window.__simTags.has(this.localName)) return;
      const source = this.querySelector('script[type="text/wxtag-template"], template');
      const root = this.attachShadow({ mode: "open" });
      fill(root, source ? source.innerHTML : "");
      this.addEventListener("click", () => this.act());
      this.dispatchEvent(new CustomEvent("ready"));
    }

    say(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
    }
  }

  class Subscribe extends OpenTag {
    async act() {
      const page = window.__simPage;
      const ids = (this.getAttribute("template") || "").split(",").map((id) => id.trim()).filter(Boolean);
      if (!page || !ids.length || ids.length > 3) {
        this.say("error", { errMsg: "subscribe:fail", errCode: "10001" });
        return;
      }
      const answers = await page.ask("subscribe", { ids });
      if (!answers) {
        this.say("cancel", { errMsg: "subscribe:cancel" });
        return;
      }
      try {
        await page.call("POST", "/subscribe", { templates: answers, scene: 1 });
      } catch (error) {
        this.say("error", { errMsg: `subscribe:fail ${error.message}`, errCode: "20001" });
        return;
      }
      const details = {};
      ids.forEach((id) => (details[id] = JSON.stringify({ status: answers[id] })));
      this.say("success", { errMsg: "subscribe:ok", subscribeDetails: JSON.stringify(details) });
    }
  }

  class LaunchMini extends OpenTag {
    act() {
      this.say("error", { errMsg: "launch:fail", appid: this.getAttribute("appid") || "" });
    }
  }

  customElements.define("wx-open-subscribe", Subscribe);
  customElements.define("wx-open-launch-weapp", LaunchMini);
})();
