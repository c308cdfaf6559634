/* Storage where the browser refuses it.
 *
 * On the desk a phone is a frame of another site, and a browser that blocks third-party cookies
 * denies it localStorage. A real phone has it, so the phone's screen lends its memory instead.
 */
(function () {
  "use strict";
  function shelf(name) {
    try {
      if (window.parent !== window && window.parent.simMemory) return window.parent.simMemory[name];
    } catch {
      // framed by another site, so this is the phone's screen
    }
    window.simMemory = window.simMemory || { localStorage: new Map(), sessionStorage: new Map() };
    return window.simMemory[name];
  }

  class Shelf {
    constructor(items) {
      Object.defineProperty(this, "items", { value: items });
    }
    get length() {
      return this.items.size;
    }
    key(index) {
      return [...this.items.keys()][index] ?? null;
    }
    getItem(key) {
      return this.items.get(String(key)) ?? null;
    }
    setItem(key, value) {
      this.items.set(String(key), String(value));
    }
    removeItem(key) {
      this.items.delete(String(key));
    }
    clear() {
      this.items.clear();
    }
  }

  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      void window[name].length;
    } catch {
      Object.defineProperty(window, name, { value: new Shelf(shelf(name)), configurable: true });
    }
  }
})();
