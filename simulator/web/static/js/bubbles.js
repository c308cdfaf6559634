/* How each kind of message looks in a chat. */

import { h, icon, yuan } from "./dom.js";
import { openPicture } from "./picture.js";
import { attempt, toast } from "./screens.js";
import { mine, store, toPhone } from "./store.js";
import { openPage } from "./webview.js";

const URL_IN_TEXT = /https?:\/\/[^\s<>"'，。；！？、）】》]+/g;

/** WeChat's own codes for faces, as people type them. */
const FACES = {
  "/::)": "🙂", "/::~": "😖", "/::B": "😍", "/::D": "😁", "/::P": "😛", "/::O": "😮", "/::(": "🙁", "/:8-)": "😎",
  "/:strong": "👍", "/:weak": "👎", "/:rose": "🌹", "/:heart": "❤️", "/:handclap": "👏", "/:share": "🤝", "/:ok": "👌",
  "[微笑]": "🙂", "[呲牙]": "😁", "[偷笑]": "🤭", "[强]": "👍", "[玫瑰]": "🌹", "[爱心]": "❤️", "[鼓掌]": "👏", "[抱拳]": "🙏", "[啤酒]": "🍺", "[庆祝]": "🎉",
};

/** Send the text of a menu message's link with its item id, as a tap in WeChat does. */
export function sayItem(content, id) {
  return attempt(() => mine("POST", "/text", { content, menu_item_id: id }));
}

function openLink(href) {
  if (href.startsWith("weixin://bizmsgmenu")) {
    const query = new URLSearchParams(href.split("?")[1] || "");
    sayItem(query.get("msgmenucontent") || "", query.get("msgmenuid") || "");
  } else if (/^https?:/.test(href)) openPage(href);
  else toast("微信不能打开这个链接");
}

function link(href, text) {
  const act = (event) => {
    event.preventDefault();
    openLink(href);
  };
  return h("a", { href: /^https?:/.test(href) ? toPhone(href) : "#", onclick: act, "data-link": href }, text);
}

function plainParts(raw) {
  const text = raw.replace(/\/:[\w:~()8-]+|\[[\u4e00-\u9fff]{1,3}\]/g, (code) => FACES[code] || code);
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(URL_IN_TEXT)) {
    parts.push(text.slice(end, found.index), link(found[0], found[0]));
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)];
}

/** Text with its `<a>` links, the only markup that WeChat honours, and bare addresses. */
export function richText(content) {
  const parsed = new DOMParser().parseFromString(content.replace(/<(?!\/?a[\s>])/gi, "&lt;"), "text/html");
  return [...parsed.body.childNodes].flatMap((node) => {
    if (node.nodeName === "A") return link(node.getAttribute("href") || "", node.textContent);
    return plainParts(node.textContent);
  });
}

const text = (message) => h("div", { class: "bubble text" }, richText(message.body.content || ""));

function image(message) {
  const { url } = message.body;
  return h("button", { class: "bubble picture", "data-picture": url, onclick: () => openPicture(url), "aria-label": "查看图片" },
    h("img", { src: url, alt: "图片", onload: (event) => event.target.dispatchEvent(new CustomEvent("grown", { bubbles: true })) }));
}

/** A picture; grey if it can't be loaded. */
function blank(event) {
  event.target.replaceWith(h("span", { class: "no-cover" }));
}

function news(message) {
  const [first, ...rest] = message.body.articles;
  const cover = (one) => (one.picurl ? h("img", { src: toPhone(one.picurl), alt: "", onerror: blank }) : h("span", { class: "no-cover" }));
  const big = h("button", { class: "article-first", "data-link": first.url, onclick: () => openPage(first.url) },
    rest.length ? [cover(first), h("b", { class: "over" }, first.title)]
      : [h("b", {}, first.title), first.picurl ? cover(first) : null, first.description ? h("small", {}, first.description) : null]);
  const lines = rest.map((one) => h("button", { class: "article-line", "data-link": one.url, onclick: () => openPage(one.url) },
    h("b", {}, one.title), cover(one)));
  return h("div", { class: "news" }, big, lines);
}

