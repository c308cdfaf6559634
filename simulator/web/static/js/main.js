/* The phone's first screen: four tabs, the status bar, and start and events of the page. */

import { clockTime, h, icon } from "./dom.js";
import { chatList } from "./chats.js";
import { contacts } from "./contacts.js";
import { discover } from "./moments.js";
import { myPage } from "./wallet.js";
import { openScan } from "./scan.js";
import { push, screen, startSheets } from "./screens.js";
import { follow, load, now, on, store, unread } from "./store.js";
import { startWebview } from "./webview.js";

const TABS = [
  { id: "chats", name: "微信", icon: "chat", build: chatList },
  { id: "contacts", name: "通讯录", icon: "people", build: contacts },
  { id: "discover", name: "发现", icon: "compass", build: discover },
  { id: "me", name: "我", icon: "me", build: myPage },
];

function totalUnread() {
  const { chat, services, friends } = store;
  const pay = services.filter((one) => one.via === "pay");
  const notices = services.filter((one) => one.via !== "pay");
  const senders = [...new Set(friends.map((one) => one.sender))];
  const fromFriends = senders.map((sender) => unread(sender, friends.filter((one) => one.sender === sender)));
  return [unread("account", chat), unread("pay", pay), unread("notices", notices), ...fromFriends]
    .reduce((sum, count) => sum + count, 0);
}

function firstScreen() {
  const plus = h("button", { class: "nav-button", "aria-label": "扫一扫", "data-face": "scan", onclick: () => openScan() }, icon("scan", 22));
  const made = screen({ title: "微信", left: null, right: plus, className: "root" });
  const badge = h("b", { class: "badge", hidden: true });
  const buttons = TABS.map((tab) => h("button", { class: "tab", role: "tab", "data-tab": tab.id, onclick: () => show(tab) },
    h("span", { class: "tab-icon" }, icon(tab.icon, 26), tab.id === "chats" ? badge : null), tab.name));
  const panes = new Map();
  const bar = h("nav", { class: "tabs", role: "tablist" }, buttons);
  made.el.append(bar);

  function show(tab) {
    if (!panes.has(tab.id)) {
      const pane = h("div", { class: `pane pane-${tab.id}` });
      panes.set(tab.id, pane);
      made.body.append(pane);
      tab.build(pane, made);
    }
    panes.forEach((pane, id) => (pane.hidden = id !== tab.id));
    buttons.forEach((button, index) => button.setAttribute("aria-selected", TABS[index] === tab));
    made.titleNode.textContent = tab.id === "me" ? "" : tab.name;
    made.el.classList.toggle("is-me", tab.id === "me");
  }

  const count = () => {
    const number = totalUnread();
    badge.hidden = number === 0;
    badge.textContent = number > 99 ? "99+" : number;
    if (panes.size) made.titleNode.dataset.unread = number;
  };
  ["message", "read"].forEach((type) => made.live(type, count));
  made.live("home", () => show(TABS[0]));
  show(TABS[0]);
  count();
  return made;
}

function tick() {
  document.getElementById("clock").textContent = clockTime(now());
}

async function start() {
  await load();
  document.title = `${store.me.name} 的微信`;
  startSheets();
  push(firstScreen(), { instant: true });
  startWebview();
  tick();
  setInterval(tick, 1000);
  on("clock", tick);
  follow();
  document.documentElement.dataset.ready = "yes";
}

if (window.parent === window) document.documentElement.classList.add("alone");
start();
