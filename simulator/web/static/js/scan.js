/* Scanning: a code of the desk, of a picture, or pasted; and what WeChat does with what it says. */

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

/** Do with a scan's answer what WeChat would. */
export async function follows(answer, text) {
  if (answer.kind === "page") openPage(answer.url);
  else if (answer.kind === "pay") await payByCode(text, answer.order);
  else if (answer.kind === "profile") push(openProfile({ ticket: answer.ticket }));
  else if (answer.kind === "scene" || answer.kind === "followed") showChat();
  else if (answer.kind === "text") await sheets.ask("note", { title: "扫描结果", text: answer.text });
}

/** A code was read: ask WeChat what it means. */
export async function handleCode(text) {
  await attempt(async () => follows(await mine("POST", "/scan", { content: text, follow: false, wait: false }), text));
}

/** 扫一扫: pick or paste, then act. */
export async function openScan() {
  const text = await sheets.ask("scan", {});
  if (text) await handleCode(text);
}

/** Pick or paste, and hand the text back (menu buttons that scan). */
export async function scanText() {
  const text = await sheets.ask("scan", {});
  if (!text) toast("已取消");
  return text;
}
