/* 发现 and 朋友圈: posts with a link card or a picture that another person opens. */

import { cell } from "./contacts.js";
import { ago, face, h, icon } from "./dom.js";
import { openPicture } from "./picture.js";
import { follows, openScan } from "./scan.js";
import { attempt, push, screen, sheets } from "./screens.js";
import { loadMoments, mine, now, person, store, toPhone } from "./store.js";
import { openPage } from "./webview.js";

/** Fill the third tab. */
export function discover(pane) {
  const entry = (name, color, text, face_, onclick) => {
    const mark = icon(name, 24);
    mark.style.color = color;
    return cell({ head: mark, name: text, "data-face": face_, onclick });
  };
  pane.append(
    h("div", { class: "cells" }, entry("camera", "#576b95", "朋友圈", "moments", () => push(openMoments()))),
    h("div", { class: "cells" }, entry("scan", "#3d7fe0", "扫一扫", "scan-cell", () => openScan())),
    h("div", { class: "cells" }, entry("globe", "#fa9d3b", "打开网址", "address", () => askAddress())));
}

async function askAddress() {
  const text = await sheets.ask("scan", {});
  if (text && /^https?:/.test(text)) openPage(text);
}

function opened(moment) {
  const names = moment.opened_by.map((id) => person(id).nickname);
  return names.length ? h("p", { class: "opened-by" }, `${names.join("、")} 打开过`) : null;
}

function post(moment) {
  const who = person(moment.phone);
  const openLink = () => attempt(async () => follows(await mine("POST", `/moments/${moment.id}/open`, {}), moment.link));
  const openCode = () => attempt(async () => follows(await mine("POST", `/moments/${moment.id}/open`, { follow: false }), moment.qr_text));
  const content = moment.kind === "link"
    ? h("button", { class: "post-link", "data-open": moment.id, onclick: openLink },
      moment.image ? h("img", { src: toPhone(moment.image), alt: "" }) : h("i", {}, icon("link", 22)), h("span", {}, moment.title || moment.link))
    : h("button", { class: "post-picture", "data-open": moment.id, onclick: () => openPicture(toPhone(moment.image), { onCode: openCode }), "aria-label": "查看图片" },
      h("img", { src: toPhone(moment.image), alt: "图片" }));
  return h("article", { class: "post", "data-moment": moment.id }, face(who),
    h("div", { class: "post-body" }, h("b", {}, who.nickname), moment.text ? h("p", {}, moment.text) : null, content,
      h("footer", {}, h("time", {}, ago(Date.parse(moment.at), now()))), opened(moment)));
}

function postPicture() {
  const input = h("input", { type: "file", accept: "image/*" });
  input.addEventListener("change", async () => {
    const file = input.files[0];
    const words = await sheets.compose({ title: file.name, image: URL.createObjectURL(file) });
    if (!words) return;
    const form = new FormData();
    form.append("media", file);
    form.append("text", words.text);
    await attempt(() => mine("POST", "/moments", form));
    loadMoments();
  });
  input.click();
}

/** 朋友圈. */
export function openMoments() {
  const camera = h("button", { class: "nav-button", "aria-label": "发表图片", onclick: postPicture }, icon("camera"));
  const made = screen({ title: "朋友圈", className: "moments", right: camera });
  const posts = h("div", { class: "posts" });
  const cover = h("div", { class: "cover" }, h("b", {}, store.me.nickname), face(store.me, "face big"));
  made.body.append(cover, posts);
  const draw = () => posts.replaceChildren(...(store.moments.length ? store.moments.map(post)
    : [h("p", { class: "empty" }, "还没有人发朋友圈。", h("br"), "在网页的“···”里可以分享过来。")]));
  made.live("moments", draw);
  made.live("phones", draw);
  loadMoments();
  draw();
  return made;
}
