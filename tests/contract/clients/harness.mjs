// One JSON line in, one JSON line out: {"call": "open", "args": [config]} first, then the script's
// own functions. Calls to WeChat's hosts go to config.base; other calls may not
// leave this machine.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const WECHAT = /^(api2?\.mch|api|open|mp|file\.api)\.weixin\.qq\.com$/;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const say = process.stdout.write.bind(process.stdout);
for (const name of ['log', 'info', 'warn', 'debug']) console[name] = console.error;

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function guarded(...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof first === 'object' ? first.host ?? 'localhost' : 'localhost';
  if (!LOOPBACK.has(host)) throw new Error(`a client reached out to ${host}`);
  return connect.apply(this, args);
};

function optionsOf(args, protocol) {
  const callback = args.find((one) => typeof one === 'function');
  let options = { protocol };
  for (const one of args) {
    if (typeof one === 'string' || one instanceof URL) {
      const url = new URL(one);
      options = {
        ...options, protocol: url.protocol, hostname: url.hostname, port: url.port,
        path: `${url.pathname}${url.search}`,
      };
    } else if (one && typeof one === 'object') options = { ...options, ...one };
  }
  return [options, callback];
}

function reroute(base) {
  const target = new URL(base);
  const plain = http.request.bind(http);
  const moved = (request, protocol) => (...args) => {
    const [options, callback] = optionsOf(args, protocol);
    const host = String(options.hostname || options.host || '').replace(/:\d+$/, '');
    if (!WECHAT.test(host)) return request(...args);
    const { agent, agents, servername, ...kept } = options;
    return plain({
      ...kept, protocol: 'http:', host: target.hostname, hostname: target.hostname,
      port: target.port,
    }, callback);
  };
  for (const [module, protocol] of [[http, 'http:'], [https, 'https:']]) {
    module.request = moved(module.request.bind(module), protocol);
    module.get = (...args) => module.request(...args).end();
  }
}

function errorOf(error) {
  const response = error.response ?? {};
  const body = response.data ?? response.body ?? error.body ?? null;
  return {
    name: error.name,
    message: String(error.message ?? error),
    code: error.code ?? null,
    status: response.status ?? error.status ?? null,
    body: Buffer.isBuffer(body) ? body.toString() : body,
  };
}

let functions = null;
const { open } = await import(pathToFileURL(process.argv[2]));
for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  let answer;
  try {
    if (call === 'open') {
      if (args[0].base) reroute(args[0].base);
      functions = await open(args[0]);
      answer = { result: null };
    } else answer = { result: (await functions[call](...args)) ?? null };
  } catch (error) {
    answer = { error: errorOf(error) };
  }
  say(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
