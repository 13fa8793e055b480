// Trusted. The last script before runner.js: `this` is the kit, on which the scripts before it (table, kit, arrays, strings,
// values, collections, operators) have put priced versions of the built-ins. Removes and freezes everything else, so that the
// context is the one contracts may see, and returns the RUNTIME OBJECT, which runner.js receives as `this`.
//
// How the pieces meet (the child process does this; see child/main.py):
//   runtime    = the chain table.js -> kit.js -> ... -> lockdown.js      frozen object, described below
//   dispatcher = eval(runner.js).call(runtime)     runner.js is `(function () { "use strict"; const rt = this; ... return function () {...} })`
//   LOAD(src)  : q = eval(src); reply = dispatcher.call(q)      q is a function: the factory of one package, see meter.js
//   CALL(body) : reply = dispatcher.call(body)                  body is a primitive string; the reply must be a primitive string
// A dispatcher that throws, or returns anything but a string, ends the process.
//
// A package's factory, called as `apply(factory, undefined, rt.helpers)`, gives one fresh INSTANCE, a null-prototype object:
//   set(gas)   fills the meter (integer 0 .. 2^30-1) and sets the depth to 0
//   get()      gas left; negative once the run is dead (report min(limit, limit - get()))
//   sub(n)     charges n; throws the cause of death when the meter is empty
//   modules    null-prototype object: path -> function (exports, require, module), called at the first `require` of a run
//
// The runtime object:
//   helpers      frozen array, the factory's arguments in order
//   setSub(f)    whose meter pays for built-ins from now on: `instance.sub`, or null for "trusted code at rest" (nobody pays)
//   charge(n)    charges the current meter n gas (integer >= 0), throws when it is empty
//   isDead()     null, or the frozen cause {k: "gas" | "depth" | any k given to die()}; the first cause stands
//   die(k)       ends the run for a reason of the runner's own: sets the cause, drains the meter, throws; contracts cannot catch it
//   reset()      forgets the death and the nesting depth; call it before every run
//   nested(f)    runs f() with the native nesting depth counted; use it around every call from trusted code back into a contract
//                that a contract can cause (comparators, callbacks)
//   host(kind, text) -> text   asks the node process synchronously. kind: integer 0..255; both texts at most 4 MiB of UTF-8 and
//                well formed. Not reachable for contracts: never hand it, or a function that passes their text through unchecked, out
//   JP, JSs      JSON.parse, JSON.stringify, unmetered
//   RawMap       a Map whose methods are the unmetered originals (contracts see a metered Map)
//   okeys, apply, freeze, hasOwn, isArray   Object.keys, Reflect.apply, Object.freeze, Object.hasOwn, Array.isArray, unmetered
//   isWellFormed(text)   whether a string has no lone surrogate, unmetered
//   asText(x)    the string of a contract's value, charged, at most 262 144 units; throws TypeError for a symbol
// Rules for trusted code: never call a method found on a contract's value; never use for-of, spread or destructuring over a
// contract's array (its iterator may be replaced): index loops only; methods of Array.prototype, String.prototype and Object
// are the metered ones, so inside a run they charge the contract and may throw its death.
(function () {
  "use strict";
  const kit = this;
  const { freeze, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, hasOwn, okeys, apply, isArray, uncurry, scope,
    raw, RawMap, wrongType, outOfRange } = kit;
  const G = globalThis;
  const { iterator, hasInstance, toPrimitive } = Symbol;

  // ---- the way to the node; taken first, so that it is gone before anything else can go wrong
  const HOST_TEXT_UNITS = 4 * 1024 * 1024, DATA_OFFSET = 16, CHUNK = 8192; // layout: child/host.py
  const { $sandboxBuffer: buffer, $sandboxHost: askNode } = G;
  delete G.$sandboxBuffer;
  delete G.$sandboxHost;
  const host = buffer === undefined ? undefined : makeHost();
  function makeHost() {
    const words = new Uint32Array(buffer, 0, 4);
    const bytes = new Uint8Array(buffer, DATA_OFFSET), units = new Uint16Array(buffer, DATA_OFFSET);
    const codeAt = kit.rawCharCodeAt, wellFormed = kit.rawIsWellFormed, flatten = kit.rawFlatten;
    const fromCodes = kit.rawFromCharCode;
    const bytesPart = uncurry(bytes.subarray), unitsPart = uncurry(units.subarray);
    return freeze((kind, text) => {
      if (typeof text !== "string" || !wellFormed(text)) wrongType("the host takes well-formed text");
      const n = text.length;
      if (n > HOST_TEXT_UNITS) outOfRange("the text for the host is too long");
      for (let i = 0; i < n; i++) units[i] = codeAt(text, i);
      words[0] = kind;
      words[1] = n;
      askNode();
      const part = words[2] === 0 ? bytesPart : unitsPart, from = words[2] === 0 ? bytes : units, count = words[3];
      let out = "";
      for (let i = 0; i < count; i += CHUNK) {
        out += apply(fromCodes, undefined, part(from, i, i + CHUNK < count ? i + CHUNK : count));
      }
      return flatten(out);
    });
  }

  // ---- what stays of each intrinsic; a member that is not listed is deleted
  const typed = getPrototypeOf(raw.Uint8Array).prototype;
  const permits = [
    [raw.Array.prototype, ["length", "constructor", "at", "push", "pop", "concat", "every", "fill", "filter", "find", "findIndex",
      "findLast", "findLastIndex", "forEach", "includes", "indexOf", "join", "keys", "entries", "values", "lastIndexOf", "map",
      "reduce", "reduceRight", "reverse", "shift", "slice", "some", "sort", "splice", "toString", "unshift", iterator]],
    [raw.String.prototype, ["length", "constructor", "at", "charAt", "charCodeAt", "codePointAt", "concat", "endsWith", "includes",
      "indexOf", "lastIndexOf", "padEnd", "padStart", "repeat", "replace", "replaceAll", "slice", "split", "startsWith",
      "substring", "toLowerCase", "toString", "toUpperCase", "trim", "trimEnd", "trimStart", "valueOf", iterator]],
    [raw.Function.prototype, ["length", "name", "apply", "bind", "call", "toString", "constructor", hasInstance]],
    [raw.Object.prototype, ["constructor", "hasOwnProperty", "isPrototypeOf", "toString", "valueOf"]],
    [raw.Number.prototype, ["constructor", "toString", "toFixed", "valueOf"]],
    [raw.Boolean.prototype, ["constructor", "toString", "valueOf"]],
    [raw.BigInt.prototype, ["constructor", "toString", "valueOf"]],
    [raw.Map.prototype, ["constructor", "get", "set", "has", "delete", "clear", "entries", "forEach", "keys", "size", "values", iterator]],
    [raw.Set.prototype, ["constructor", "add", "has", "delete", "clear", "entries", "forEach", "keys", "size", "values", iterator]],
    [raw.Uint8Array.prototype, ["constructor"]],
    [typed, ["length", "constructor", "values", iterator]],
    [raw.Symbol.prototype, ["constructor", "description", toPrimitive]],
    [raw.Object, ["keys", "values", "entries", "assign", "freeze", "fromEntries", "create", "is", "isFrozen", "hasOwn", "getPrototypeOf"]],
    [raw.Error, ["isError", "stackTraceLimit"]],
    [raw.Math, ["abs", "ceil", "floor", "round", "trunc", "sign", "sqrt", "min", "max", "imul", "clz32"]],
  ];
  for (const [owner, names] of permits) {
    for (const key of ownKeys(owner)) {
      if (names.includes(key) || key === "prototype" || !getOwnPropertyDescriptor(owner, key).configurable) continue;
      delete owner[key];
    }
  }
  const iterators = getPrototypeOf(getPrototypeOf([][iterator]()));
  for (const key of ownKeys(iterators)) if (key !== iterator) delete iterators[key];

  // ---- intrinsics without a name, reachable through syntax or through a prototype: constructors made inert
  function inert(name) {
    const f = function () { wrongType(`${name} does not exist here`); };
    defineProperty(f, "name", { value: name });
    return freeze(f);
  }
  const generator = getPrototypeOf(function* () {}), asynchronous = getPrototypeOf(async function () {});
  const asyncGenerator = getPrototypeOf(async function* () {});
  const { Promise, RegExp, Date, ArrayBuffer } = G;
  for (const proto of [raw.Function.prototype, generator, asynchronous, asyncGenerator]) {
    defineProperty(proto, "constructor", { value: inert("Function"), writable: false, enumerable: false, configurable: false });
  }
  for (const proto of [RegExp.prototype, Promise.prototype, Date.prototype, ArrayBuffer.prototype, typed]) {
    defineProperty(proto, "constructor", { value: inert("This constructor"), writable: false, configurable: false });
  }
  const hidden = [
    iterators, ...[[], new Map(), new Set(), ""].map((x) => getPrototypeOf(x[iterator]())), getPrototypeOf(kit.rawMatchAll("", /x/g)),
    generator, asynchronous, asyncGenerator, RegExp, Promise, Date, ArrayBuffer, typed, getPrototypeOf(raw.Uint8Array), G.Proxy,
    ...["Array", "String", "Number", "BigInt", "Symbol", "Map", "Set", "Uint8Array", "Function", "Error"].map((name) => raw[name]),
    ...kit.errorNames.map((name) => getPrototypeOf(new scope[name]())),
  ];

  // ---- members of frozen prototypes that contracts assign on their own objects: assignment makes an own property
  function allowOverride(proto, key) {
    const found = getOwnPropertyDescriptor(proto, key);
    if (found === undefined || !hasOwn(found, "value")) return;
    const { value } = found;
    const get = freeze(() => value);
    const set = freeze({ set(x) {
      if (this === proto || (typeof this !== "object" && typeof this !== "function")) wrongType("this object is frozen");
      defineProperty(this, key, { value: x, writable: true, enumerable: true, configurable: true });
    } }.set);
    defineProperty(proto, key, { get, set, enumerable: false, configurable: false });
  }
  for (const name of kit.errorNames) {
    for (const key of ["name", "message", "constructor", "toString"]) allowOverride(scope[name].prototype, key);
  }
  for (const key of ["toString", "valueOf", "constructor", "hasOwnProperty", "isPrototypeOf"]) allowOverride(raw.Object.prototype, key);

  // ---- globals: the scope, and three values that cannot be removed
  for (const key of ownKeys(G)) {
    if (key === "Infinity" || key === "NaN" || key === "undefined") continue;
    if (hasOwn(scope, key)) defineProperty(G, key, { value: scope[key], writable: false, enumerable: false, configurable: false });
    else if (!delete G[key]) wrongType(`the global ${key} cannot be removed`);
  }

  // ---- freeze all that can be reached
  const seen = new RawMap(), pending = [scope, G, ...hidden];
  while (pending.length > 0) {
    const x = pending.pop();
    if (x === null || (typeof x !== "object" && typeof x !== "function") || seen.has(x)) continue;
    seen.set(x, true);
    freeze(x);
    pending.push(getPrototypeOf(x));
    for (const key of ownKeys(x)) {
      const { value, get, set } = getOwnPropertyDescriptor(x, key);
      pending.push(value, get, set);
    }
  }
  freeze(RawMap.prototype);
  freeze(RawMap);

  return freeze({
    __proto__: null, helpers: kit.helpers, setSub: kit.setSub, charge: kit.charge, isDead: kit.isDead, die: kit.die,
    reset: kit.reset, nested: kit.nested, host, JP: kit.JP, JSs: kit.JSs, RawMap, okeys, apply, freeze, hasOwn, isArray,
    asText: kit.asText, isWellFormed: kit.rawIsWellFormed,
  });
})
