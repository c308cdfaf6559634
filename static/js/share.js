/* Gives a page's card to WeChat: for a friend and for Moments. The page works without it. */
(function () {
  "use strict";
  const node = document.getElementById("jssdk");
  if (!node) return;
  const data = JSON.parse(node.textContent);
  const give = () => {
    const wx = window.wx;
    if (!wx) return;
    wx.config(Object.assign({ debug: false }, data.config));
    wx.ready(() => {
      if (!data.friend) return;
      wx.updateAppMessageShareData(data.friend);
      wx.updateTimelineShareData(data.moments);
    });
  };
  const sdk = document.createElement("script");
  sdk.src = data.sdk;
  sdk.addEventListener("load", give);
  document.head.append(sdk);
})();
