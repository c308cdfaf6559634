/* A picture in full screen; a long press (or the button) offers to read its QR code, send or post it. */

import { h, icon } from "./dom.js";
import { handleCode } from "./scan.js";
import { attempt, sheets } from "./screens.js";
import { call, mine, toApp } from "./store.js";

const LONG_PRESS_MS = 450;

async function codesIn(url) {
  const blob = await (await fetch(url)).blob();
  const form = new FormData();
  form.append("media", blob, "picture");
  return (await call("POST", "/_sim/decode", form)).texts;
}

async function share(url, chosen) {
  const absolute = toApp(new URL(url, location.href).href);
  if (chosen === "friend") {
    const to = await sheets.friend();
    if (!to) return;
    await mine("POST", "/share", { to, title: "", desc: "", link: "", image: url.startsWith("/_sim/") ? url : absolute });
    sheets.toast({ text: "已发送" });
    return;
  }
  const words = await sheets.compose({ title: "图片", image: url });
  if (!words) return;
  const form = new FormData();
  form.append("media", await (await fetch(url)).blob(), "picture.jpg");
  form.append("text", words.text);
  await mine("POST", "/moments", form);
  sheets.toast({ text: "已发表" });
}

/** Show a picture; `onCode` gets the text of its QR code, which otherwise is scanned as usual. */
export function openPicture(url, { onCode = handleCode } = {}) {
  const image = h("img", { src: url, alt: "图片" });
  const code = h("button", { class: "viewer-code", hidden: true, "data-face": "decode" }, icon("scan", 20), "识别图中的二维码");
  const view = h("div", { class: "viewer", role: "dialog", "aria-label": "图片", tabindex: -1 }, image,
    h("button", { class: "viewer-more", "aria-label": "更多", onclick: () => menu() }, icon("more")), code);
  const close = () => view.remove();
  let texts = [];
  let timer = 0;
  let wasLong = false;

  codesIn(url).then((found) => {
    texts = found;
    code.hidden = found.length === 0;
  }, () => {});
  const use = () => {
    close();
    onCode(texts[0]);
  };
  code.addEventListener("click", use);

  async function menu() {
    const items = [
      ...(texts.length ? [{ id: "code", sim: "decode", text: "识别图中的二维码" }] : []),
      { id: "friend", sim: "share-friend", text: "发送给朋友" },
      { id: "moments", sim: "share-moments", text: "分享到朋友圈" },
      { id: "save", text: "保存图片" },
    ];
    const chosen = await sheets.actions({ items });
    if (chosen === "code") use();
    else if (chosen === "save") h("a", { href: url, download: "picture" }).click();
    else if (chosen) await attempt(() => share(url, chosen));
  }

  image.addEventListener("pointerdown", () => {
    wasLong = false;
    timer = setTimeout(() => {
      wasLong = true;
      menu();
    }, LONG_PRESS_MS);
  });
  image.addEventListener("pointerup", () => clearTimeout(timer));
  image.addEventListener("dragstart", (event) => event.preventDefault());
  view.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    menu();
  });
  view.addEventListener("click", (event) => {
    if ((event.target === image || event.target === view) && !wasLong) close();
  });
  view.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    event.stopPropagation();
  });
  document.getElementById("phone").append(view);
  view.focus({ preventScroll: true });
}
