/* Small helpers to build nodes, write times the way WeChat does, and draw faces and icons. */

/** Build a node: attributes by name, `on…` handlers, children as nodes or texts; null is left out. */
export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PATHS = {
  back: '<path d="M15 4 7 12l8 8"/>',
  more: '<g fill="currentColor" stroke="none"><circle cx="5" cy="12" r="1.8"/><circle cx="12" cy="12" r="1.8"/><circle cx="19" cy="12" r="1.8"/></g>',
  close: '<path d="m5 5 14 14M19 5 5 19"/>',
  chat: '<path d="M12 4C6.9 4 3 7.3 3 11.4c0 2.3 1.2 4.300 3.200 5.700L5.500 20l3.300-1.700c1 .3 2.100.4 3.200.4 5.100 0 9-3.200 9-7.300S17.100 4 12 4Z"/>',
  people: '<circle cx="9.500" cy="8" r="4"/><path d="M2.500 20c0-4 3-6.500 7-6.500s7 2.500 7 6.500ZM17 5.500h4.500M17.500 9.500h4M18.500 13.500h3"/>',
  compass: '<circle cx="12" cy="12" r="9"/><path d="m15.800 8.200-2.300 5.300-5.300 2.300 2.300-5.300Z"/>',
  me: '<circle cx="12" cy="8" r="4.200"/><path d="M4 20.500c0-4.300 3.500-6.800 8-6.800s8 2.500 8 6.800Z"/>',
  plus: '<circle cx="12" cy="12" r="9.200"/><path d="M12 7.500v9M7.500 12h9"/>',
  smile: '<circle cx="12" cy="12" r="9.200"/><path d="M8 14c1 1.900 2.400 2.800 4 2.800s3-.9 4-2.800M8.800 9.300v.6M15.200 9.300v.6"/>',
  voice: '<circle cx="12" cy="12" r="9.200"/><path d="M9.500 10.500a3 3 0 0 1 0 3M12 8.800a6 6 0 0 1 0 6.400M14.500 7.200a9.500 9.500 0 0 1 0 9.600"/>',
  keyboard: '<rect x="3" y="6" width="18" height="12" rx="2"/><path d="M6.500 9.500h.1M10 9.500h.1M13.900 9.500h.1M17.400 9.500h.1M6.500 12.500h.1M10 12.500h.1M13.900 12.500h.1M17.400 12.500h.1M8 15.300h8"/>',
  lines: '<path d="M5 8h14M5 12h14M5 16h14"/>',
  scan: '<path d="M4 9V5.500C4 4.700 4.700 4 5.500 4H9M15 4h3.500c.8 0 1.500.7 1.500 1.500V9M20 15v3.500c0 .8-.7 1.500-1.500 1.500H15M9 20H5.500c-.8 0-1.500-.7-1.500-1.500V15M3 12h18"/>',
  search: '<circle cx="11" cy="11" r="6.500"/><path d="m16 16 4.500 4.500"/>',
  camera: '<path d="M4 8h3.500l1.500-2.500h6L16.500 8H20c.6 0 1 .4 1 1v9.500c0 .6-.4 1-1 1H4c-.6 0-1-.4-1-1V9c0-.6.4-1 1-1Z"/><circle cx="12" cy="13.500" r="3.600"/>',
  picture: '<rect x="3" y="4.500" width="18" height="15" rx="2"/><circle cx="8.500" cy="9.500" r="1.600"/><path d="m4 18 5.500-5.500 3.500 3.500 3-3 4.500 4.500"/>',
  pin: '<path d="M12 21.500s7-6.300 7-11.700a7 7 0 0 0-14 0c0 5.400 7 11.700 7 11.700Z"/><circle cx="12" cy="9.800" r="2.500"/>',
  link: '<path d="M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1.200 1.200M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1.200-1.200"/>',
  wallet: '<rect x="3" y="6" width="18" height="13" rx="2"/><path d="M3 10h18M15.500 14.500h2.500"/>',
  globe: '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 3 3.800 6 3.800 9s-.8 6-3.800 9c-3-3-3.800-6-3.800-9S9 6 12 3Z"/>',
  arrow: '<path d="m9 5 7 7-7 7"/>',
};

/** A line icon by name. */
export function icon(name, size = 24) {
  const box = document.createElement("span");
  box.className = "icon";
  box.innerHTML = `<svg viewBox="0 0 24 24" width="${size}" height="${size}" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${PATHS[name]}</svg>`;
  return box;
}

const HUES = ["#5b8c7a", "#c08552", "#6b7fa8", "#a0667e", "#7d8f4f", "#8a6fae", "#4f8ea3", "#b3694f"];

function hue(key) {
  let number = 0;
  for (const letter of key) number = (number * 31 + letter.codePointAt(0)) >>> 0;
  return HUES[number % HUES.length];
}

/** A square face: the person's picture, or the last character of the name on a colour of its own. */
export function face(person, className = "face") {
  if (person.avatar) return h("img", { class: className, src: person.avatar, alt: "" });
  const node = h("span", { class: `${className} drawn`, "aria-hidden": true }, [...person.name].at(-1) || "?");
  node.style.background = person.color || hue(person.id || person.name);
  return node;
}

const CHINA_MS = 8 * 3600 * 1000;
const two = (number) => String(number).padStart(2, "0");
const WEEKDAYS = ["日", "一", "二", "三", "四", "五", "六"];

function china(instant) {
  return new Date(instant + CHINA_MS);
}

/** 14:05 in Shanghai. */
export function clockTime(instant) {
  const at = china(instant);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

function dayNumber(instant) {
  return Math.floor((instant + CHINA_MS) / 86400000);
}

/** As between bubbles: 14:05 · 昨天 14:05 · 星期三 14:05 · 11月20日 14:05 · 2025年11月20日 14:05. */
export function longTime(instant, now) {
  const time = clockTime(instant);
  const days = dayNumber(now) - dayNumber(instant);
  const at = china(instant);
  if (days <= 0) return time;
  if (days === 1) return `昨天 ${time}`;
  if (days < 7) return `星期${WEEKDAYS[at.getUTCDay()]} ${time}`;
  const date = `${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${time}`;
  return at.getUTCFullYear() === china(now).getUTCFullYear() ? date : `${at.getUTCFullYear()}年${date}`;
}

/** As in the chat list: 14:05 · 昨天 · 星期三 · 2026/11/20. */
export function shortTime(instant, now) {
  const days = dayNumber(now) - dayNumber(instant);
  const at = china(instant);
  if (days <= 0) return clockTime(instant);
  if (days === 1) return "昨天";
  if (days < 7) return `星期${WEEKDAYS[at.getUTCDay()]}`;
  return `${at.getUTCFullYear()}/${at.getUTCMonth() + 1}/${at.getUTCDate()}`;
}

/** As in Moments: 刚刚 · 5分钟前 · 2小时前 · 昨天 · 3天前. */
export function ago(instant, now) {
  const minutes = Math.floor((now - instant) / 60000);
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes}分钟前`;
  const days = dayNumber(now) - dayNumber(instant);
  if (days <= 0) return `${Math.floor(minutes / 60)}小时前`;
  return days === 1 ? "昨天" : `${days}天前`;
}

/** Fen as yuan with two digits, with whole thousands grouped. */
export function yuan(fen) {
  const sign = fen < 0 ? "-" : "";
  const whole = String(Math.trunc(Math.abs(fen) / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}${whole}.${two(Math.abs(fen) % 100)}`;
}
