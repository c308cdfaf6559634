// co-wechat-api: config = {appid, secret}. Bytes come back in base64.
import API from 'co-wechat-api';

export function open({ appid, secret }) {
  const api = new API(appid, secret);
  return {
    api: async (name, ...args) => {
      const answer = await api[name](...args);
      return Buffer.isBuffer(answer) ? { base64: answer.toString('base64') } : answer;
    },
  };
}
