// Trusted. `this` is the kit. String methods that pay for characters, give flat strings, and convert their arguments before
// anything is charged, so that no length changes between the charge and the work.
(function () {
  "use strict";
  const kit = this;
  const { prices: P, uncurry, define, charge, enter, leave, wrongType, outOfRange, textLength, flat, asText, asNumber,
    optionalNumber } = kit;
  const RawString = kit.raw.String;
  const proto = RawString.prototype;
  const rawIndexOf = uncurry(proto.indexOf), rawSlice = uncurry(proto.slice); // before they are replaced

  // ---- constant time, once the arguments are numbers
  for (const name of ["charAt", "charCodeAt", "codePointAt", "at"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method(i) { return original(asText(this), i === undefined ? 0 : asNumber(i)); } }.method);
  }
  for (const name of ["slice", "substring"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method(start, end) { return original(asText(this), optionalNumber(start), optionalNumber(end)); } }.method);
  }

  // ---- one pass
  for (const name of ["toUpperCase", "toLowerCase", "trim", "trimStart", "trimEnd"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method() {
      const text = asText(this);
      charge((text.length >> P.charsScanShift) + P.base);
      const result = original(text);
      textLength(result.length);
      return result;
    } }.method);
  }
  for (const name of ["startsWith", "endsWith"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method(sought, position) {
      const text = asText(this);
      sought = asText(sought);
      charge((sought.length >> P.charsScanShift) + P.base);
      return original(text, sought, optionalNumber(position));
    } }.method);
  }

  // ---- search: at worst the product of both lengths
  const NAIVE_UNTIL = 8, SKIP_TABLE = 250; // from here the engine skips; its table looks back so far at most
  function searchPrice(text, sought) {
    const places = text.length - sought.length;
    if (places <= 0) return P.base;
    const factor = sought.length > NAIVE_UNTIL ? (sought.length < SKIP_TABLE ? sought.length : SKIP_TABLE) : 1;
    return ((places * factor) >> P.charsScanShift) + (sought.length >> P.charsScanShift) + P.base;
  }
  for (const name of ["indexOf", "lastIndexOf", "includes"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method(sought, position) {
      const text = asText(this);
      sought = asText(sought);
      charge(searchPrice(text, sought));
      return position === undefined ? original(text, sought) : original(text, sought, asNumber(position));
    } }.method);
  }

  // ---- building
  const repeat = uncurry(proto.repeat);
  define(proto, "repeat", { method(count) {
    const text = asText(this);
    count = asNumber(count);
    if (!(count >= 0)) outOfRange(`Invalid count value: ${count}`);
    textLength(text.length * count);
    return flat(repeat(text, count));
  } }.method);
  for (const name of ["padStart", "padEnd"]) {
    const original = uncurry(proto[name]);
    define(proto, name, { method(length, filler) {
      const text = asText(this);
      length = asNumber(length);
      filler = filler === undefined ? " " : asText(filler);
      textLength(length);
      return flat(original(text, length, filler));
    } }.method);
  }
  define(proto, "concat", { method(...parts) {
    let text = asText(this);
    for (let i = 0; i < parts.length; i++) {
      text += asText(parts[i]);
      textLength(text.length);
      charge(P.base);
    }
    return flat(text);
  } }.method);
  const split = uncurry(proto.split);
  define(proto, "split", { method(separator, limit) {
    const text = asText(this);
    charge(text.length * P.splitChar + P.base);
    if (separator === undefined) return [text];
    separator = asText(separator);
    return limit === undefined ? split(text, separator) : split(text, separator, asNumber(limit));
  } }.method);

  // ---- replacing. `$` in a replacement means itself: patterns are for regular expressions, which do not exist here.
  function replacement(by, sought, at, text) { return typeof by === "function" ? asText(by(sought, at, text)) : by; }
  function replaceUpTo(self, sought, by, most) {
    const text = asText(self);
    sought = asText(sought);
    if (typeof by !== "function") by = asText(by);
    if (sought.length === 0) wrongType("the sought text is empty");
    charge(searchPrice(text, sought));
    let out = "", from = 0;
    enter();
    try {
      for (let i = 0; i < most; i++) {
        const at = rawIndexOf(text, sought, from);
        if (at < 0) break;
        charge(P.entry);
        out += rawSlice(text, from, at) + replacement(by, sought, at, text);
        textLength(out.length);
        from = at + sought.length;
      }
    } finally { leave(); }
    return flat(out + rawSlice(text, from));
  }
  define(proto, "replace", { method(sought, by) { return replaceUpTo(this, sought, by, 1); } }.method);
  define(proto, "replaceAll", { method(sought, by) { return replaceUpTo(this, sought, by, Infinity); } }.method);

  // ---- the constructor
  function StringWrapper(...values) {
    if (new.target !== undefined) wrongType("String objects do not exist here");
    return values.length === 0 ? "" : asText(values[0]);
  }
  for (const name of ["fromCharCode", "fromCodePoint"]) {
    const original = RawString[name];
    define(StringWrapper, name, { method(...codes) {
      charge(codes.length * P.argument + P.base);
      for (let i = 0; i < codes.length; i++) codes[i] = asNumber(codes[i]);
      return kit.apply(original, RawString, codes);
    } }.method);
  }
  kit.replaceConstructor(StringWrapper, RawString, "String");
  return kit;
})
