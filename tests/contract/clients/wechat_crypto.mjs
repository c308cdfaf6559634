// wechat-crypto: config = {token, aesKey, appid}; the envelope alone.
import WXBizMsgCrypt from 'wechat-crypto';

export function open({ token, aesKey, appid }) {
  const crypt = new WXBizMsgCrypt(token, aesKey, appid);
  return {
    decrypt: (text) => crypt.decrypt(text),
    encrypt: (text) => crypt.encrypt(text),
    signature: (timestamp, nonce, encrypted) => crypt.getSignature(timestamp, nonce, encrypted),
  };
}
