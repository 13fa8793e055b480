// Trusted. `this` is the platform; adds field types: checking a contract's value, copying it, its text in sort order, and the
// form in which it travels between sandbox and node.
(function () {
  "use strict";
  const platform = this;
  const { freeze, isArray, okeys, hasOwn, isWellFormed, JSs, RawMap, host, prices, caps, misuse, pay, unmetered, run } = platform;
  const ASK_ADDRESS = 3;
  const HEX = alphabet("0123456789abcdef");
  const SYMBOL = alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._");
  const MAX_AMOUNT = 9223372036854775807n;
  const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
  const isInteger = Number.isInteger;
  const toAmount = BigInt;

  // UTF-8 length of a well-formed text without U+0000; -1 for any other, or when it is longer than `max`. Units are compared as
  // one-unit texts: unlike methods of strings that is neither metered nor slow.
  function utf8Length(text, max) {
    const n = text.length;
    if (n > max) return -1;
    let bytes = n;
    for (let i = 0; i < n; i++) {
      const unit = text[i];
      if (unit < "\x80") { if (unit === "\0") return -1; continue; }
      if (unit < "\u0800") { bytes += 1; continue; }
      if (unit >= "\ud800" && unit <= "\udfff") {
        const low = unit < "\udc00" && i + 1 < n ? text[i + 1] : "\0";
        if (low < "\udc00" || low > "\udfff") return -1;
        i++;
      }
      bytes += 2;
    }
    return bytes > max ? -1 : bytes;
  }
  // The units a text may have.
  function alphabet(units) {
    const known = { __proto__: null };
    for (let i = 0; i < units.length; i++) known[units[i]] = true;
    return freeze(known);
  }
  function consistsOf(text, known, start, end) {
    for (let i = start; i < end; i++) if (known[text[i]] !== true) return false;
    return true;
  }
  function isHash(x) { return typeof x === "string" && x.length === 64 && consistsOf(x, HEX, 0, 64); }
  function isAssetText(x) {
    if (typeof x !== "string" || x.length > 97) return false;
    const start = x.length > 65 && x[64] === ":" && consistsOf(x, HEX, 0, 64) ? 65 : 0;
    const length = x.length - start;
    return length >= 1 && length <= 32 && consistsOf(x, SYMBOL, start, x.length);
  }

  // Addresses carry a checksum; the node checks it, and what it said is remembered (it never changes).
  const addresses = new RawMap();
  function isAddress(x) {
    if (typeof x !== "string" || x.length !== 34) return false;
    const known = addresses.get(x);
    if (known !== undefined) return known;
    if (utf8Length(x, 34) !== 34) return false;
    const answer = unmetered(() => host(ASK_ADDRESS, x)) === "1";
    if (addresses.size > 100000) addresses.clear();
    addresses.set(x, answer);
    return answer;
  }

  // Null, or what is wrong. `x` is a primitive or an array; lists are copied by `copyIn` first.
  function misfit(type, x) {
    switch (type.kind) {
      case "u": return typeof x === "bigint" && x >= type.min && x <= type.max ? null : "an amount (bigint) in range";
      case "int": case "id":
        return typeof x === "number" && isInteger(x) && x >= type.min && x <= type.max ? null : "an integer in range";
      case "bool": return typeof x === "boolean" ? null : "a boolean";
      case "text": return typeof x === "string" && utf8Length(x, type.max) >= 0 ? null : "a text of at most " + type.max + " bytes";
      case "enum":
        for (let i = 0; i < type.values.length; i++) if (type.values[i] === x) return null;
        return unmetered(() => "one of " + type.values.join(", "));
      case "hash": return isHash(x) ? null : "a hash";
      case "asset": return isAssetText(x) ? null : "an asset";
      case "account": return isAddress(x) ? null : "an address";
      default: return "a known type";
    }
  }

  // Takes a contract's value for a field: a checked copy that nothing outside can change.
  function copyIn(type, x, name) {
    pay(prices.field);
    if (x === undefined || x === null) {
      if (!type.optional) misuse(name + " is missing");
      return null;
    }
    if (type.kind === "list") return copyList(type, x, name);
    if (type.kind === "account") pay(prices.address);
    const wrong = typeof x === "object" || typeof x === "function" ? "a primitive" : misfit(type, x);
    if (wrong !== null) misuse(name + " must be " + wrong);
    return x;
  }
  function copyList(type, x, name) {
    if (!isArray(x) || x.length > type.max || x.length < type.min) misuse(name + " must be a list in range");
    const n = x.length, copy = [];
    for (let i = 0; i < n; i++) copy[i] = copyIn(type.items, x[i], name + "[" + i + "]");
    return copy;
  }
  // Gives a stored value out; lists as fresh copies, so that no run can alter the cache.
  function copyOut(x) {
    if (!isArray(x)) return x;
    const copy = [];
    for (let i = 0; i < x.length; i++) copy[i] = x[i];
    return copy;
  }

  // ---- between node and sandbox
  function fromWire(type, x) {
    if (x === null) return null;
    if (type.kind === "u") return toAmount(x);
    if (type.kind === "account") addresses.set(x, true);
    if (type.kind !== "list") return x;
    const items = [];
    for (let i = 0; i < x.length; i++) items[i] = fromWire(type.items, x[i]);
    return items;
  }
  function toWire(type, x) {
    if (type.kind === "u" && x !== null) return `${x}`;
    if (type.kind !== "list" || x === null) return x;
    const items = [];
    for (let i = 0; i < x.length; i++) items[i] = toWire(type.items, x[i]);
    return items;
  }
  // Arguments: every string is tagged, `n` for an amount, `s` for a text; done in place on a fresh parse.
  function untag(x) {
    if (typeof x === "string") return x[0] === "n" ? toAmount(x.slice(1)) : x.slice(1);
    if (isArray(x)) { for (let i = 0; i < x.length; i++) x[i] = untag(x[i]); return x; }
    if (x === null || typeof x !== "object") return x;
    const names = okeys(x);
    for (let i = 0; i < names.length; i++) x[names[i]] = untag(x[names[i]]);
    return x;
  }
  function deepFreeze(x) {
    if (x === null || typeof x !== "object") return x;
    const names = okeys(x);
    for (let i = 0; i < names.length; i++) deepFreeze(x[names[i]]);
    return freeze(x);
  }

  // About what a field costs to store and send, bytes.
  function sizeOf(type, x) {
    if (x === null) return 1;
    switch (type.kind) {
      case "account": return 22;
      case "hash": return 34;
      case "text": return utf8Length(x, type.max) + 3;
      case "enum": case "asset": return x.length + 2;
      case "list": {
        let sum = 3;
        for (let i = 0; i < x.length; i++) sum += sizeOf(type.items, x[i]);
        return sum;
      }
      default: return 9;
    }
  }

  // ---- sort order: texts that compare as the node's key bytes do
  const ZEROS = [""];
  for (let i = 1; i <= 19; i++) ZEROS[i] = ZEROS[i - 1] + "0";
  function pad(digits, width) { return ZEROS[width - digits.length] + digits; }
  // UTF-16 units put the astral characters before U+E000; UTF-8 bytes do not. Moving both ranges makes them agree.
  function inByteOrder(text) {
    for (let i = 0; i < text.length; i++) if (text[i] >= "\ud800") return unmetered(() => moved(text));
    return text;
  }
  function moved(text) {
    let out = "";
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      out += unit < 0xd800 ? text[i] : String.fromCharCode(unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
    }
    return out;
  }
  function sortText(type, x) {
    switch (type.kind) {
      case "u": return pad(`${x}`, 19);
      case "int": case "id": return pad(`${x}`, 16);
      case "bool": return x ? "1" : "0";
      case "account": case "hash": return x;
      default: return inByteOrder(x) + "\0";
    }
  }

  // ---- a contract's value as JSON: own traversal, paid by size; amounts become decimal strings
  function toJson(value, unitsMax) {
    const out = jsonOf(value, 0, { left: unitsMax });
    if (out === undefined) misuse("not a JSON value");
    return out;
  }
  function take(budget, text) {
    pay(prices.eventByte * text.length + 2);
    if ((budget.left -= text.length) < 0) misuse("JSON too large");
    return text;
  }
  function quoted(budget, text) {
    if (text.length > budget.left || !isWellFormed(text)) misuse("JSON too large, or not well-formed text");
    return take(budget, JSs(text));
  }
  function jsonOf(v, depth, budget) {
    switch (typeof v) {
      case "string": return quoted(budget, v);
      case "bigint": return take(budget, '"' + v + '"');
      case "number": if (!isInteger(v) || v > MAX_INTEGER || v < -MAX_INTEGER) misuse("a number must be a safe integer");
        return take(budget, `${v}`);
      case "boolean": return take(budget, v ? "true" : "false");
      case "object": if (v === null) return take(budget, "null"); break;
      default: return undefined;
    }
    if (depth > caps.jsonDepth) misuse("JSON too deep");
    let out = "", first = true;
    if (isArray(v)) {
      for (let i = 0; i < v.length; i++) {
        const text = jsonOf(v[i], depth + 1, budget);
        out += (i > 0 ? "," : "") + (text === undefined ? take(budget, "null") : text);
        pay(2);
      }
      return take(budget, "[") + out + "]";
    }
    const names = okeys(v);
    pay(prices.field * names.length);
    for (let i = 0; i < names.length; i++) {
      const text = jsonOf(v[names[i]], depth + 1, budget);
      if (text === undefined) continue;
      out += (first ? "" : ",") + quoted(budget, names[i]) + ":" + text;
      first = false;
    }
    return take(budget, "{") + out + "}";
  }

  return freeze({
    __proto__: null, ...platform, utf8Length, isHash, isAssetText, isAddress, copyIn, copyOut, fromWire, toWire, untag, deepFreeze,
    sizeOf, sortText, toJson, hasOwn, MAX_AMOUNT, run, alphabet, consistsOf, knowAddress: (x) => { addresses.set(x, true); },
  });
})
