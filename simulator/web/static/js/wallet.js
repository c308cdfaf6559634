/* 我 and the wallet: balance and bills. */

import { cell } from "./contacts.js";
import { face, h, icon, longTime, yuan } from "./dom.js";
import { attempt, push, screen } from "./screens.js";
import { mine, now, store } from "./store.js";

const ORDER_STATES = { NOTPAY: "未支付", SUCCESS: "支付成功", REFUND: "已退款", CLOSED: "已关闭" };
const REFUND_STATES = { PROCESSING: "退款中", SUCCESS: "已退到零钱", ABNORMAL: "退款异常", CLOSED: "退款关闭" };
const TRANSFER_STATES = {
  ACCEPTED: "处理中", PROCESSING: "处理中", WAIT_USER_CONFIRM: "待您收款", TRANSFERING: "到账中",
  SUCCESS: "已存入零钱", FAIL: "转账失败", CANCELING: "撤销中", CANCELLED: "已撤销",
};

/** Fill the fourth tab. */
export function myPage(pane, made) {
  const draw = () => pane.replaceChildren(
    h("div", { class: "me-card" }, face(store.me, "face big"), h("div", {}, h("h2", {}, store.me.nickname), h("small", {}, `微信号：${store.me.id}`))),
    h("div", { class: "cells" }, cell({ head: tinted("wallet", "#07c160"), name: "钱包", note: `¥${yuan(store.me.wallet_fen)}`, "data-face": "wallet", onclick: () => push(openWallet()) })),
    h("div", { class: "cells" },
      h("div", { class: "cell still" }, h("span", { class: "cell-name" }, "openid"), h("span", { class: "cell-note mono" }, store.me.openid)),
      h("div", { class: "cell still" }, h("span", { class: "cell-name" }, "关注来源"), h("span", { class: "cell-note" }, store.me.following ? store.me.subscribe_scene : "未关注"))));
  made.live("me", draw);
  made.live("order", async () => {
    store.me = (await attempt(() => mine("GET", ""))) || store.me;
    draw();
  });
  draw();
}

function tinted(name, color) {
  const mark = icon(name, 24);
  mark.style.color = color;
  return mark;
}

function bill({ name, note, fen, at, state, act }) {
  return h(act ? "button" : "div", { class: "bill", onclick: act || (() => {}) },
    h("span", { class: "bill-words" }, h("b", {}, name), h("small", {}, `${longTime(Date.parse(at), now())}${note ? ` · ${note}` : ""}`)),
    h("span", { class: "bill-sum" }, h("b", { class: fen > 0 ? "income" : "" }, `${fen > 0 ? "+" : ""}${yuan(fen)}`), h("small", {}, state)));
}

/** An authorisation to pay without confirmation (免确认收款授权); the person may end it here. */
function leave(one, draw) {
  const end = () => attempt(async () => {
    await mine("POST", `/grants/${one.out_authorization_no}`, { decision: "revoke" });
    draw();
  });
  return h("button", { class: "bill", "data-grant": one.out_authorization_no, onclick: end },
    h("span", { class: "bill-words" }, h("b", {}, `免确认收款 · ${one.merchant}`), h("small", {}, one.display_name)),
    h("span", { class: "bill-sum" }, h("small", {}, "点此关闭")));
}

function bills({ orders, refunds, transfers }) {
  const paid = orders.filter((one) => one.paid_at).map((one) => ({
    name: one.description, fen: -one.total_fen, at: one.paid_at, state: ORDER_STATES[one.state] || one.state, note: one.out_trade_no,
  }));
  const back = refunds.map((one) => ({
    name: "退款", fen: one.amount_fen, at: one.finished_at || one.made_at, state: REFUND_STATES[one.state] || one.state, note: one.out_refund_no,
  }));
  const got = transfers.map((one) => ({
    name: one.remark || "商家转账", fen: one.amount_fen, at: one.updated_at, state: TRANSFER_STATES[one.state] || one.state, note: one.out_bill_no,
    act: one.state === "WAIT_USER_CONFIRM" ? () => receive(one) : null,
  }));
  return [...paid, ...back, ...got].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** Accept a merchant's transfer by WeChat's sheet (收款). */
export async function receive(transfer) {
  await attempt(async () => {
    const decision = await window.simScreen.ask("transfer", transfer);
    await mine("POST", `/transfers/${transfer.out_bill_no}`, { decision });
    if (decision === "confirm") await window.simScreen.ask("received", transfer);
  });
}

/** 钱包: the balance, and every payment, refund and transfer. */
export function openWallet() {
  const made = screen({ title: "钱包", className: "wallet" });
  const sum = h("p", { class: "balance" });
  const list = h("div", { class: "bills" });
  made.body.append(h("div", { class: "balance-card" }, tinted("wallet", "#fff"), h("small", {}, "零钱余额"), sum), h("h2", { class: "group" }, "账单"), list);
  const draw = () => attempt(async () => {
    const found = await mine("GET", "/payments");
    store.me.wallet_fen = found.wallet_fen;
    sum.textContent = `¥${yuan(found.wallet_fen)}`;
    const rows = bills(found);
    const given = found.grants.filter((one) => one.state === "TAKING_EFFECT");
    list.replaceChildren(...given.map((one) => leave(one, draw)),
      ...(rows.length ? rows.map(bill) : [h("p", { class: "empty small" }, "还没有账单")]));
  });
  ["order", "transfer", "grant", "me"].forEach((type) => made.live(type, draw));
  draw();
  return made;
}
