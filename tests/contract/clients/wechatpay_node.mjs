// wechatpay-node-v3: config = {mchid, appid, serial, privateKey, apiv3Key, keys: {serial: PEM},
// answerBy?}. The client names no serial and verifies no answer. Its verifySign is called here for
// each answer, with the keys that it fetched or was given.
import superagent from 'superagent';
import nodePay from 'wechatpay-node-v3';

const Pay = nodePay.default ?? nodePay;

class Http {
  constructor(answerBy) { this.named = answerBy ? { 'Wechatpay-Serial': answerBy } : {}; }

  async send(request, headers) {
    const answer = await request.set({ ...headers, ...this.named }).ok(() => true)
      .buffer(true).parse((response, done) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => done(null, Buffer.concat(parts)));
      });
    this.last = { headers: answer.headers, raw: answer.body };
    let data = null;
    try { data = JSON.parse(answer.body.toString()); } catch { /* a bill, or nothing */ }
    return { status: answer.status, data };
  }

  post(url, params, headers) { return this.send(superagent.post(url).send(params), headers); }

  get(url, headers) { return this.send(superagent.get(url), headers); }
}

export async function open({
  mchid, appid, serial, privateKey, apiv3Key, keys, answerBy,
}) {
  const pay = new Pay({
    appid, mchid, serial_no: serial, key: apiv3Key, userAgent: 'node',
    publicKey: Buffer.from('not used: the serial is given'), privateKey: Buffer.from(privateKey),
  });
  const http = new Http(answerBy);
  pay.createHttp(http);
  Pay.certificates = { ...keys };
  const verified = async (call) => {
    const answer = await call;
    const { headers, raw } = http.last;
    if (answer.status < 300) {
      const holds = await pay.verifySign({
        timestamp: headers['wechatpay-timestamp'], nonce: headers['wechatpay-nonce'],
        serial: headers['wechatpay-serial'], signature: headers['wechatpay-signature'],
        body: raw.toString(), apiSecret: apiv3Key,
      });
      if (!holds) throw new Error('the signature does not hold');
    } else {
      throw Object.assign(new Error(answer.data?.message), {
        status: answer.status, code: answer.data?.code, body: answer.data,
      });
    }
    return answer;
  };
  return {
    order: async (way, order) => verified(pay[`transactions_${way}`](order)),
    query: (number) => verified(pay.query({ out_trade_no: number })),
    close: (number) => verified(pay.close(number)),
    refund: (body) => verified(pay.refunds(body)),
    queryRefund: (number) => verified(pay.find_refunds(number)),
    certificates: async () => {
      const found = await pay.get_certificates(apiv3Key);
      return { status: 200, data: { data: found } };
    },
    fetchCertificates: async () => {
      await pay.fetchCertificates(apiv3Key);
      return Object.keys(Pay.certificates);
    },
    tradeBill: (date) => verified(pay.tradebill({ bill_date: date, tar_type: 'GZIP' })),
    fundBill: (date) => verified(pay.fundflowbill({ bill_date: date, account_type: 'BASIC' })),
    download: async (url) => {
      const { pathname, search } = new URL(url);
      await pay.downloadBill(`https://api.mch.weixin.qq.com${pathname}${search}`);
      return http.last.raw.toString('base64');
    },
    encrypt: (text) => pay.publicEncrypt(text, Pay.certificates[answerBy]),
    unseal: ({ nonce, ciphertext, associated_data: aad }) => {
      const found = pay.decipher_gcm(ciphertext, aad, nonce, apiv3Key);
      return typeof found === 'string' ? found : JSON.stringify(found);
    },
    verify: (named, body) => pay.verifySign({
      timestamp: named['Wechatpay-Timestamp'], nonce: named['Wechatpay-Nonce'],
      serial: named['Wechatpay-Serial'], signature: named['Wechatpay-Signature'],
      body, apiSecret: apiv3Key,
    }),
  };
}
