// Trusted. `this` is the kit. Functions, numbers, symbols, Math, bytes and errors.
(function () {
  "use strict";
  const kit = this;
  const { prices: P, limits, uncurry, define, freeze, apply, construct, isArray, charge, enter, leave, wrongType, outOfRange,
    arrayLength, textLength, flat, asText, asNumber, asNumeric, optionalNumber, bigintTextPrice, replaceConstructor, scope, raw,
    defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = kit;
  const plain = (f) => freeze(f);

  // ---- Function.prototype
  const functions = raw.Function.prototype;
  const applyTo = uncurry(functions.apply);
  define(functions, "apply", { method(self, list) {
    if (list === undefined || list === null) return applyTo(this, self);
    const n = arrayLength(list);
    if (n > limits.spreadArguments) outOfRange("too many arguments");
    charge(n + P.base);
    return applyTo(this, self, list);
  } }.method);
  // An own one: the engine's bound functions nest without being counted.
  define(functions, "bind", { method(self, ...first) {
    const target = this;
    if (typeof target !== "function") wrongType("Bind must be called on a function");
    if (first.length > limits.boundArguments) outOfRange("too many arguments");
    charge(P.closure + first.length + P.base);
    return (...rest) => {
      const n = first.length, all = [];
      if (n + rest.length > limits.spreadArguments) outOfRange("too many arguments");
      charge(P.boundCall + P.argument * (n + rest.length));
      for (let i = 0; i < n; i++) all[i] = first[i];
      for (let i = 0; i < rest.length; i++) all[n + i] = rest[i];
      enter();
      try { return apply(target, self, all); } finally { leave(); }
    };
  } }.method);
  define(functions, "toString", { method() { return "function () { [code] }"; } }.method);

  // ---- numbers
  const numberText = uncurry(raw.Number.prototype.toString), fixed = uncurry(raw.Number.prototype.toFixed);
  define(raw.Number.prototype, "toString", { method(radix) {
    radix = radix === undefined ? 10 : asNumber(radix);
    charge(radix === 10 ? P.numberText : P.numberTextHard);
    return numberText(this, radix);
  } }.method);
  define(raw.Number.prototype, "toFixed", { method(digits) {
    charge(P.numberTextHard);
    return fixed(this, digits === undefined ? 0 : asNumber(digits));
  } }.method);
  function NumberWrapper(...values) {
    if (new.target !== undefined) wrongType("Number objects do not exist here");
    return values.length === 0 ? 0 : raw.Number(asNumeric(values[0]));
  }
  for (const name of ["isFinite", "isInteger", "isNaN", "isSafeInteger", "EPSILON", "MAX_SAFE_INTEGER", "MIN_SAFE_INTEGER",
    "MAX_VALUE", "MIN_VALUE", "NaN", "NEGATIVE_INFINITY", "POSITIVE_INFINITY"]) {
    defineProperty(NumberWrapper, name, getOwnPropertyDescriptor(raw.Number, name));
  }
  replaceConstructor(NumberWrapper, raw.Number, "Number");
  const { parseInt: rawParseInt, parseFloat: rawParseFloat } = globalThis;
  scope.parseInt = plain((text, radix) => {
    text = asText(text);
    charge(text.length * P.parseChar + P.base);
    return rawParseInt(text, radix === undefined ? 10 : asNumber(radix));
  });
  scope.parseFloat = plain((text) => {
    text = asText(text);
    charge(text.length * P.parseChar + P.base);
    return rawParseFloat(text);
  });
  scope.isNaN = plain((x) => { x = asNumber(x); return x !== x; });
  scope.isFinite = plain((x) => { x = asNumber(x); return x - x === 0; });

  const bigintText = uncurry(raw.BigInt.prototype.toString), bigintValue = uncurry(raw.BigInt.prototype.valueOf);
  define(raw.BigInt.prototype, "toString", { method(radix) {
    const x = bigintValue(this);
    radix = radix === undefined ? 10 : asNumber(radix);
    charge(bigintTextPrice(x));
    return bigintText(x, radix);
  } }.method);
  function BigIntWrapper(x) {
    if (new.target !== undefined) wrongType("BigInt is not a constructor");
    if (typeof x === "object" || typeof x === "function") wrongType("BigInt of an object");
    if (typeof x === "string") {
      if (x.length > limits.bigintTextUnits) outOfRange("bigint too large");
      charge((x.length >> P.bigintParseShift) + P.base);
    }
    return kit.checkBigint(raw.BigInt(x));
  }
  replaceConstructor(BigIntWrapper, raw.BigInt, "BigInt");

  // ---- Math: the engine would convert arguments itself, unpaid; only what IEEE 754 fixes is kept
  for (const name of ["abs", "ceil", "floor", "round", "trunc", "sign", "sqrt", "clz32"]) {
    const original = raw.Math[name];
    define(raw.Math, name, { method(x) { return original(typeof x === "number" ? x : asNumber(x)); } }.method);
  }
  const { min, max, imul } = raw.Math;
  define(raw.Math, "imul", { method(a, b) { return imul(asNumber(a), asNumber(b)); } }.method);
  for (const [name, original] of [["min", min], ["max", max]]) {
    define(raw.Math, name, { method(...values) {
      charge(values.length * P.argument);
      for (let i = 0; i < values.length; i++) values[i] = asNumber(values[i]);
      return apply(original, undefined, values);
    } }.method);
  }
  scope.Math = raw.Math;

  // ---- symbols
  const RawSymbol = raw.Symbol;
  function SymbolWrapper(description) {
    if (new.target !== undefined) wrongType("Symbol is not a constructor");
    charge(P.symbol);
    return RawSymbol(description === undefined ? undefined : asText(description));
  }
  for (const name of ["iterator", "hasInstance", "toPrimitive", "toStringTag"]) {
    defineProperty(SymbolWrapper, name, { value: RawSymbol[name], writable: false, enumerable: false, configurable: false });
  }
  replaceConstructor(SymbolWrapper, RawSymbol, "Symbol");

  // ---- bytes: reading and writing elements only; no view of a buffer, no floats
  const RawBytes = raw.Uint8Array;
  const typed = getPrototypeOf(RawBytes).prototype;
  const tagOf = uncurry(getOwnPropertyDescriptor(typed, RawSymbol.toStringTag).get);
  const byteLength = uncurry(getOwnPropertyDescriptor(typed, "length").get);
  kit.isBytes = (x) => tagOf(x) === "Uint8Array";
  function Uint8ArrayWrapper(source) {
    if (new.target !== Uint8ArrayWrapper) wrongType("Uint8Array must be called with new, and cannot be extended");
    if (source === undefined) source = 0;
    if (typeof source === "number") {
      if (!(source >= 0 && source <= limits.arrayLength)) outOfRange("Invalid typed array length");
      charge((source >> P.bytesShift) + P.entry);
      return new RawBytes(source);
    }
    const n = isArray(source) ? arrayLength(source) : kit.isBytes(source) ? byteLength(source) : wrongType("number, array or Uint8Array required");
    charge(n * P.visit + P.entry);
    const bytes = new RawBytes(n);
    for (let i = 0; i < n; i++) bytes[i] = asNumber(source[i]);
    return bytes;
  }
  replaceConstructor(Uint8ArrayWrapper, RawBytes, "Uint8Array");

  // ---- errors: the engine's own, with a price and without traces
  delete raw.Error.captureStackTrace;
  delete raw.Error.prepareStackTrace;
  kit.errorNames = ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];
  let RootError;
  for (const name of kit.errorNames) {
    const Original = globalThis[name];
    const wrapper = function (message) {
      const text = message === undefined ? undefined : asText(message);
      charge(P.error);
      const values = text === undefined ? [] : [text];
      const error = new.target === undefined ? construct(Original, values) : construct(Original, values, new.target);
      // The engine would compose its text, with the message in it, whenever somebody looks.
      defineProperty(error, "stack", { value: "", writable: true, enumerable: false, configurable: true });
      return error;
    };
    replaceConstructor(wrapper, Original, name);
    if (name === "Error") RootError = wrapper; else Object.setPrototypeOf(wrapper, RootError);
  }
  define(raw.Error.prototype, "toString", { method() {
    if (typeof this !== "object" || this === null) wrongType("Error.prototype.toString requires an object");
    const name = this.name === undefined ? "Error" : asText(this.name);
    const message = this.message === undefined ? "" : asText(this.message);
    if (name === "" || message === "") return name + message;
    textLength(name.length + message.length + 2);
    return flat(`${name}: ${message}`);
  } }.method);

  scope.Boolean = raw.Boolean;
  return kit;
})
