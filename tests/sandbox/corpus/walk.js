// A dispatcher that walks everything reachable from the global object and from values of every kind of syntax, and says what
// is not frozen.
(function () { "use strict"; const rt = this, { kept } = rt;
  return function () {
    const seen = new rt.RawMap(), open = [], loose = [], functions = [];
    const start = [["global", kept.global], ["array", []], ["function", () => 1], ["generator", kept.generator], ["async", kept.async],
      ["regexp", kept.regexp], ["iterator", [][Symbol.iterator]()], ["error", new TypeError()], ["map", new Map()], ["bytes", new Uint8Array(1)]];
    for (const [name, value] of start) open.push([name, kept.getPrototypeOf(value)], ["own " + name, name === "global" ? value : null]);
    while (open.length > 0) {
      const [path, x] = open.pop();
      if (x === null || (typeof x !== "object" && typeof x !== "function") || seen.has(x)) continue;
      seen.set(x, true);
      if (!kept.isFrozen(x)) loose.push(path);
      open.push([path + ".__proto__", kept.getPrototypeOf(x)]);
      for (const key of kept.ownKeys(x)) {
        const d = kept.describe(x, key);
        for (const part of [d.value, d.get, d.set]) open.push([path + "." + String(typeof key === "symbol" ? key.description : key), part]);
      }
    }
    return rt.JSs({ loose, size: seen.size, globals: kept.ownKeys(kept.global).filter((k) => typeof k === "string") });
  };
})
