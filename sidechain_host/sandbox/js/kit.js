// Trusted. `this` is the table; gives the KIT, on which the following scripts build: the engine's original functions, captured
// before anything is replaced; the meter's hook; the cause of death; conversions that pay for what they do.
(function () {
  "use strict";
  const { prices, limits } = this;
  const { freeze, defineProperty, getPrototypeOf, getOwnPropertyDescriptor, keys: okeys, hasOwn } = Object;
  const { apply, construct, ownKeys } = Reflect;
  const isArray = Array.isArray;
  const { call, bind } = Function.prototype;
  // uncurry(f)(self, a, b) is f.call(self, a, b), and no contract can get between.
  const uncurry = apply(bind, bind, [call]);
  const charCodeAt = uncurry(String.prototype.charCodeAt);
  const RawTypeError = TypeError, RawRangeError = RangeError, rawBigInt = BigInt;
  const { toPrimitive } = Symbol;
  const MAX_TEXT = limits.textUnits;

  // ---- who pays, and death
  const nobody = () => {};
  const OVERDRAW = 2 ** 29; // more than any meter holds
  let sub = nobody;
  let dead = null;
  let nesting = 0;
  const causes = { __proto__: null, gas: freeze({ __proto__: null, k: "gas" }), depth: freeze({ __proto__: null, k: "depth" }) };

  function setSub(payer) { sub = payer === null ? nobody : payer; }
  // A size that is no size (NaN, negative) would fill the meter instead of draining it.
  function charge(n) { sub(n >= 0 ? n : OVERDRAW); }
  function outOfGas() { if (dead === null) dead = causes.gas; throw dead; }
  function die(k) {
    if (dead === null) dead = k in causes ? causes[k] : freeze({ __proto__: null, k });
    // Drained, so that no later charge passes: not in a `finally`, not in a callback still running.
    try { sub(OVERDRAW); } catch { /* the meter says what we know */ }
    throw dead;
  }
  function isDead() { return dead; }
  function reset() { dead = null; nesting = 0; }

  // Recursion through built-ins (join <-> toString) passes no contract function, hence no depth count; so it is counted here,
  // and never reaches the native stack's end, which differs from machine to machine.
  function enter() { if (++nesting > limits.nesting) die("depth"); }
  function leave() { nesting--; }
  function nested(f) { enter(); try { return f(); } finally { leave(); } }

  // ---- failures a contract may catch
  function wrongType(message) { throw new RawTypeError(message); }
  function outOfRange(message) { throw new RawRangeError(message); }

  // ---- sizes
  function arrayLength(x) {
    if (!isArray(x)) wrongType("array required");
    const n = x.length;
    return n > limits.arrayLength ? outOfRange("array too long") : n;
  }
  // Text that will be built has this length.
  function textLength(n) { return n > MAX_TEXT ? outOfRange("string too long") : n; }
  // Reading one unit makes the engine lay a concatenation out flat, now, while it is being paid for.
  function flat(text) {
    const n = textLength(text.length);
    charge(n >> prices.charsCopyShift);
    if (n > 0) charCodeAt(text, 0);
    return text;
  }

  // ---- conversions
  function toPrimitiveValue(x, hint) {
    if ((typeof x !== "object" && typeof x !== "function") || x === null) return x;
    charge(prices.conversion);
    enter();
    try {
      const own = x[toPrimitive];
      if (own !== undefined && own !== null) return notObject(apply(own, x, [hint]));
      const names = hint === "string" ? ["toString", "valueOf"] : ["valueOf", "toString"];
      for (let i = 0; i < 2; i++) {
        const f = x[names[i]];
        if (typeof f !== "function") continue;
        const value = apply(f, x, []);
        if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
      }
      return wrongType("Cannot convert object to primitive value");
    } finally { leave(); }
  }
  function notObject(x) {
    return (typeof x === "object" && x !== null) || typeof x === "function" ? wrongType("Cannot convert object to primitive value") : x;
  }
  const B64 = 1n << 64n, B256 = 1n << 256n, BMAX = 1n << rawBigInt(limits.bigintBits);
  function bigintTextPrice(x) {
    if (x < B64 && x > -B64) return prices.bigintSmallText;
    return x < B256 && x > -B256 ? prices.bigintMediumText : prices.bigintLargeText;
  }
  function isLargeBigint(x) { return x > B256 || x < -B256; }
  function checkBigint(x) { return x > BMAX || x < -BMAX ? outOfRange("bigint too large") : x; }

  function asText(x) {
    if (typeof x === "string") return x.length > MAX_TEXT ? outOfRange("string too long") : x;
    x = toPrimitiveValue(x, "string");
    switch (typeof x) {
      case "string": return flat(x);
      case "symbol": return wrongType("Cannot convert a Symbol value to a string");
      case "bigint": charge(bigintTextPrice(x)); break;
      default: charge(prices.numberText);
    }
    return `${x}`;
  }
  // A primitive on its way into arithmetic: text is parsed, which costs.
  function payParsing(x) { if (typeof x === "string") charge(x.length * prices.parseChar); return x; }
  function asNumeric(x) { return payParsing(toPrimitiveValue(x, "number")); } // primitive; maybe a bigint
  function asNumber(x) { return typeof x === "number" ? x : +asNumeric(x); }
  function optionalNumber(x) { return x === undefined ? undefined : asNumber(x); }
  function payKey(k) {
    if (typeof k === "string" && k.length > prices.keyLong) charge(k.length >> prices.keyLongShift);
    return k;
  }
  function asKey(x) {
    if (typeof x === "number" || typeof x === "symbol") return x;
    return payKey(typeof x === "string" ? x : asKeyPrimitive(toPrimitiveValue(x, "string")));
  }
  function asKeyPrimitive(x) { return typeof x === "symbol" ? x : asText(x); }

  // ---- replacing
  function define(owner, key, f) {
    const old = getOwnPropertyDescriptor(owner, key);
    defineProperty(f, "name", { value: typeof key === "symbol" ? "" : key });
    defineProperty(owner, key, { value: f, writable: true, enumerable: old ? old.enumerable : false, configurable: true });
  }

  // A Map for trusted code: its own methods are the originals, which charge nobody.
  const RawMap = class extends Map {};
  for (const k of ownKeys(Map.prototype)) {
    if (k !== "constructor") defineProperty(RawMap.prototype, k, getOwnPropertyDescriptor(Map.prototype, k));
  }

  return {
    __proto__: null, table: this, prices, limits, uncurry, freeze, defineProperty, getPrototypeOf, getOwnPropertyDescriptor,
    okeys, hasOwn, apply, construct, ownKeys, isArray, define, RawMap, rawBigInt,
    JP: JSON.parse, JSs: JSON.stringify, rawBigintText: uncurry(BigInt.prototype.toString),
    rawCharCodeAt: charCodeAt, rawFromCharCode: String.fromCharCode, rawIsWellFormed: uncurry(String.prototype.isWellFormed),
    rawMatchAll: uncurry(String.prototype.matchAll),
    rawFlatten(text) { if (text.length > 0) charCodeAt(text, 0); return text; },
    setSub, charge, outOfGas, die, isDead, reset, enter, leave, nested, wrongType, outOfRange,
    arrayLength, textLength, flat, toPrimitiveValue, bigintTextPrice, isLargeBigint, checkBigint,
    asText, payParsing, asNumeric, asNumber, optionalNumber, payKey, asKey,
    // Intrinsics that the following scripts wrap.
    raw: {
      __proto__: null, Object, Array, String, Number, Boolean, BigInt, Symbol, Map, Set, Uint8Array, Math, Function, Error,
    },
    scope: { __proto__: null }, // the globals contracts will see
  };
})
