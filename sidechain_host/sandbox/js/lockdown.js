// Trusted. The first script of a runner isolate: turns a fresh V8 context into the one contracts may see, and
// returns the RUNTIME OBJECT, which the next script (runner.js) receives as `this`.
//
// How the pieces meet (the child process does this; see child/main.py):
//   runtime    = eval(lockdown.js)                 frozen object, described below
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
//   asText(x)    the string of a contract's value, charged, at most 262 144 units; throws TypeError for a symbol
// Rules for trusted code: never call a method found on a contract's value; never use for-of, spread or destructuring over a
// contract's array (its iterator may be replaced): index loops only; methods of Array.prototype, String.prototype and Object
// are the metered ones, so inside a run they charge the contract and may throw its death.
