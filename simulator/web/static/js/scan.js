/* Scanning: a code of the desk, of a picture, or a pasted text; and WeChat's action for it. */

import { attempt, push, sheets, toast } from "./screens.js";
import { showChat } from "./chat.js";
import { openProfile } from "./contacts.js";
import { mine } from "./store.js";
import { openPage } from "./webview.js";

async function payByCode(text, order) {
  const result = await sheets.ask("pay", order);
  const done = await mine("POST", "/pay", { code_url: text, result });
  if (done.result === "ok") await sheets.ask("paid", order);
  else if (done.result === "fail") await sheets.ask("note", { title: "支付失败", text: done.reason });
}

/** Act on the result of a scan as WeChat does. */
export async function follows(answer, text) {
  if (answer.kind === "page") openPage(answer.url);
  else if (answer.kind === "pay") await payByCode(text, answer.order);
  else if (answer.kind === "profile") push(openProfile({ ticket: answer.ticket }));
  else if (answer.kind === "scene" || answer.kind === "followed") showChat();
  else if (answer.kind === "text") await sheets.ask("note", { title: "扫描结果", text: answer.text });
}

/** Scan a text by `/_sim`. */
export async function handleCode(text) {
  await attempt(async () => follows(await mine("POST", "/scan", { content: text, follow: false, wait: false }), text));
}

/** 扫一扫: pick or paste a code, then act on it. */
export async function openScan() {
  const text = await sheets.ask("scan", {});
  if (text) await handleCode(text);
}

/** Pick or paste a code and return its text, for menu buttons that scan. */
export async function scanText() {
  const text = await sheets.ask("scan", {});
  if (!text) toast("已取消");
  return text;
}
