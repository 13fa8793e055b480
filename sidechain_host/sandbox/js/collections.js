// Trusted. `this` is the kit. Objects, Map, Set and JSON: whatever grows with the number of entries.
(function () {
  "use strict";
  const kit = this;
  const { prices: P, limits, uncurry, define, freeze, construct, ownKeys, okeys, hasOwn, isArray, charge, enter, leave, wrongType,
    outOfRange, arrayLength, textLength, flat, asText, asKey, payKey, replaceConstructor, scope, raw, JP, JSs,
    getOwnPropertyDescriptor } = kit;
  const RawObject = raw.Object;
  const { iterator } = Symbol;

  // ---- Object: work first, then the charge; what it can overdraw is bounded by what already exists and was paid for
  const keysOf = (x) => {
    const keys = okeys(x);
    charge(keys.length * P.keyName + P.base);
    return keys;
  };
  kit.keysOf = keysOf;
  define(RawObject, "keys", { method(x) { return keysOf(x); } }.method);
  define(RawObject, "values", { method(x) {
    const keys = keysOf(x), out = [];
    for (let i = 0; i < keys.length; i++) out[i] = x[keys[i]];
    return out;
  } }.method);
  define(RawObject, "entries", { method(x) {
    const keys = keysOf(x), out = [];
    charge(keys.length * P.entry);
    for (let i = 0; i < keys.length; i++) out[i] = [keys[i], x[keys[i]]];
    return out;
  } }.method);
  define(RawObject, "assign", { method(target, ...sources) {
    if (typeof target !== "object" || target === null || isArray(target) || kit.isBytes(target)) wrongType("target must be a plain object");
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i];
      if (source === undefined || source === null) continue;
      const keys = okeys(source);
      charge(keys.length * P.keyCopy + P.base);
      for (let j = 0; j < keys.length; j++) target[keys[j]] = source[keys[j]];
    }
    return target;
  } }.method);
  for (const name of ["freeze", "isFrozen"]) {
    const original = RawObject[name];
    define(RawObject, name, { method(x) {
      if (typeof x === "object" && x !== null && !kit.isBytes(x)) charge(ownKeys(x).length * P.visit + P.base);
      return original(x);
    } }.method);
  }
  define(RawObject, "fromEntries", { method(source) {
    const out = {};
    enter();
    try {
      for (const pair of source) {
        charge(P.keyCopy);
        out[asKey(pair[0])] = pair[1];
      }
    } finally { leave(); }
    return out;
  } }.method);
  const create = RawObject.create;
  define(RawObject, "create", { method(proto) { return proto === null ? create(null) : wrongType("only Object.create(null)"); } }.method);
  define(RawObject, "hasOwn", { method(x, key) { charge(P.keyRead); return hasOwn(x, asKey(key)); } }.method);
  define(RawObject.prototype, "hasOwnProperty", { method(key) { charge(P.keyRead); return hasOwn(this, asKey(key)); } }.method);
  const is = RawObject.is;
  define(RawObject, "is", { method(a, b) {
    if (typeof a === "string") charge(a.length >> P.searchCharsShift);
    return is(a, b);
  } }.method);
  const objectText = uncurry(RawObject.prototype.toString);
  define(RawObject.prototype, "toString", { method() { return flat(objectText(this)); } }.method);
  scope.Object = RawObject;

  // ---- Map and Set
  const sizeOfMap = uncurry(getOwnPropertyDescriptor(raw.Map.prototype, "size").get);
  const sizeOfSet = uncurry(getOwnPropertyDescriptor(raw.Set.prototype, "size").get);
  for (const [Collection, sizeOf, name] of [[raw.Map, sizeOfMap, "Map"], [raw.Set, sizeOfSet, "Set"]]) {
    const proto = Collection.prototype;
    const [forEach, clear] = [uncurry(proto.forEach), uncurry(proto.clear)];
    define(proto, "forEach", { method(callback, self) {
      charge(sizeOf(this) * P.visit + P.base);
      enter();
      try { return forEach(this, callback, self); } finally { leave(); }
    } }.method);
    define(proto, "clear", { method() { charge(sizeOf(this) + P.base); return clear(this); } }.method);
    for (const read of ["get", "has", "delete"]) {
      if (proto[read] === undefined) continue;
      const original = uncurry(proto[read]);
      define(proto, read, { method(key) { charge(P.mapRead); return original(this, payKey(key)); } }.method);
    }
    const write = name === "Map" ? "set" : "add";
    const original = uncurry(proto[write]);
    define(proto, write, { method(key, value) { charge(P.mapWrite); return original(this, payKey(key), value); } }.method);
    const wrapper = function (source) {
      if (new.target === undefined) wrongType(`Constructor ${name} requires 'new'`);
      charge(P.mapWrite);
      const collection = new.target === wrapper ? new Collection() : construct(Collection, [], new.target);
      if (source === undefined || source === null) return collection;
      enter();
      try {
        for (const item of source) {
          charge(P.mapWrite);
          if (name === "Map") original(collection, payKey(item[0]), item[1]); else original(collection, payKey(item));
        }
      } finally { leave(); }
      return collection;
    };
    replaceConstructor(wrapper, Collection, name);
  }
  // What a spread will walk through; null when that is the contract's own iterator, whose steps pay for themselves.
  kit.iterableSize = (x) => {
    if (typeof x === "string" || isArray(x)) return x.length;
    if (x === null || typeof x !== "object" || typeof x[iterator] !== "function") return 0;
    if (x instanceof raw.Map) return sizeOfMap(x);
    return x instanceof raw.Set ? sizeOfSet(x) : 0;
  };

  // ---- JSON: an own writer, which cannot be surprised by toJSON and knows its depth; the engine's reader does not recurse
  function write(x, depth) {
    charge(P.jsonNode);
    switch (typeof x) {
      case "string":
        charge(x.length >> P.charsScanShift);
        return JSs(x);
      case "number": charge(P.numberText); return JSs(x);
      case "boolean": return x ? "true" : "false";
      case "bigint": return wrongType("Do not know how to serialize a BigInt");
      case "object": break;
      default: return undefined;
    }
    if (x === null) return "null";
    if (depth > limits.jsonDepth) outOfRange("JSON nested too deep");
    return isArray(x) ? writeArray(x, depth + 1) : writeObject(x, depth + 1);
  }
  function writeArray(x, depth) {
    const n = arrayLength(x);
    let out = "[";
    for (let i = 0; i < n; i++) {
      const text = write(x[i], depth);
      out += (i > 0 ? "," : "") + (text === undefined ? "null" : text);
      textLength(out.length);
    }
    return out + "]";
  }
  function writeObject(x, depth) {
    const keys = keysOf(x);
    let out = "{";
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i], text = write(x[key], depth);
      if (text === undefined) continue;
      charge(key.length >> P.charsScanShift);
      out += (out.length > 1 ? "," : "") + JSs(key) + ":" + text;
      textLength(out.length);
    }
    return out + "}";
  }
  scope.JSON = freeze({
    __proto__: null,
    parse: freeze({ method(text, reviver) {
      if (reviver !== undefined) wrongType("JSON.parse takes no reviver here");
      text = asText(text);
      charge(text.length * P.jsonParseChar + P.base);
      return JP(text);
    } }.method),
    stringify: freeze({ method(value, replacer, space) {
      if ((replacer ?? space ?? null) !== null) wrongType("JSON.stringify takes one argument here");
      enter();
      try {
        const text = write(value, 0);
        return text === undefined ? undefined : flat(text);
      } finally { leave(); }
    } }.method),
  });
  return kit;
})
