/* The JS-SDK (jweixin 1.6.0): wx.config and the calls that a mall needs.
 *
 * Every call fails with "permission denied" unless wx.config was accepted and named it, as in WeChat.
 */
(function () {
  "use strict";
  if (window.wx && window.wx.config) return;
  const page = window.__simPage || null;
  const free = new Set(["closeWindow", "hideOptionMenu", "showOptionMenu"]);
  const state = { answer: null, allowed: new Set(), tags: new Set(), ready: [], error: [] };
  window.__simTags = state.tags;

  function settle(answer) {
    state.answer = answer;
    const isOk = answer.errMsg === "config:ok";
    if (isOk) {
      state.ready.splice(0).forEach((run) => run());
      document.dispatchEvent(new Event("sim-config"));
    } else state.error.splice(0).forEach((run) => run(answer));
  }

  async function config(options) {
    if (!page) return; // outside WeChat nothing ever answers
    const { debug, ...asked } = options;
    let answer;
    try {
      answer = await page.call("POST", "/js/config", { ...asked, url: location.href.split("#")[0] });
    } catch (error) {
      answer = { errMsg: `config:fail ${error.message}` };
    }
    if (answer.errMsg === "config:ok") {
      (options.jsApiList || []).forEach((name) => state.allowed.add(name));
      (options.openTagList || []).forEach((name) => state.tags.add(name));
    }
    if (debug) page.ask("toast", { text: JSON.stringify(answer) });
    settle(answer);
  }

  function verb(name, work) {
    return function (options) {
      const params = options || {};
      const isFree = free.has(name) || state.allowed.has(name);
      return Promise.resolve()
        .then(() => {
          if (!page) throw new Error("not in WeChat");
          if (!isFree) throw new Error("permission denied");
          return work(params);
        })
        .then(
          (facts) => {
            const answer = { errMsg: `${name}:ok`, ...facts };
            const isCancel = /:cancel/.test(answer.errMsg);
            const then = isCancel ? params.cancel : params.success;
            if (then) then(answer);
            return answer;
          },
          (error) => {
            const answer = { errMsg: `${name}:fail ${error.message}`.replace("fail permission", "permission") };
            if (params.fail) params.fail(answer);
            return answer;
          },
        )
        .then((answer) => params.complete && params.complete(answer));
    };
  }

  function share(slot) {
    return (params) => {
      const host = new URL(params.link || location.href, location.href).host;
      if (host !== location.host) throw new Error("invalid link domain");
      const { title, desc, link, imgUrl } = params;
      page[slot] = { title, desc: desc || "", link: link || location.href, image: imgUrl || "" };
      page.tell({ sim: "share", share: page[slot] });
    };
  }

  function pick(params) {
    return new Promise((resolve) => {
      const input = document.createElement("input");
      input.type = "file";
      input.accept = "image/*";
      input.multiple = (params.count || 9) > 1;
      input.addEventListener("change", () => {
        const files = [...input.files].slice(0, params.count || 9);
        resolve({
          localIds: files.map((file) => URL.createObjectURL(file)),
          tempFiles: files,
          sourceType: "album",
        });
      });
      input.addEventListener("cancel", () => resolve({ errMsg: "chooseImage:cancel" }));
      input.click();
    });
  }

  async function upload(params) {
    const blob = await (await fetch(params.localId)).blob();
    const form = new FormData();
    form.append("media", blob, "picture." + (blob.type.split("/")[1] || "jpg"));
    return page.call("POST", "/js/upload", form);
  }

  async function download(params) {
    const answer = await fetch(`/_sim/media/${encodeURIComponent(params.serverId)}`);
    if (!answer.ok) throw new Error("invalid serverId");
    return { localId: URL.createObjectURL(await answer.blob()) };
  }

  async function localData(params) {
    const blob = await (await fetch(params.localId)).blob();
    const reader = new FileReader();
    await new Promise((done) => {
      reader.onload = done;
      reader.readAsDataURL(blob);
    });
    return { localData: reader.result };
  }

  async function scan(params) {
    const text = await page.ask("scan", {});
    if (!text) return { errMsg: "scanQRCode:cancel" };
    if (!params.needResult) {
      page.tell({ sim: "scan", text });
      return {};
    }
    return { resultStr: text };
  }

  async function payment(params) {
    const { timestamp, timeStamp, nonceStr, signType, paySign } = params;
    const answer = await page.verbs.getBrandWCPayRequest({
      appId: params.appId || state.appId,
      timeStamp: String(timestamp || timeStamp),
      nonceStr,
      package: params.package,
      signType,
      paySign,
    });
    if (/:fail/.test(answer.err_msg)) throw new Error(answer.err_desc || "");
    return { errMsg: answer.err_msg.replace("get_brand_wcpay_request", "chooseWXPay") };
  }

  async function address() {
    const found = await page.ask("address", {});
    return found || { errMsg: "openAddress:cancel" };
  }

  function items(isHidden) {
    return (params) => {
      (params.menuList || []).forEach((name) => page.hidden[isHidden ? "add" : "delete"](name));
    };
  }

  const base = ["menuItem:share:appMessage", "menuItem:share:timeline", "menuItem:copyUrl",
    "menuItem:openWithSafari", "menuItem:favorite"];
  const works = {
    updateAppMessageShareData: share("share"),
    updateTimelineShareData: share("timeline"),
    onMenuShareAppMessage: share("share"),
    onMenuShareTimeline: share("timeline"),
    hideMenuItems: items(true),
    showMenuItems: items(false),
    hideAllNonBaseMenuItem: () => base.forEach((name) => page.hidden.add(name)),
    showAllNonBaseMenuItem: () => page.hidden.clear(),
    hideOptionMenu: () => void page.verbs.hideOptionMenu(),
    showOptionMenu: () => void page.verbs.showOptionMenu(),
    closeWindow: () => void page.verbs.closeWindow(),
    previewImage: (params) => page.verbs.imagePreview(params).then(() => ({})),
    chooseImage: pick,
    uploadImage: upload,
    downloadImage: download,
    getLocalImgData: localData,
    scanQRCode: scan,
    chooseWXPay: payment,
    openAddress: address,
    getNetworkType: () => ({ networkType: "wifi" }),
    getLocation: () => ({ latitude: 31.2304, longitude: 121.4737, speed: 0, accuracy: 30 }),
    openLocation: (params) => page.ask("note", { title: params.name || "位置", text: params.address || "" }),
  };
  const known = new Set([...Object.keys(works), "requestMerchantTransfer", "checkJsApi"]);

  const wx = {
    config(options) {
      state.appId = options.appId;
      config(options);
    },
    ready(run) {
      if (state.answer && state.answer.errMsg === "config:ok") run();
      else state.ready.push(run);
    },
    error(run) {
      if (state.answer && state.answer.errMsg !== "config:ok") run(state.answer);
      else state.error.push(run);
    },
    checkJsApi(options) {
      const checkResult = {};
      (options.jsApiList || []).forEach((name) => (checkResult[name] = known.has(name)));
      const answer = { checkResult, errMsg: "checkJsApi:ok" };
      setTimeout(() => {
        if (options.success) options.success(answer);
        if (options.complete) options.complete(answer);
      });
    },
  };
  Object.keys(works).forEach((name) => (wx[name] = verb(name, works[name])));
  window.wx = window.jWeixin = wx;
})();
