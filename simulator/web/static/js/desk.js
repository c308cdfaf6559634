/* The desk: all phones side by side, time, faults, push mode, and codes to scan. */

import { clockTime, h } from "./dom.js";

const $ = (id) => document.getElementById(id);
const WIDTH = 395;
const SHORTEST = 700;
const TALLEST = 864;
const SMALLEST = 0.7;
const CHINA_MS = 8 * 3600 * 1000;
let offsetMs = 0;
let config = null;
let shown = "";

async function call(method, path, body) {
  const isForm = body instanceof FormData;
  const answer = await fetch(path, {
    method, headers: body && !isForm ? { "Content-Type": "application/json" } : {},
    body: body && (isForm ? body : JSON.stringify(body)),
  });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error((data.error && data.error.message) || `HTTP ${answer.status}`);
  return data;
}

function say(text) {
  const node = $("message");
  node.textContent = text;
  node.classList.add("on");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => node.classList.remove("on"), 2600);
}

async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say(error.message);
    return null;
  }
}

// --- phones ------------------------------------------------------------------------------
const phoneUrl = (id) => `${location.protocol}//${id}.localhost${location.port ? `:${location.port}` : ""}/_phone/`;

function seat(phone) {
  const frame = h("iframe", { src: phoneUrl(phone.id), title: `${phone.name} 的手机`, allow: "clipboard-write; camera", "data-phone": phone.id });
  return h("section", { class: "seat", "data-seat": phone.id },
    h("header", { class: "seat-head" }, h("b", {}, phone.name), h("a", { href: `/phone/${phone.id}`, target: "_blank", rel: "noopener" }, "单独打开 ↗")),
    h("div", { class: "holder" }, h("div", { class: "device" }, frame)));
}

/** Fit the phones to the desk: complete in height, and side by side while they are readable. */
function fit() {
  const desk = $("desk");
  const count = desk.children.length;
  if (!count) return;
  const wide = (desk.clientWidth - 36 - 18 * (count - 1)) / count / WIDTH;
  const room = desk.clientHeight - 28 - 30;
  const scale = Math.min(1, Math.max(SMALLEST, Math.min(wide, room / SHORTEST)));
  const height = Math.min(TALLEST, Math.max(SHORTEST, room / scale));
  for (const one of desk.children) {
    const holder = one.querySelector(".holder");
    const device = one.querySelector(".device");
    holder.style.width = `${WIDTH * scale}px`;
    holder.style.height = `${height * scale}px`;
    device.style.height = `${height}px`;
    device.style.transform = `scale(${scale})`;
  }
}

async function drawPhones() {
  const everybody = (await call("GET", "/_sim/phones")).phones;
  const phones = everybody.filter((one) => !one.away);
  const wanted = phones.map((one) => one.id).join(" ");
  if (wanted === shown) return;
  shown = wanted;
  const desk = $("desk");
  for (const old of [...desk.children]) if (!phones.some((one) => one.id === old.dataset.seat)) old.remove();
  for (const phone of phones) if (!desk.querySelector(`[data-seat="${phone.id}"]`)) desk.append(seat(phone));
  fit();
}

// --- time --------------------------------------------------------------------------------
function tick() {
  const instant = Date.now() + offsetMs;
  const at = new Date(instant + CHINA_MS);
  const days = Math.round(offsetMs / 86400000);
  const moved = offsetMs ? `（${days ? `${days > 0 ? "+" : ""}${days} 天` : "已移动"}）` : "";
  $("now").textContent = `${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${clockTime(instant)}${moved}`;
  $("now").classList.toggle("moved", offsetMs !== 0);
}

async function moveTime(body) {
  say("正在移动时间…");
  const answer = await attempt(() => call("POST", "/_sim/clock", body));
  if (!answer) return;
  offsetMs = answer.offset_seconds * 1000;
  tick();
  say(`时间已移动，办了 ${answer.fired} 件到期的事`);
}

// --- faults ------------------------------------------------------------------------------
const PRESETS = [
  ["支付通知丢失一次", { kind: "notify.pay" }, { lose: true }],
  ["支付通知永不到达", { kind: "notify.pay" }, { lose_all: true }],
  ["支付通知重复两次", { kind: "notify.pay" }, { duplicate: 2 }],
  ["支付通知迟到 20 秒", { kind: "notify.pay" }, { delay_s: 20 }],
  ["支付通知签名错误", { kind: "notify.pay" }, { bad_signature: true }],
  ["下单成功却答 500", { kind: "pay", path: "/v3/pay/", method: "POST" }, { status: 500, code: "SYSTEM_ERROR", message: "系统错误", when: "after" }],
  ["退款成功却答 500", { kind: "pay", path: "/v3/refund/", method: "POST" }, { status: 500, code: "SYSTEM_ERROR", message: "系统错误", when: "after" }],
  ["转账成功却答 500", { kind: "pay", path: "/v3/fund-app/", method: "POST" }, { status: 500, code: "SYSTEM_ERROR", message: "系统错误", when: "after" }],
  ["支付接口断开连接", { kind: "pay" }, { drop: true }],
  ["支付接口限频 429", { kind: "pay" }, { status: 429, code: "FREQUENCY_LIMITED", message: "频率超限" }],
  ["公众号接口繁忙 -1", { kind: "api" }, { errcode: -1 }],
  ["公众号令牌失效", { kind: "api" }, { stale_token: true }],
  ["公众号接口答 HTML", { kind: "api" }, { garbage: true }],
  ["消息推送丢失", { kind: "push" }, { lose: true }],
  ["消息推送重复两次", { kind: "push" }, { duplicate: 2 }],
  ["消息推送迟到 6 秒", { kind: "push" }, { delay_s: 6 }],
  ["消息推送签名错误", { kind: "push" }, { bad_signature: true }],
  ["不理会被动回复（重试）", { kind: "push" }, { ignore_reply: true }],
  ["登录接口答错", { kind: "oauth" }, { errcode: -1 }],
];

