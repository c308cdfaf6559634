/* The foot of the account's chat: its menu bar, and the text field. */

import { h, icon } from "./dom.js";
import { attempt, sheets, toast } from "./screens.js";
import { scanText } from "./scan.js";
import { mine, store } from "./store.js";
import { openPage } from "./webview.js";

const SLOW_MS = 500;

/** Send, and show "正在输入" until the account answers. */
async function slowly(show, work) {
  const timer = setTimeout(() => show(true), SLOW_MS);
  await attempt(work);
  clearTimeout(timer);
  show(false);
}

async function tap(button, path, show) {
  const kind = button.type || "";
  let scan;
  if (kind.startsWith("scancode")) {
    scan = await scanText();
    if (!scan) return;
  } else if (!["view", "click"].includes(kind)) {
    toast(kind === "miniprogram" ? "模拟器没有小程序" : "模拟器不支持这种菜单");
    return;
  }
  if (kind === "view") openPage(button.url);
  await slowly(show, async () => {
    const answer = await mine("POST", "/menu", { path, scan });
    if (answer.open && kind !== "view") openPage(answer.open);
  });
}

function subMenu(button, index, bar, show) {
  const close = () => {
    list.remove();
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (event) => list.contains(event.target) || bar.contains(event.target) || close();
  const list = h("div", { class: "sub-menu", role: "menu" }, button.sub_button.map((one, place) => h("button", {
    role: "menuitem", "data-menu": one.name,
    onclick: () => {
      close();
      tap(one, [index, place], show);
    },
  }, one.name)));
  list.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("pointerdown", outside, true);
  return list;
}

function menuBar(show, toKeyboard) {
  const bar = h("div", { class: "menu-bar" });
  bar.append(h("button", { class: "to-keyboard", "aria-label": "切换到键盘", "data-face": "keyboard", onclick: toKeyboard }, icon("keyboard", 26)));
  store.menu.forEach((button, index) => {
    const hasSub = button.sub_button && button.sub_button.length > 0;
    const cell = h("div", { class: "menu-cell" });
    const open = () => {
      const shown = bar.querySelector(".sub-menu");
      const isOwn = shown && shown.parentNode === cell;
      if (shown) shown.remove();
      if (!hasSub) tap(button, [index], show);
      else if (!isOwn) cell.append(subMenu(button, index, bar, show));
    };
    cell.append(h("button", { class: "menu-button", "data-menu": button.name, onclick: open, "aria-haspopup": hasSub },
      hasSub ? icon("lines", 15) : null, button.name));
    bar.append(cell);
  });
  return bar;
}

function sendPicture(show) {
  const input = h("input", { type: "file", accept: "image/*" });
  input.addEventListener("change", () => {
    const form = new FormData();
    form.append("media", input.files[0]);
    slowly(show, () => mine("POST", "/picture", form));
  });
  input.click();
}

const PLACES = [
  { id: "0", text: "宜宾市翠屏区 · 山泉路", latitude: 28.7513, longitude: 104.6419 },
  { id: "1", text: "成都市锦江区 · 春熙路", latitude: 30.6573, longitude: 104.0817 },
  { id: "2", text: "上海市黄浦区 · 人民广场", latitude: 31.2304, longitude: 121.4737 },
];

async function sendPlace(show) {
  const chosen = await sheets.actions({ items: PLACES });
  const place = PLACES.find((one) => one.id === chosen);
  if (place) slowly(show, () => mine("POST", "/location", { latitude: place.latitude, longitude: place.longitude, label: place.text }));
}

function plusPanel(show) {
  const tile = (name, text, work) => h("button", { class: "plus-tile", "data-plus": name, onclick: work }, h("i", {}, icon(name, 26)), text);
  return h("div", { class: "plus-panel", hidden: true },
    tile("picture", "照片", () => sendPicture(show)),
    tile("pin", "位置", () => sendPlace(show)),
    tile("scan", "扫一扫", async () => (await import("./scan.js")).openScan()));
}

const FACES = ["😊", "😂", "👍", "🙏", "🎉", "❤️", "🤔", "😭", "😍", "👌", "🍶", "🥂"];

function inputRow(show, toMenu) {
  const field = h("textarea", { class: "say", rows: 1, "aria-label": "输入消息", enterkeyhint: "send" });
  const panel = plusPanel(show);
  const faces = h("div", { class: "face-panel", hidden: true }, FACES.map((one) => h("button", { onclick: () => insert(one) }, one)));
  const plus = h("button", { class: "round", "aria-label": "更多功能", "data-face": "plus", onclick: () => toggle(panel, faces) }, icon("plus", 28));
  const send = h("button", { class: "send", hidden: true, "data-face": "send", onclick: () => submit() }, "发送");

  function toggle(shown, other) {
    shown.hidden = !shown.hidden;
    other.hidden = true;
  }
  function fit() {
    send.hidden = !field.value.trim();
    plus.hidden = !send.hidden;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 104)}px`;
  }
  function insert(one) {
    field.value += one;
    fit();
  }
  function submit() {
    const content = field.value.trim();
    if (!content) return;
    field.value = "";
    fit();
    field.focus();
    slowly(show, () => mine("POST", "/text", { content }));
  }
  field.addEventListener("input", fit);
  field.addEventListener("focus", () => (panel.hidden = faces.hidden = true));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  const toggleButton = toMenu
    ? h("button", { class: "round", "aria-label": "切换到菜单", "data-face": "menu", onclick: toMenu }, icon("lines", 24)) : null;
  return h("div", {}, h("div", { class: "input-row" }, toggleButton, field,
    h("button", { class: "round", "aria-label": "表情", onclick: () => toggle(faces, panel) }, icon("smile", 28)), plus, send), panel, faces);
}

/** The foot: the menu bar if the account has one, else the text field. */
export function composer(made, { onTyping, onGrow }) {
  const foot = h("footer", { class: "composer" });
  let writes = false;
  const draw = () => {
    if (!store.me.following) {
      foot.replaceChildren(h("p", { class: "not-following" }, "您已取消关注该公众号"));
      return;
    }
    const hasMenu = store.menu.length > 0;
    const toMenu = hasMenu ? () => flip(false) : null;
    foot.replaceChildren(hasMenu && !writes ? menuBar(onTyping, () => flip(true)) : inputRow(onTyping, toMenu));
    onGrow();
  };
  function flip(isWriting) {
    writes = isWriting;
    draw();
    const first = foot.querySelector(isWriting ? "textarea" : "button");
    if (first) first.focus();
  }
  let wasFollowing = store.me.following;
  made.live("menu", () => foot.contains(document.activeElement) && writes ? null : draw());
  made.live("me", () => {
    if (store.me.following !== wasFollowing) draw();
    wasFollowing = store.me.following;
  });
  draw();
  return foot;
}