function msgmenu(message) {
  const { head_content: head, list = [], tail_content: tail } = message.body;
  return h("div", { class: "bubble text menu-card" }, richText(head || ""),
    h("ul", {}, list.map((item) => h("li", {}, h("a", {
      href: "#", "data-menu-item": item.id,
      onclick: (event) => {
        event.preventDefault();
        sayItem(item.content, item.id);
      },
    }, item.content)))), richText(tail || ""));
}

function voice(message) {
  return h("button", { class: "bubble voice", onclick: () => toast("语音消息") }, icon("voice", 20), "″");
}

function video(message) {
  const { url, title } = message.body;
  return h("div", { class: "bubble film" }, url ? h("video", { src: url, controls: true, preload: "metadata" }) : "[视频]", title || null);
}

function place(message) {
  const { label, location_x: lat, location_y: lon } = message.body;
  return h("div", { class: "bubble place" }, h("b", {}, label || "位置"), h("small", {}, `${lat}, ${lon}`), h("span", { class: "map" }, icon("pin", 26)));
}

/** A card with a title, words and a small picture, as shared links look. */
export function card({ title, desc, link: url, image: picture }) {
  return h("button", { class: "bubble share", "data-link": url, onclick: () => openPage(url) },
    h("b", {}, title || url), h("span", { class: "share-row" }, h("small", {}, desc || ""),
      picture ? h("img", { src: toPhone(picture), alt: "" }) : h("i", {}, icon("link", 22))));
}

const linkCard = ({ body }) => card({ title: body.title, desc: body.description, link: body.url });

function friendCard(message) {
  const { body } = message;
  if (body.link) return card(body);
  return body.image ? image({ body: { url: toPhone(body.image) } }) : text({ body: { content: body.title } });
}

function strange(message) {
  return h("div", { class: "bubble text" }, `[${message.kind}] ${message.body.title || ""}`);
}

// --- cards of the service lists ----------------------------------------------------------
/** A template message or a subscription notice. */
export function notice(message) {
  const { title, lines, url, miniprogram } = message.body;
  const rows = lines.map((line) => h("div", { class: "notice-row" }, h("span", {}, line.label), h("b", {}, line.value)));
  const detail = url || miniprogram
    ? h("button", { class: "notice-more", "data-link": url, onclick: () => (url ? openPage(url) : toast("模拟器没有小程序")) }, "查看详情", icon("arrow", 16))
    : null;
  return h("article", { class: "notice" }, h("header", {}, h("i", {}, store.config.account[0]), store.config.account),
    h("h2", {}, title), rows, detail);
}

/** A payment, a refund or a bill of WeChat Pay. */
export function receipt(message) {
  const { title, amount_fen: fen, state, ...rest } = message.body;
  const number = rest.out_trade_no || rest.out_bill_no || rest.out_refund_no || "";
  return h("article", { class: "notice receipt" }, h("header", {}, h("i", { class: "green" }, "¥"), "微信支付"),
    h("p", { class: "receipt-title" }, title), h("p", { class: "receipt-sum" }, "¥", yuan(fen)),
    h("div", { class: "notice-row" }, h("span", {}, "商户"), h("b", {}, store.config.merchant)),
    number ? h("div", { class: "notice-row" }, h("span", {}, "单号"), h("b", {}, number)) : null);
}

/** How each kind of message is drawn; `WIDE` ones take the whole line. */
export const BUBBLES = {
  text, image, news, msgmenu, voice, video, music: linkCard, location: place, link: linkCard,
  card: friendCard, template: notice, notice,
  miniprogrampage: strange, wxcard: strange,
};
export const WIDE = new Set(["news", "template", "notice"]);
