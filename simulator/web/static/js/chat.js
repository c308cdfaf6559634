/* Chats: the account's with its menu bar, friends', and the two service lists. */

import { BUBBLES, WIDE, notice, receipt } from "./bubbles.js";
import { openProfile } from "./contacts.js";
import { face, h, icon, longTime } from "./dom.js";
import { composer } from "./composer.js";
import { attempt, home, push, screen } from "./screens.js";
import { receive } from "./wallet.js";
import { account, get, markRead, mine, now, person, store } from "./store.js";

const GAP_MS = 5 * 60 * 1000;

/** A list of messages, scrolled to its end, with times between them. */
function messageList(body, draw) {
  const list = h("div", { class: "messages", role: "log", "aria-live": "polite" });
  body.append(list);
  let last = 0;
  let isAtEnd = true;
  const toEnd = () => (body.scrollTop = body.scrollHeight);
  body.addEventListener("scroll", () => (isAtEnd = body.scrollTop + body.clientHeight > body.scrollHeight - 40));
  const keep = () => isAtEnd && toEnd();
  body.addEventListener("grown", keep);
  new ResizeObserver(keep).observe(body); // the foot grew: a panel, the keyboard, a longer line
  const add = (message) => {
    const at = Date.parse(message.at);
    const node = draw(message);
    if (!node) return;
    if (at - last > GAP_MS) list.append(h("time", { class: "between" }, longTime(at, now())));
    last = at;
    list.append(node);
    requestAnimationFrame(toEnd);
  };
  const fill = (messages) => {
    last = 0;
    list.replaceChildren();
    messages.forEach(add);
  };
  return { add, fill, list, toEnd };
}

function bubbleRow(message, who, isMine, onFace) {
  const build = BUBBLES[message.kind];
  if (message.kind === "event") return null;
  if (message.kind === "system" || message.sender === "wechat") {
    return h("p", { class: "system", "data-message": message.id }, message.body.content);
  }
  const isWide = WIDE.has(message.kind);
  const head = h(onFace ? "button" : "span", { class: "face-button", onclick: onFace || (() => {}), "aria-label": who.name }, face(who));
  return h("div", { class: `row ${isMine ? "mine" : ""} ${isWide ? "wide" : ""}`, "data-message": message.id, "data-kind": message.kind },
    isWide ? null : head, build ? build(message) : BUBBLES.text({ body: { content: `[${message.kind}]` } }));
}

function typing(made) {
  let timer = 0;
  const show = (isTyping) => {
    clearTimeout(timer);
    made.titleNode.textContent = isTyping ? "对方正在输入…" : store.config.account;
    if (isTyping) timer = setTimeout(() => show(false), 15000);
  };
  return show;
}

/** The account's chat. */
export function openChat() {
  const profile = () => push(openProfile({}));
  const made = screen({
    title: store.config.account, className: "chat-screen",
    right: h("button", { class: "nav-button", "aria-label": "公众号资料", "data-face": "profile", onclick: profile }, icon("me", 23)),
  });
  const draw = (message) => {
    const isMine = message.sender === "person";
    return bubbleRow(message, isMine ? store.me : account(), isMine, isMine ? null : profile);
  };
  const messages = messageList(made.body, draw);
  const show = typing(made);
  made.live("message", ({ box, message }) => {
    if (box !== "chat") return;
    if (message.sender !== "person") show(false);
    messages.add(message);
    markRead("account", store.chat);
  });
  made.live("typing", ({ on }) => show(on));
  messages.fill(store.chat);
  markRead("account", store.chat);
  made.el.append(composer(made, { onTyping: show, onGrow: messages.toEnd }));
  made.shown = messages.toEnd;
  requestAnimationFrame(messages.toEnd);
  return made;
}

/** Close all screens and open the account's chat. */
export function showChat() {
  home();
  push(openChat());
}

/** A friend's chat: the messages that the two sent each other. */
export function openFriend(id) {
  const who = person(id);
  const made = screen({ title: who.nickname, className: "chat-screen" });
  const messages = messageList(made.body, (message) => {
    const isMine = message.isMine === true;
    return bubbleRow(message, isMine ? store.me : who, isMine, null);
  });
  const refresh = () => attempt(async () => {
    const sent = (await get(`/_sim/phones/${id}/friends`)).messages
      .filter((one) => one.sender === `friend:${store.me.id}`)
      .map((one) => ({ ...one, isMine: true }));
    const received = store.friends.filter((one) => one.sender === `friend:${id}`);
    messages.fill([...sent, ...received].sort((a, b) => a.id - b.id));
    markRead(`friend:${id}`, received);
  });
  made.live("message", ({ box }) => box === "friends" && refresh());
  const field = h("input", { class: "say", "aria-label": "输入消息", enterkeyhint: "send" });
  const send = async () => {
    const title = field.value.trim();
    if (!title) return;
    field.value = "";
    await attempt(() => mine("POST", "/share", { to: id, title, desc: "", link: "", image: "" }));
    refresh();
  };
  field.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && send());
  made.el.append(h("footer", { class: "composer" }, h("div", { class: "input-row" }, field,
    h("button", { class: "send", onclick: send }, "发送"))));
  refresh();
  return made;
}

const isPay = (message) => message.via === "pay";

function serviceScreen(title, key, isOurs, draw) {
  const made = screen({ title, className: "chat-screen services" });
  const read = () => store.services.filter(isOurs);
  const messages = messageList(made.body, (message) => h("div", { class: "row wide", "data-message": message.id, "data-kind": message.kind }, draw(message)));
  made.live("message", ({ box, message }) => {
    if (box !== "services" || !isOurs(message)) return;
    messages.add(message);
    markRead(key, read());
  });
  messages.fill(read());
  markRead(key, read());
  requestAnimationFrame(messages.toEnd);
  return { made, messages };
}

/** 服务通知: template messages and subscription notices. */
export function openNotices() {
  return serviceScreen("服务通知", "notices", (one) => !isPay(one), notice).made;
}

/** 微信支付: receipts, refunds, and money to receive. */
export function openPay() {
  const bills = new Map();
  const draw = (message) => (message.kind === "transfer" ? incoming(message.body, bills) : receipt(message));
  const { made, messages } = serviceScreen("微信支付", "pay", isPay, draw);
  const remember = (found) => found.forEach((one) => bills.set(one.out_bill_no, one));
  made.live("transfer", ({ transfer }) => {
    remember([transfer]);
    messages.fill(store.services.filter(isPay));
  });
  attempt(async () => {
    remember((await mine("GET", "/payments")).transfers);
    messages.fill(store.services.filter(isPay));
  });
  return made;
}

/** A transfer to accept: its message, with the present state from its bill. */
function incoming(body, bills) {
  const bill = bills.get(body.out_bill_no) || body;
  const isOpen = bill.state === "WAIT_USER_CONFIRM";
  const title = isOpen ? "商家转账，待您收款" : bill.state === "SUCCESS" ? "商家转账，已收款" : "商家转账，已失效";
  const card = receipt({ body: { ...bill, title } });
  if (isOpen) card.append(h("button", { class: "notice-more", "data-transfer": bill.out_bill_no, onclick: () => receive(bill) }, "去收款", icon("arrow", 16)));
  return card;
}
