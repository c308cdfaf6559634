/* The phone's shell: a stack of sliding screens, with native sheets above them. */

import { h, icon } from "./dom.js";
import { emit, on, store } from "./store.js";

const stack = document.getElementById("stack");
const open = [];
export let sheets = null;

/** Prepare the sheets; pages in the webview reach them as `parent.simScreen`. */
export function startSheets() {
  sheets = new window.SimSheets(document.getElementById("phone"), store.config.phone);
  window.simScreen = { ask: (kind, data) => sheets.ask(kind, data) };
}

export function toast(text) {
  sheets.toast({ text });
}

/** Run `work`; show an error as a toast. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message);
    return null;
  }
}

/** A screen: a title bar and a body. `live(type, work)` listens until the screen is closed. */
export function screen({ title, className = "", left, right, bar = true }) {
  const titleNode = h("h1", { class: "title" }, title || "");
  const backButton = left === null ? null
    : h("button", { class: "nav-button", "aria-label": "返回", onclick: () => pop() }, icon("back"));
  const head = bar ? h("header", { class: "nav" }, h("div", { class: "nav-side" }, left || backButton), titleNode,
    h("div", { class: "nav-side right" }, right || null)) : null;
  const body = h("div", { class: "body" });
  const el = h("section", { class: `screen ${className}`, tabindex: -1 }, head, body);
  const stops = [];
  return {
    el, head, body, titleNode,
    live: (type, work) => stops.push(on(type, work)),
    onClose: (work) => stops.push(work),
    close: () => stops.splice(0).forEach((stop) => stop()),
  };
}

/** Slide a screen in. */
export function push(made, { instant = false } = {}) {
  const under = open.at(-1);
  open.push(made);
  stack.append(made.el);
  if (!instant) made.el.classList.add("entering");
  if (under) setTimeout(() => open.at(-1) !== under && under.el.classList.add("covered"), instant ? 0 : 240);
  made.el.focus({ preventScroll: true });
  return made;
}

/** Slide the top screen out. */
export function pop() {
  if (open.length < 2) return;
  const made = open.pop();
  made.close();
  const under = open.at(-1);
  under.el.classList.remove("covered");
  made.el.classList.add("leaving");
  setTimeout(() => made.el.remove(), 220);
  under.el.focus({ preventScroll: true });
  if (under.shown) under.shown();
}

/** Close everything above the first screen. */
export function home() {
  while (open.length > 1) {
    const made = open.pop();
    made.close();
    made.el.remove();
  }
  open[0].el.classList.remove("covered");
  emit("home");
}

/** The screen on top. */
export const top = () => open.at(-1);

addEventListener("keydown", (event) => {
  const isField = /^(INPUT|TEXTAREA)$/.test(event.target.tagName || "");
  if (event.key === "Escape" && !isField) pop();
});
