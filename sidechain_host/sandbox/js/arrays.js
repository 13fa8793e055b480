// Trusted. `this` is the kit. Array methods that pay for the elements they touch. The receiver must be a real array: on
// anything else a length could be made up, and lengths are what is charged.
(function () {
  "use strict";
  const kit = this;
  const { prices: P, limits, uncurry, apply, construct, define, defineProperty, charge, enter, leave, wrongType, outOfRange,
    arrayLength, textLength, asText, asNumber, optionalNumber, isArray } = kit;
  const RawArray = kit.raw.Array;
  const proto = RawArray.prototype;
  const clz32 = Math.clz32;
  const { iterator } = Symbol;

  // ---- visit every element and call back
  for (const name of ["map", "filter", "forEach", "some", "every", "find", "findIndex", "findLast", "findLastIndex"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method(callback, self) {
      charge(P.visit * arrayLength(this) + P.base);
      enter();
      try { return original(this, callback, self); } finally { leave(); }
    } }.method);
  }
  for (const name of ["reduce", "reduceRight"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method(callback, start) {
      charge(P.visit * arrayLength(this) + P.base);
      enter();
      try { return arguments.length > 1 ? original(this, callback, start) : original(this, callback); } finally { leave(); }
    } }.method);
  }

  // ---- visit every element
  // A sought string may equal each element in all but its last character.
  function searchPrice(n, sought) {
    return n * (1 + (typeof sought === "string" ? sought.length >> P.searchCharsShift : 0)) + P.base;
  }
  for (const name of ["indexOf", "includes", "lastIndexOf"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method(sought, from) {
      charge(searchPrice(arrayLength(this), sought));
      return from === undefined ? original(this, sought) : original(this, sought, asNumber(from));
    } }.method);
  }
  for (const name of ["slice", "fill"]) {
    const original = uncurry(proto[name]);
    const values = name === "fill" ? 1 : 0; // arguments before start and end
    define(proto, name, { method(a, b, c) {
      charge(P.move * arrayLength(this) + P.base);
      return values === 1 ? original(this, a, optionalNumber(b), optionalNumber(c)) : original(this, optionalNumber(a), optionalNumber(b));
    } }.method);
  }
  const reverse = uncurry(proto.reverse), shift = uncurry(proto.shift), at = uncurry(proto.at);
  define(proto, "reverse", { method() { charge(P.move * arrayLength(this) + P.base); return reverse(this); } }.method);
  define(proto, "shift", { method() { charge((arrayLength(this) >> P.shiftMoveShift) + P.base); return shift(this); } }.method);
  define(proto, "at", { method(i) { arrayLength(this); return at(this, asNumber(i)); } }.method);

  const { unshift, splice, concat } = proto;
  define(proto, "unshift", { method(...values) {
    charge(P.move * (arrayLength(this) + values.length) + P.base);
    return apply(unshift, this, values);
  } }.method);
  define(proto, "splice", { method(start, count, ...values) {
    charge(P.move * (arrayLength(this) + values.length) + P.base);
    if (arguments.length === 0) return [];
    start = asNumber(start);
    return arguments.length === 1 ? apply(splice, this, [start]) : apply(splice, this, [start, asNumber(count), ...values]);
  } }.method);
  define(proto, "concat", { method(...parts) {
    let n = arrayLength(this);
    for (let i = 0; i < parts.length; i++) n += isArray(parts[i]) ? arrayLength(parts[i]) : 1;
    if (n > limits.arrayLength) outOfRange("array too long");
    charge(P.move * n + P.base);
    return apply(concat, this, parts);
  } }.method);

  // ---- order and text
  const sort = uncurry(proto.sort);
  const byText = (a, b) => {
    const x = asText(a), y = asText(b);
    charge(P.base + (x.length >> P.searchCharsShift));
    return x < y ? -1 : x > y ? 1 : 0;
  };
  define(proto, "sort", { method(compare) {
    const n = arrayLength(this);
    if (compare !== undefined && typeof compare !== "function") wrongType("comparator must be a function");
    charge(P.base + n * P.sortStep * (32 - clz32(n)));
    enter();
    // The engine would convert the comparator's answer itself, unpaid.
    try { return sort(this, compare === undefined ? byText : (a, b) => asNumber(compare(a, b))); } finally { leave(); }
  } }.method);
  const join = uncurry(proto.join);
  define(proto, "join", { method(separator) {
    const n = arrayLength(this);
    separator = separator === undefined ? "," : asText(separator);
    charge(P.visit * n + P.base);
    let total = textLength(separator.length * (n > 0 ? n - 1 : 0));
    const texts = new RawArray(n);
    enter();
    try {
      for (let i = 0; i < n; i++) {
        const x = this[i];
        const text = x === undefined || x === null ? "" : asText(x);
        total = textLength(total + text.length);
        texts[i] = text;
      }
    } finally { leave(); }
    charge(total >> P.charsCopyShift);
    return join(texts, separator);
  } }.method);

  // ---- the constructor
  function ArrayWrapper(...values) {
    const sized = values.length === 1 && typeof values[0] === "number";
    if (sized && !(values[0] >= 0 && values[0] <= limits.arrayLength)) outOfRange("Invalid array length");
    charge((sized ? values[0] : values.length) * P.arrayAllocate + P.entry);
    return new.target === undefined || new.target === ArrayWrapper ? construct(RawArray, values) : construct(RawArray, values, new.target);
  }
  const collect = (source, make) => {
    const out = [];
    const add = (value) => {
      charge(P.entry);
      const i = out.length;
      if (i >= limits.arrayLength) outOfRange("array too long");
      out[i] = make === undefined ? value : make(value, i);
    };
    if (source !== undefined && source !== null && source[iterator] !== undefined) {
      for (const value of source) add(value);
    } else {
      const n = source === undefined || source === null ? wrongType("array-like required") : asNumber(source.length);
      for (let i = 0; i < n; i++) add(source[i]);
    }
    return out;
  };
  define(ArrayWrapper, "from", { method(source, make) {
    if (make !== undefined && typeof make !== "function") wrongType("second argument must be a function");
    enter();
    try { return collect(source, make); } finally { leave(); }
  } }.method);
  define(ArrayWrapper, "of", { method(...values) { charge(values.length + P.base); return values; } }.method);
  define(ArrayWrapper, "isArray", isArray);
  kit.replaceConstructor = (wrapper, original, name) => {
    defineProperty(wrapper, "prototype", { value: original.prototype, writable: false });
    defineProperty(wrapper, "name", { value: name });
    defineProperty(original.prototype, "constructor", { value: wrapper, writable: true, enumerable: false, configurable: true });
    kit.scope[name] = wrapper;
  };
  kit.replaceConstructor(ArrayWrapper, RawArray, "Array");
  return kit;
})