function describe(fault) {
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const preset = PRESETS.find(([, match, action]) => same(match, fault.match) && same(action, fault.action));
  return preset ? preset[0] : `${JSON.stringify(fault.match)} → ${JSON.stringify(fault.action)}`;
}

async function drawFaults() {
  const { faults } = await call("GET", "/_sim/faults");
  const armed = faults.filter((one) => one.left !== 0);
  $("fault-count").hidden = armed.length === 0;
  $("fault-count").textContent = armed.length;
  const lift = (id) => async () => {
    await attempt(() => call("DELETE", `/_sim/faults/${id}`));
    drawFaults();
  };
  $("fault-list").replaceChildren(...faults.map((one) => h("li", {},
    h("span", {}, describe(one), h("small", {}, `已遇上 ${one.hits} 次，${one.left === null ? "一直有效" : `还剩 ${one.left} 次`}`)),
    h("button", { onclick: lift(one.id), "aria-label": `清除 ${describe(one)}` }, "清除"))));
}

function startFaults() {
  const presets = $("preset");
  const field = $("fault-form").elements.json;
  presets.append(...PRESETS.map(([name], index) => h("option", { value: index }, name)));
  const fill = () => {
    const [, match, action] = PRESETS[presets.value];
    field.value = JSON.stringify({ match, action }, null, 1);
  };
  presets.addEventListener("change", fill);
  fill();
  $("fault-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const count = event.target.elements.count.value;
    await attempt(async () => {
      await call("POST", "/_sim/faults", { ...JSON.parse(field.value), count: count === "" ? null : Number(count) });
      say("已设下");
    });
    drawFaults();
  });
  $("fault-clear").addEventListener("click", async () => {
    await attempt(() => call("DELETE", "/_sim/faults"));
    drawFaults();
  });
}

// --- codes -------------------------------------------------------------------------------
async function drawCodes() {
  const { codes } = await call("GET", "/_phone/codes");
  const lift = (text) => async () => {
    await attempt(() => call("DELETE", `/_phone/codes?text=${encodeURIComponent(text)}`));
    drawCodes();
  };
  $("code-list").replaceChildren(...codes.map((one) => h("li", {}, h("span", {}, one.name, h("small", {}, one.text)),
    one.kind === "desk" ? h("button", { onclick: lift(one.text) }, "拿走") : null)));
}

function startCodes() {
  $("code-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = event.target.elements.text;
    if (await attempt(() => call("POST", "/_phone/codes", { text: field.value }))) field.value = "";
    drawCodes();
  });
  $("code-file").addEventListener("change", async (event) => {
    const form = new FormData();
    form.append("media", event.target.files[0]);
    const found = await attempt(() => call("POST", "/_sim/decode", form));
    if (!found) return;
    for (const text of found.texts) await call("POST", "/_phone/codes", { text, name: event.target.files[0].name });
    say(found.texts.length ? `读到 ${found.texts.length} 个码` : "图片里没有码");
    event.target.value = "";
    drawCodes();
  });
}

// --- dialogs -----------------------------------------------------------------------------
function startDialogs() {
  const open = (button, dialog, before) => $(button).addEventListener("click", async () => {
    if (before) await attempt(before);
    $(dialog).showModal();
  });
  open("add-open", "add");
  open("custom-time", "time");
  open("faults-open", "faults", drawFaults);
  open("codes-open", "codes", drawCodes);
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  $("add").addEventListener("close", async () => {
    const fields = $("add").querySelector("form").elements;
    if ($("add").returnValue !== "ok") return;
    const body = { name: fields.name.value, wallet_fen: Number(fields.wallet.value || 0) * 100 };
    if (fields.id.value) body.id = fields.id.value;
    if (await attempt(() => call("POST", "/_sim/phones", body))) fields.name.value = fields.id.value = "";
    drawPhones();
  });
  $("time").addEventListener("close", () => {
    const fields = $("time").querySelector("form").elements;
    const choice = $("time").returnValue;
    if (choice === "zero") moveTime({ offset_seconds: 0 });
    else if (choice === "ok") moveTime({ advance_seconds: Number(fields.days.value) * 86400 + Number(fields.hours.value) * 3600 });
  });
}

async function startReset() {
  $("reset").addEventListener("click", async () => {
    if (!confirm("清空模拟器里的一切（聊天、订单、登录）？商城的数据不受影响。")) return;
    await attempt(() => call("POST", "/_sim/reset", {}));
    location.reload();
  });
}

async function refresh() {
  await attempt(async () => {
    offsetMs = (await call("GET", "/_sim/clock")).offset_seconds * 1000;
    $("mode").value = (await call("GET", "/_sim/push")).mode;
    await Promise.all([drawPhones(), drawFaults()]);
  });
  tick();
}

async function start() {
  config = await call("GET", "/_phone/config");
  document.title = `${config.account} · 微信模拟器`;
  $("admin").href = `${config.app}/admin/`;
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => moveTime({ advance_seconds: Number(button.dataset.advance) }));
  }
  $("mode").addEventListener("change", () => attempt(() => call("POST", "/_sim/push", { mode: $("mode").value })));
  startDialogs();
  startFaults();
  startCodes();
  startReset();
  addEventListener("resize", fit);
  await refresh();
  setInterval(tick, 1000);
  setInterval(refresh, 5000);
}

start();
