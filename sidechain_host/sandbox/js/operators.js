// Trusted. `this` is the kit. The helpers that instrumented code calls where an operator can cost more than its basic block
// paid for: on text, bigints and objects. Numbers never come here, except by rare paths.
(function () {
  "use strict";
  const { prices: P, limits, table, charge, outOfGas, die, isDead, wrongType, outOfRange, flat, asText, asKey, asNumber, asNumeric,
    payParsing, toPrimitiveValue, bigintTextPrice, isLargeBigint, checkBigint, freeze, getPrototypeOf, getOwnPropertyDescriptor,
    isArray, rawBigInt } = this;
  const kit = this;
  const { iterator } = Symbol;
  const RangeErrorProto = RangeError.prototype, TypeErrorProto = TypeError.prototype;
  const NATIVE_OVERFLOW = "Maximum call stack size exceeded";
  const MAX_SHIFT = rawBigInt(limits.bigintBits);

  // ---- text of a primitive, in a concatenation
  function primitiveText(x) {
    if (typeof x === "string") return x;
    if (typeof x === "symbol") return wrongType("Cannot convert a Symbol value to a string");
    charge(typeof x === "bigint" ? bigintTextPrice(x) : P.numberText);
    return `${x}`;
  }

  // ---- arithmetic on anything
  const ADD = 0, MULTIPLY = 2, DIVIDE = 3, REMAINDER = 4, LEFT = 8, RIGHT = 9, FIRST_COMPARISON = 11, FIRST_EQUALITY = 15;
  function slow(operator, a, b) {
    if (operator >= FIRST_EQUALITY) return equality(operator, a, b);
    const hint = operator === ADD ? "default" : "number";
    a = toPrimitiveValue(a, hint);
    b = toPrimitiveValue(b, hint);
    if (operator === ADD && (typeof a === "string" || typeof b === "string")) return flat(primitiveText(a) + primitiveText(b));
    payParsing(a);
    payParsing(b);
    payBigintParsing(a, b);
    return operator >= FIRST_COMPARISON ? compare(operator, a, b) : arithmetic(operator, a, b);
  }
  function arithmetic(operator, a, b) {
    if (typeof a === "bigint" && typeof b === "bigint") return bigints(operator, a, b);
    switch (operator) {
      case 0: return a + b;
      case 1: return a - b;
      case 2: return a * b;
      case 3: return a / b;
      case 4: return a % b;
      case 5: return a & b;
      case 6: return a | b;
      case 7: return a ^ b;
      case 8: return a << b;
      case 9: return a >> b;
      default: return a >>> b;
    }
  }
  function bigints(operator, a, b) {
    charge(P.bigintOther);
    switch (operator) {
      case 0: return checkBigint(a + b);
      case 1: return checkBigint(a - b);
      case MULTIPLY: return product(a, b);
      case DIVIDE: payDivision(a); return a / b;
      case REMAINDER: payDivision(a); return a % b;
      case 5: return checkBigint(a & b);
      case 6: return checkBigint(a | b);
      case 7: return checkBigint(a ^ b);
      case LEFT: case RIGHT:
        if (b > MAX_SHIFT || b < -MAX_SHIFT) return outOfRange("bigint too large");
        return checkBigint(operator === LEFT ? a << b : a >> b);
      default: return a >>> b; // throws the engine's own TypeError
    }
  }
  // Comparing a bigint with text parses the text as a bigint, in quadratic time.
  function payBigintParsing(a, b) {
    const text = typeof a === "bigint" ? b : typeof b === "bigint" ? a : undefined;
    if (typeof text === "string" && text.length > limits.bigintTextUnits) outOfRange("text too long for a bigint");
  }
  function product(a, b) {
    const result = checkBigint(a * b);
    if (isLargeBigint(result)) charge(P.bigintLargeMultiply);
    return result;
  }
  function payDivision(a) { if (isLargeBigint(a)) charge(P.bigintLargeDivide); }
  function compare(operator, a, b) {
    switch (operator) {
      case 11: return a < b;
      case 12: return a > b;
      case 13: return a <= b;
      default: return a >= b;
    }
  }
  function equality(operator, a, b) {
    const objects = (x) => (typeof x === "object" && x !== null) || typeof x === "function";
    // Two objects compare by identity; an object and a primitive by the object's value.
    if (objects(a) !== objects(b) && a !== null && b !== null && a !== undefined && b !== undefined) {
      a = toPrimitiveValue(a, "default");
      b = toPrimitiveValue(b, "default");
    }
    payParsing(a);
    payParsing(b);
    payBigintParsing(a, b);
    return operator === FIRST_EQUALITY ? a == b : a != b; // the contract wrote the loose operator
  }

  // ---- fast answers for the two common kinds, then anything
  const isTextOrNumber = (t) => t === "string" || t === "number";
  const both = (a, b, type) => typeof a === type && typeof b === type;

  const helpers = {
    __proto__: null,
    $$x: outOfGas,
    $$s() { die("depth"); },
    // The first statement of every catch. The two costs are the package's: see meter.js.
    $$c(error, price, priceOfTypeError) {
      if (isDead() !== null) throw isDead();
      const proto = typeof error === "object" && error !== null ? getPrototypeOf(error) : null;
      if (proto === RangeErrorProto) {
        const message = getOwnPropertyDescriptor(error, "message");
        // Counted depths keep us away from the native stack's end; should it be met all the same, it must not be observable.
        if (message !== undefined && message.value === NATIVE_OVERFLOW) die("depth");
      }
      charge(proto === TypeErrorProto ? priceOfTypeError : price);
    },
    $$pow(a, b) {
      if (!both(a, b, "bigint")) wrongType("** works on bigints only");
      charge(P.bigintPower);
      if (b > MAX_SHIFT) outOfRange("bigint too large");
      // bits(a) - 1 <= log2|a|, so this refuses nothing that fits and lets at most twice the bits be computed.
      if (b > 0n && rawBigInt(bitsOf(a) - 1) * b > MAX_SHIFT) outOfRange("bigint too large");
      return checkBigint(a ** b);
    },
    // ---- spreads
    $$sp(x) {
      if (x === null || x === undefined || typeof x[iterator] !== "function") wrongType("the value to spread is not iterable");
      charge(kit.iterableSize(x) * P.visit);
      return x;
    },
    $$so(x) {
      if (x !== null && (typeof x === "object" || typeof x === "string")) charge(kit.okeys(x).length * P.keyCopy);
      return x;
    },
    $$sa(x) {
      if (!isArray(x)) wrongType("only an array can be spread into arguments");
      if (x.length > limits.spreadArguments) outOfRange("too many arguments");
      charge(x.length);
      return x;
    },
    $$keys(x) { return x === null || x === undefined ? [] : kit.keysOf(x); },
    // ---- property keys: write, read, delete
    $$k(owner, key) {
      key = asKey(key);
      if (typeof key === "string") {
        charge(P.keyWrite);
        if (key === "length" && isArray(owner)) wrongType("the length of an array is read-only here, use splice");
        if (key === "prototype" && typeof owner === "function") wrongType("prototype is read-only here");
      }
      return key;
    },
    $$kr(key) { charge(P.keyRead); return asKey(key); },
    $$kd(key) { charge(P.keyDelete); return asKey(key); },
    // A value on its way into an element: bytes would convert it, unpaid.
    $$w(owner, value) { return typeof owner === "object" && owner !== null && kit.isBytes(owner) ? asNumber(value) : value; },
    $$ext(parent) {
      let depth = 0;
      for (let x = parent; x !== null && x !== undefined; x = getPrototypeOf(x)) {
        if (++depth > limits.prototypeDepth) outOfRange("too many classes on top of each other");
      }
      return parent;
    },
    $$eq(a, b) {
      if (typeof b === "string") {
        if (a.length !== b.length) return false;
        charge(a.length >> P.searchCharsShift);
      }
      return a === b;
    },
    // ---- unary
    $$n(x) { return asNumeric(x); },
    $$n2(x) { return asNumeric(x); },
    $$u(x) {
      if (typeof x === "object" && x !== null || typeof x === "function") wrongType("++ and -- work on numbers and bigints only");
      if (typeof x === "bigint") checkBigint(x);
      payParsing(x);
    },
    $$num(x) {
      const value = asNumeric(x);
      return typeof value === "bigint" ? checkBigint(value) : +value;
    },
    $$str(x) { return asText(x); },
    $$t(x) { return flat(x); },
    // ---- binary
    $$ar: slow,
    $$add(a, b) {
      if (both(a, b, "bigint")) return checkBigint(a + b);
      if (both(a, b, "string")) return flat(a + b);
      if (isTextOrNumber(typeof a) && isTextOrNumber(typeof b)) { charge(P.numberText); return flat(a + b); }
      return slow(0, a, b);
    },
    $$sub(a, b) { return both(a, b, "bigint") ? checkBigint(a - b) : slow(1, a, b); },
    $$mul(a, b) { return both(a, b, "bigint") ? product(a, b) : slow(MULTIPLY, a, b); },
    $$div(a, b) { return both(a, b, "bigint") ? bigints(DIVIDE, a, b) : slow(DIVIDE, a, b); },
    $$mod(a, b) { return both(a, b, "bigint") ? bigints(REMAINDER, a, b) : slow(REMAINDER, a, b); },
    $$lt(a, b) { return both(a, b, "bigint") ? a < b : slow(11, a, b); },
    $$gt(a, b) { return both(a, b, "bigint") ? a > b : slow(12, a, b); },
    $$le(a, b) { return both(a, b, "bigint") ? a <= b : slow(13, a, b); },
    $$ge(a, b) { return both(a, b, "bigint") ? a >= b : slow(14, a, b); },
  };
  const bigintToText = kit.rawBigintText;
  function bitsOf(x) { return bigintToText(x < 0n ? -x : x, 2).length; }

  const ordered = [];
  for (let i = 0; i < table.helperNames.length; i++) ordered[i] = freeze(helpers[table.helperNames[i]]);
  kit.helpers = freeze(ordered);
  return kit;
})
