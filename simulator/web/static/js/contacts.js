/* 通讯录: searching and following the account, its profile, and the other people. */

import { openFriend, showChat } from "./chat.js";
import { face, h, icon } from "./dom.js";
import { attempt, push, screen, sheets, toast } from "./screens.js";
import { account, loadMe, mine, store } from "./store.js";

/** A cell with an icon or a face, a text, and an arrow. */
export function cell({ head, name, note, onclick, ...rest }) {
  return h("button", { class: "cell", onclick, ...rest }, head || null, h("span", { class: "cell-name" }, name),
    h("span", { class: "cell-note" }, note || null), icon("arrow", 16));
}

/** The account's profile; a scene ticket is kept for the follow. */
export function openProfile({ ticket }) {
  const more = h("button", { class: "nav-button", "aria-label": "更多", "data-face": "profile-more", onclick: () => menu() }, icon("more"));
  const made = screen({ title: "", className: "profile", right: more });
  const who = account();

  async function follow() {
    await attempt(async () => {
      await mine("POST", "/follow", { ...(ticket ? { ticket } : {}), wait: false });
      await loadMe();
      showChat();
    });
  }
  async function unfollow() {
    const sure = await sheets.confirm({ title: `不再关注“${who.name}”`, text: "取消关注后将不再收到其下发的消息", ok: "不再关注", danger: true });
    if (sure) await attempt(() => mine("POST", "/unfollow", { wait: false }));
  }
  async function menu() {
    if (!store.me.following) return;
    const blocks = store.me.blocks_templates;
    const chosen = await sheets.actions({ items: [
      { id: "block", sim: "block-templates", text: blocks ? "接收模板消息" : "拒收模板消息" },
      { id: "unfollow", sim: "unfollow", text: "不再关注" },
    ] });
    if (chosen === "unfollow") await unfollow();
    else if (chosen === "block") {
      const changed = await attempt(() => mine("PATCH", "", { blocks_templates: !blocks }));
      if (changed) store.me = changed;
      toast(blocks ? "已恢复接收" : "已拒收");
    }
  }
  const draw = () => {
    const isFollowing = store.me.following;
    more.hidden = !isFollowing;
    const act = isFollowing
      ? [h("button", { class: "primary weak", "data-face": "enter", onclick: showChat }, "发消息"),
        h("button", { class: "primary weak quiet", "data-face": "unfollow", onclick: unfollow }, "不再关注")]
      : [h("button", { class: "primary", "data-face": "follow", onclick: follow }, "关注公众号")];
    made.body.replaceChildren(
      h("div", { class: "profile-head" }, face(who, "face big"), h("div", {}, h("h2", {}, who.name), h("small", {}, `微信号：${store.config.original_id}`))),
      h("p", { class: "profile-words" }, "服务号 · 商城、防伪验真与会员服务"),
      h("div", { class: "cells" }, h("div", { class: "cell still" }, h("span", { class: "cell-name" }, "帐号主体"), h("span", { class: "cell-note" }, store.config.merchant)),
        h("div", { class: "cell still" }, h("span", { class: "cell-name" }, "认证"), h("span", { class: "cell-note" }, "✓ 微信认证"))),
      h("div", { class: "profile-acts" }, act));
  };
  made.live("me", draw);
  draw();
  return made;
}

function search(made) {
  const results = h("div", { class: "cells" });
  const field = h("input", { class: "search-field", placeholder: "搜索公众号", "aria-label": "搜索公众号", type: "search" });
  field.addEventListener("input", () => {
    const word = field.value.trim();
    const who = account();
    const hit = word && (who.name.includes(word) || store.config.original_id.includes(word));
    const note = store.me.following ? "已关注" : "公众号";
    results.replaceChildren(...(hit ? [cell({ head: face(who), name: who.name, note, "data-face": "found", onclick: () => push(openProfile({})) })]
      : word ? [h("p", { class: "empty" }, "没有找到相关公众号")] : []));
  });
  return h("div", {}, h("label", { class: "search" }, icon("search", 17), field), results);
}

/** Fill the second tab. */
export function contacts(pane, made) {
  const draw = () => {
    const following = store.me.following;
    const who = account();
    const friends = store.phones.filter((one) => one.id !== store.me.id);
    pane.replaceChildren(search(made),
      h("h2", { class: "group" }, "公众号"),
      h("div", { class: "cells" }, following
        ? cell({ head: face(who), name: who.name, note: "已关注", "data-face": "account", onclick: () => push(openProfile({})) })
        : h("p", { class: "empty small" }, "还没有关注公众号，可在上方搜索“", who.name, "”")),
      h("h2", { class: "group" }, "朋友"),
      h("div", { class: "cells" }, friends.map((one) => cell({ head: face(one), name: one.nickname, "data-friend": one.id, onclick: () => push(openFriend(one.id)) }))));
  };
  let shown = "";
  const fresh = () => {
    const state = JSON.stringify([store.me.following, store.phones.map((one) => [one.id, one.nickname, one.avatar])]);
    if (state !== shown) draw();
    shown = state;
  };
  ["me", "phones"].forEach((type) => made.live(type, fresh));
  fresh();
}
