// node-easywechat: config = {appid, secret, token, aesKey?, stable?}. `serve` receives pushes on a
// free port, answers texts by repeating them, and returns the port.
import http from 'node:http';
import easywechat from 'node-easywechat';
import ServerRequest from 'node-easywechat/dist/Core/Http/ServerRequest.js';

const { OfficialAccount } = easywechat;

export function open({ appid, secret, token, aesKey = '', stable = false }) {
  const config = {
    app_id: appid, secret, token, aes_key: aesKey, use_stable_access_token: stable,
    oauth: { scope: 'snsapi_userinfo', redirect: 'http://127.0.0.1/oauth/callback' },
  };
  const app = new OfficialAccount(config);
  const cache = new Map();
  app.setCache?.({
    get: async (key) => cache.get(key) ?? null,
    set: async (key, value) => { cache.set(key, value); return true; },
    has: async (key) => cache.has(key),
    delete: async (key) => cache.delete(key),
    clear: async () => { cache.clear(); return true; },
  });
  const client = app.createClient();
  const seen = [];

  async function answer(request, body) {
    const own = new OfficialAccount(config);
    own.setRequest(new ServerRequest(request.method, request.url, request.headers, body));
    const server = own.getServer();
    server.with(async (message, next) => {
      seen.push({ ...(message.attributes ?? message) });
      if (message.MsgType === 'text') return `收到：${message.Content}`;
      return next(message);
    });
    return server.serve();
  }

  return {
    request: async (method, path, payload) => {
      const response = await client.request(method, path, payload ?? {});
      return response.toObject();
    },
    refresh: () => app.getAccessToken().refresh(),
    jsConfig: (url) => app.getUtils().buildJsSdkConfig(url, ['updateAppMessageShareData']),
    user: async (code) => {
      const user = await app.getOAuth().userFromCode(code);
      return { id: user.getId(), nickname: user.getNickname(), avatar: user.getAvatar() };
    },
    redirect: () => app.getOAuth().redirect(),
    seen: () => seen,
    serve: () => new Promise((resolve) => {
      const server = http.createServer((request, response) => {
        const parts = [];
        request.on('data', (part) => parts.push(part));
        request.on('end', async () => {
          try {
            const made = await answer(request, Buffer.concat(parts));
            response.writeHead(made.getStatusCode(), made.getHeaders());
            response.end(made.getBody().toString());
          } catch (error) {
            response.writeHead(403);
            response.end(String(error.message));
          }
        });
      });
      server.listen(0, '127.0.0.1', () => resolve(server.address().port));
    }),
  };
}
