/* The chat list: the account, service notices, WeChat Pay, and friends. */

import { face, h, shortTime } from "./dom.js";
import { openChat, openFriend, openNotices, openPay } from "./chat.js";
import { push } from "./screens.js";
import { account, now, person, store, unread } from "./store.js";

const PREVIEWS = {
  image: () => "[图片]",
  voice: () => "[语音]",
  video: () => "[视频]",
  music: (body) => `[音乐] ${body.title || ""}`,
  news: (body) => `[链接] ${body.articles[0].title}`,
  msgmenu: (body) => body.head_content,
  template: (body) => body.title,
  notice: (body) => body.title,
  location: (body) => `[位置] ${body.label || ""}`,
  link: (body) => `[链接] ${body.title}`,
  miniprogrampage: (body) => `[小程序] ${body.title || ""}`,
  wxcard: () => "[卡券]",
  receipt: (body) => body.title,
  transfer: () => "[转账] 商家向您转账，请收款",
  card: (body) => (body.link ? `[链接] ${body.title}` : body.image ? "[图片]" : body.title),
};

/** One line of a message, without its links' markup. */
export function preview(message) {
  if (!message) return "";
  const text = PREVIEWS[message.kind] ? PREVIEWS[message.kind](message.body) : message.body.content || "";
  return text.replace(/<[^>]+>/g, "").replace(/\s+/g, " ").trim();
}

function row({ who, name, messages, key, className, open }) {
  const shown = messages.filter((one) => one.kind !== "event");
  const last = shown.at(-1);
  const count = unread(key, messages);
  return h("button", { class: "chat-row", "data-chat": key, onclick: open },
    h("span", { class: "face-box" }, face(who, `face ${className || ""}`),
      count ? h("b", { class: "badge", "aria-label": `${count} 条未读` }, count > 99 ? "99+" : count) : null),
    h("span", { class: "chat-words" },
      h("span", { class: "chat-line" }, h("b", {}, name), h("time", {}, last ? shortTime(Date.parse(last.at), now()) : "")),
      h("span", { class: "chat-preview" }, preview(last))));
}

function rows() {
  const { chat, services, friends, me } = store;
  const found = [];
  if (me.following || chat.length) {
    found.push({ who: account(), name: account().name, messages: chat, key: "account", open: () => push(openChat()) });
  }
  const notices = services.filter((one) => one.via !== "pay");
  const pay = services.filter((one) => one.via === "pay");
  const mark = (name, color) => ({ id: name, name, color });
  if (notices.length) {
    found.push({ who: mark("通", "#fa9d3b"), name: "服务通知", messages: notices, key: "notices", open: () => push(openNotices()) });
  }
  if (pay.length) {
    found.push({ who: mark("¥", "#07c160"), name: "微信支付", messages: pay, key: "pay", open: () => push(openPay()) });
  }
  for (const sender of new Set(friends.map((one) => one.sender))) {
    const who = person(sender.replace("friend:", ""));
    const messages = friends.filter((one) => one.sender === sender);
    found.push({ who, name: who.nickname, messages, key: sender, open: () => push(openFriend(who.id)) });
  }
  const latest = (one) => (one.messages.length ? one.messages.at(-1).id : 0);
  return found.sort((a, b) => latest(b) - latest(a));
}

/** Fill the first tab and update it on events. */
export function chatList(pane, made) {
  const draw = () => {
    const found = rows();
    const empty = h("p", { class: "empty" }, "还没有聊天。", h("br"), "到“通讯录”搜索公众号并关注，", h("br"), "或用右上角扫一扫。");
    pane.replaceChildren(...(found.length ? found.map(row) : [empty]));
  };
  ["message", "read", "me", "phones", "clock"].forEach((type) => made.live(type, draw));
  draw();
}
