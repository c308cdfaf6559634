/* 使用微信地址: what the person chooses in WeChat is read as if it had been pasted. */
(function () {
  "use strict";
  const button = document.querySelector("[data-wechat-address]");
  const state = document.querySelector("[data-wechat-address-state]");
  const node = document.getElementById("jssdk");
  if (!button || !node) return;
  const say = (text) => { state.textContent = text; };
  const fill = (found) => {
    const form = button.form || button.closest("form");
    const place = [found.provinceName, found.cityName, found.countryName || found.countyName, found.detailInfo];
    form.elements.pasted.value = "收件人：" + found.userName + "\n电话：" + found.telNumber + "\n地址：" + place.join(" ");
    form.querySelector("button[name=step][value=recognise]").click();
  };
  const refused = () => say("没有取到微信地址，可以粘贴地址，或在下面填写");
  button.addEventListener("click", () => {
    say("");
    window.wx.openAddress({ success: fill, cancel: refused, fail: refused });
  });
  const data = JSON.parse(node.textContent);
  const sdk = document.createElement("script");
  sdk.src = data.sdk;
  sdk.addEventListener("load", () => {
    if (!window.wx) return;
    window.wx.config(Object.assign({ debug: false }, data.config));
    window.wx.ready(() => { document.querySelector("[data-wechat-box]").hidden = false; });
  });
  document.head.append(sdk);
})();
