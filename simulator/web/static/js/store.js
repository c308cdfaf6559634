/* The state of this phone: loaded from `/_sim`, updated by the event stream (or by polling). */

const listeners = new Map();

export const store = {
  config: null,
  me: null,
  phones: [],
  chat: [],
  services: [],
  friends: [],
  moments: [],
  menu: [],
  offsetMs: 0,
  seq: 0,
};

/** Run `work` on every event of a type; returns a function that stops it. */
export function on(type, work) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(work);
  return () => listeners.get(type).delete(work);
}

export function emit(type, facts) {
  for (const work of [...(listeners.get(type) || [])]) work(facts);
}

/** The simulated instant, in milliseconds. */
export function now() {
  return Date.now() + store.offsetMs;
}

/** Call `/_sim/…`; a refusal becomes an Error with the message of the answer. */
export async function call(method, path, body) {
  const isForm = body instanceof FormData;
  const answer = await fetch(path, {
    method,
    headers: body && !isForm ? { "Content-Type": "application/json" } : {},
    body: body && (isForm ? body : JSON.stringify(body)),
  });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error((data.error && data.error.message) || `HTTP ${answer.status}`);
  return data;
}

export const get = (path) => call("GET", path);
export const mine = (method, path, body) => call(method, `/_sim/phones/${store.config.phone}${path}`, body);

/** A link for the webview: the shop's origin becomes this phone's origin. */
export function toPhone(url) {
  const { app, simulator, origin } = store.config;
  if (url.startsWith(simulator + "/")) return origin + url.slice(simulator.length);
  return url === app || url.startsWith(app + "/") || url.startsWith(app + "?") ? origin + url.slice(app.length) : url;
}

/** A link of the webview with the shop's origin. */
export function toApp(url) {
  const { app, origin } = store.config;
  return url.startsWith(origin) ? app + url.slice(origin.length) : url;
}

/** The person with that phone, for faces and names. */
export function person(id) {
  return store.phones.find((one) => one.id === id) || { id, name: id, nickname: id };
}

/** The official account, drawn like a person. */
export function account() {
  return { id: "account", name: store.config.account, nickname: store.config.account, color: "#9e1b1e" };
}

export async function loadMenu() {
  store.menu = (await mine("GET", "/menu")).button || [];
  emit("menu");
}

/** Load this person and the menu again, because the menu depends on following. */
export async function loadMe() {
  store.me = await mine("GET", "");
  emit("me");
  await loadMenu();
}

export async function loadPhones() {
  store.phones = (await get("/_sim/phones")).phones;
  emit("phones");
}

export async function loadMoments() {
  store.moments = (await get("/_sim/moments")).moments;
  emit("moments");
}

/** Load everything, at the start and after a reset. */
export async function load() {
  store.config = store.config || (await get("/_phone/config"));
  const poll = await mine("GET", "/events?poll=1&after=0&timeout_s=0");
  store.seq = poll.seq;
  const [me, chat, services, friends, clock] = await Promise.all([
    mine("GET", ""), mine("GET", "/chat"), mine("GET", "/services"), mine("GET", "/friends"),
    get("/_sim/clock"),
  ]);
  store.me = me;
  store.chat = chat.messages;
  store.services = services.messages;
  store.friends = friends.messages;
  store.offsetMs = clock.offset_seconds * 1000;
  await Promise.all([loadMenu(), loadPhones(), loadMoments()]);
}

function take(event) {
  if (event.seq <= store.seq) return;
  store.seq = event.seq;
  if (event.type === "message") takeMessage(event);
  else if (event.type === "phone") {
    const menuMoved = store.me.following !== event.phone.following;
    store.me = event.phone;
    emit("me");
    if (menuMoved) loadMenu();
  } else if (event.type === "reset") location.reload();
  else if (event.type === "menu") loadMenu();
  else if (event.type === "moment") loadMoments();
  else if (event.type === "clock") {
    store.offsetMs = event.offset_seconds * 1000;
    emit("clock");
  } else emit(event.type, event);
}

function takeMessage({ box, message }) {
  const known = store[box];
  if (known.some((one) => one.id === message.id)) return;
  known.push(message);
  emit("message", { box, message });
}

/** Read the event stream; if it breaks, poll until an answer arrives, then open it again. */
export function follow() {
  const path = `/_sim/phones/${store.config.phone}/events`;
  const stream = new EventSource(`${path}?after=${store.seq}`);
  stream.onmessage = (line) => take(JSON.parse(line.data));
  stream.onerror = async () => {
    stream.close();
    for (let answer = null; answer === null;) {
      try {
        answer = await get(`${path}?poll=1&after=0&timeout_s=0`);
        if (answer.seq < store.seq) location.reload(); // the simulator was started anew
        answer.events.forEach(take);
      } catch {
        await new Promise((done) => setTimeout(done, 1500));
      }
    }
    follow();
  };
}

// --- unread counts -----------------------------------------------------------------------
const READ = "sim.read";

function marks() {
  return JSON.parse(localStorage.getItem(READ) || "{}");
}

/** The number of a list's messages that came after it was last opened. */
export function unread(key, messages) {
  const last = messages.at(-1);
  const mark = marks()[key] || 0;
  if (!last || last.id < mark) return 0;
  return messages.filter((one) => one.id > mark && one.sender !== "person" && one.kind !== "event").length;
}

export function markRead(key, messages) {
  const last = messages.at(-1);
  localStorage.setItem(READ, JSON.stringify({ ...marks(), [key]: last ? last.id : 0 }));
  emit("read");
}
