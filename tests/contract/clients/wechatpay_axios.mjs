// wechatpay-axios-plugin: config = {mchid, serial, privateKey, certs: {serial: PEM}, apiv3Key,
// answerBy?}; answerBy is sent as Wechatpay-Serial. The plugin verifies every 2xx itself.
import axiosPlugin from 'wechatpay-axios-plugin';

const { Wechatpay, Aes, Rsa, Formatter } = axiosPlugin;

export function open({ mchid, appid, serial, privateKey, certs, apiv3Key, answerBy }) {
  const headers = answerBy ? { 'Wechatpay-Serial': answerBy } : {};
  const pay = new Wechatpay({ mchid, serial, privateKey, certs, headers });
  const request = async (method, path, data, params) => {
    const { status, data: body } = await pay.client.request(path, method, data ?? undefined, {
      params: params ?? undefined,
    });
    return { status, data: body };
  };
  const get = (path, params) => request('get', path, null, params);
  const orders = 'v3/pay/transactions';
  const refunds = 'v3/refund/domestic/refunds';
  const transfers = 'v3/fund-app/mch-transfer/transfer-bills';
  const whole = (order) => ({ appid, mchid, ...order });
  return {
    request,
    order: (way, order) => request('post', `${orders}/${way}`, whole(order)),
    query: (number) => get(`${orders}/out-trade-no/${number}`, { mchid }),
    close: (number) => request('post', `${orders}/out-trade-no/${number}/close`, { mchid }),
    refund: (body) => request('post', refunds, body),
    queryRefund: (number) => get(`${refunds}/${number}`),
    transfer: (body) => request('post', transfers, { appid, ...body }),
    queryTransfer: (number) => get(`${transfers}/out-bill-no/${number}`),
    cancelTransfer: (number) => request('post', `${transfers}/out-bill-no/${number}/cancel`),
    certificates: () => get('v3/certificates'),
    tradeBill: (date) => get('v3/bill/tradebill', { bill_date: date, tar_type: 'GZIP' }),
    fundBill: (date) => get('v3/bill/fundflowbill', { bill_date: date, account_type: 'BASIC' }),
    download: async (url) => {
      const { pathname, searchParams } = new URL(url);
      const config = { responseType: 'arraybuffer', params: Object.fromEntries(searchParams) };
      const { data } = await pay.client.request(pathname.slice(1), 'get', undefined, config);
      return Buffer.from(data).toString('base64');
    },
    encrypt: (text) => Rsa.encrypt(text, certs[answerBy]),
    unseal: ({ nonce, ciphertext, associated_data: aad }) => (
      Aes.AesGcm.decrypt(ciphertext, apiv3Key, nonce, aad)
    ),
    verify: (named, body) => Rsa.verify(
      Formatter.response(named['Wechatpay-Timestamp'], named['Wechatpay-Nonce'], body),
      named['Wechatpay-Signature'],
      certs[named['Wechatpay-Serial']],
    ),
    paySign: (prepayId) => {
      const params = {
        appId: appid, timeStamp: `${Formatter.timestamp()}`, nonceStr: Formatter.nonce(),
        package: `prepay_id=${prepayId}`, signType: 'RSA',
      };
      const text = Formatter.joinedByLineFeed(
        params.appId, params.timeStamp, params.nonceStr, params.package,
      );
      return { ...params, paySign: Rsa.sign(text, privateKey) };
    },
  };
}
