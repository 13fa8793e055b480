// Trusted. The one table of prices, limits and helper names. The instrumenter (meter.js) and the run-time (everything else
// here) both start from it, and it is part of the consensus version: any change is a hard fork.
//
// One gas buys at most about 50 ns of --jitless V8 in the worst program of the hostile corpus, typically 5 to 20 (measured on a
// 2.9 GHz Xeon). A price is raised when a program is found that gets more time for its gas.
(function () {
  "use strict";
  const freeze = Object.freeze;

  const prices = freeze({
    __proto__: null,
    // ---- charged by instrumented code, per basic block
    statement: 1, // a few bytecodes
    expression: 1, // one operator or name
    call: 3, // frame set-up
    construct: 6, // frame and an object
    closure: 3, // allocates a function object
    functionEntry: 4, // depth count and the charge itself
    object: 3, // allocates; each property is one expression more
    spread: 4, // an iterator is set up; the elements are charged when known
    forOfStep: 3, // next() and an allocated result
    template: 3, // each part is converted and joined
    classBase: 60, // a class is two objects, two maps and a boilerplate
    classMember: 30, // property definition on a slow-mode prototype
    caught: 200, // unwinding
    // V8 parses the throwing function again to word a TypeError, so a caught one costs by the longest function of the package
    caughtTypeErrorBase: 2000,
    literalCharsShift: 4, // comparing with a string literal: characters >> 4
    // ---- charged by built-ins
    base: 2, // any metered built-in: the wrapper's own frame
    visit: 2, // one element touched by an engine loop
    move: 1, // one element copied
    shiftMoveShift: 4, // removing the first element moves memory: length >> 4
    sortStep: 4, // comparisons of one element, times log2(n)
    searchCharsShift: 4, // comparing an element with a sought string: characters >> 4
    arrayAllocate: 1, // one slot
    charsCopyShift: 3, // building text: characters >> 3
    charsScanShift: 2, // looking at every character
    parseChar: 1, // text to number
    splitChar: 2, // up to one string per character
    jsonParseChar: 4, // up to one object property per three characters
    jsonNode: 2, // one value written
    keyName: 8, // one property name materialised as a string
    keyCopy: 20, // one property inserted into a dictionary-mode object
    keyRead: 2, // a string key looked up
    keyWrite: 8, // a fresh string key may change the object's shape
    keyComputed: 20, // a computed key in a literal makes its own shape
    keyDelete: 25, // the object falls back to a dictionary
    keyLong: 64, // characters from which a key is charged for hashing
    keyLongShift: 2, // hashing and internalising: characters >> 2
    mapRead: 2,
    mapWrite: 20, // growth is amortised in it
    entry: 4, // one key-value pair made or taken apart
    conversion: 10, // an object asked for its primitive value
    numberText: 10, // number to decimal text
    numberTextHard: 80, // other radix, or fixed digits
    bigintSmallText: 12, // below 2^64
    bigintMediumText: 40, // below 2^256
    bigintLargeText: 160, // quadratic in the length: about 2 microseconds at 1024 bits
    bigintLargeMultiply: 20, // above 256 bits
    bigintLargeDivide: 40, // above 256 bits
    bigintPower: 150, // up to ten squarings of 1024 bits
    bigintOther: 5,
    bigintParseShift: 1, // characters >> 1
    bytesShift: 2, // zeroing bytes: count >> 2
    symbol: 20,
    error: 60, // the engine records where it was made
    boundCall: 15, // two argument lists are built
    argument: 3, // one argument looked at by a trusted loop
  });

  const limits = freeze({
    __proto__: null,
    textUnits: 262144, // longest string
    arrayLength: 1048576, // longest array a built-in works on
    bigintBits: 1024,
    depth: 512, // contract functions on the stack
    nesting: 128, // built-ins on the stack that call back into the contract
    spreadArguments: 256,
    boundArguments: 64,
    jsonDepth: 100,
    prototypeDepth: 12, // length of a class chain
    bigintTextUnits: 320, // 1024 bits in decimal are 309 digits
    // ---- source; together they bound the native stack of 512 frames far below its 60 MB
    sourceUnits: 262144, // one file
    packageUnits: 1048576, // all files
    files: 256,
    variables: 256, // of one function
    moduleVariables: 2000, // of a file's top level, which never recurses
    arguments: 32, // of one call, written out
    nestingOfSource: 200, // depth of the syntax tree
    errors: 100, // refusals reported at once
  });

  // Parameters of a package's factory, in order; operators.js defines them.
  const helperNames = freeze([
    "$$x", "$$s", "$$c", "$$pow", "$$sp", "$$so", "$$sa", "$$keys", "$$k", "$$kr", "$$kd", "$$w", "$$ext", "$$eq", "$$n",
    "$$n2", "$$u", "$$num", "$$str", "$$t", "$$ar", "$$add", "$$sub", "$$mul", "$$div", "$$mod", "$$lt", "$$gt", "$$le", "$$ge",
  ]);

  // Binary operators by the number under which `$$ar` knows them.
  const operators = freeze([
    "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>", "<", ">", "<=", ">=", "==", "!=",
  ]);

  return freeze({ __proto__: null, prices, limits, helperNames, operators });
})()
