/* The webview: WeChat's title bar around a page of the shop, at this phone's own origin. */

import { h, icon } from "./dom.js";
import { openPicture } from "./picture.js";
import { attempt, pop, push, screen, sheets, top } from "./screens.js";
import { mine, store, toPhone } from "./store.js";

const LOAD_LIMIT_MS = 20000;

/** Open a link as WeChat does, in a page above the chat. */
export function openPage(url) {
  if (!url) return;
  const frame = h("iframe", { class: "page", title: "网页", "data-webview": true, allow: "clipboard-write; camera" });
  const made = screen({
    title: "", className: "webview",
    left: h("button", { class: "nav-button", "aria-label": "关闭", "data-face": "close-page", onclick: () => pop() }, icon("close", 21)),
    right: h("button", { class: "nav-button", "aria-label": "更多", "data-face": "page-more", onclick: () => more(made) }, icon("more")),
  });
  const progress = h("i", { class: "progress" });
  const foot = h("footer", { class: "page-foot", hidden: true },
    h("button", { "aria-label": "上一页", onclick: () => step(made, -1) }, icon("back")),
    h("button", { "aria-label": "下一页", onclick: () => step(made, 1) }, icon("arrow")));
  made.body.append(progress, frame);
  made.el.append(foot);
  Object.assign(made, { frame, progress, foot, trail: [], place: -1, isStepping: false });
  frame.addEventListener("load", () => loaded(made));
  made.onClose(() => frame.removeAttribute("data-webview")); // it still slides out
  loading(made);
  frame.src = toPhone(url);
  push(made);
}

function loading(made) {
  made.progress.className = "progress running";
  clearTimeout(made.timer);
  made.timer = setTimeout(() => (made.progress.className = "progress"), LOAD_LIMIT_MS);
}

/** The page's window if it is on this phone's origin, else null. */
function inside(made) {
  try {
    const view = made.frame.contentWindow;
    return view.location.href === "about:blank" ? null : view;
  } catch {
    return null;
  }
}

function loaded(made) {
  const view = inside(made);
  made.progress.className = "progress done";
  if (!view) {
    made.titleNode.textContent = new URL(made.frame.src).host;
    return;
  }
  const title = () => (made.titleNode.textContent = view.document.title || "");
  title();
  const node = view.document.querySelector("title");
  if (node) new MutationObserver(title).observe(node, { childList: true });
  view.addEventListener("pagehide", () => loading(made));
  view.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && pop());
  remember(made, view.location.href);
}

/** The history of pages of this phone; the browser's history is shared by all phones on the desk. */
function remember(made, url) {
  if (made.isStepping) made.isStepping = false;
  else if (made.trail[made.place] !== url) {
    made.trail = [...made.trail.slice(0, made.place + 1), url];
    made.place = made.trail.length - 1;
  }
  made.foot.hidden = made.trail.length < 2;
  const [back, forward] = made.foot.querySelectorAll("button");
  back.disabled = made.place <= 0;
  forward.disabled = made.place >= made.trail.length - 1;
}

function step(made, by) {
  const url = made.trail[made.place + by];
  if (!url) return;
  made.place += by;
  made.isStepping = true;
  loading(made);
  made.frame.contentWindow.location.replace(url);
}

async function more(made) {
  const view = inside(made);
  const page = (view && view.__simPage) || { share: null, timeline: null, hidden: new Set(), menuHidden: false };
  const chosen = await sheets.actions({ icons: window.SimSheets.shareIcons(page) });
  if (!chosen) return;
  if (view) await attempt(() => window.SimSheets.act(sheets, page, chosen, view));
  else if (chosen === "reload") made.frame.src = made.frame.src;
  else if (chosen === "browser") window.open(made.frame.src, "_blank", "noopener");
}

async function scanned(text) {
  const { follows } = await import("./scan.js");
  const answer = await mine("POST", "/scan", { content: text, follow: false, wait: false });
  await follows(answer, text);
}

/** Messages of pages to their phone: close the page, show a picture, act on a code. */
export function startWebview() {
  addEventListener("message", (event) => {
    const { origin } = store.config;
    if (event.origin !== origin || !event.data || typeof event.data.sim !== "string") return;
    const { sim, text } = event.data;
    if (sim === "close" && top().frame) pop();
    else if (sim === "scan" && text) attempt(() => scanned(text));
  });
  window.simScreen.preview = openPicture;
}
