// Programs that try to leave the sandbox, or to change what others see; and a few that must go on working. Each is the body of
// a function; the second line says how it has to end. `refused` ends at compile time.

//# function constructor
//= throws TypeError: Function does not exist here
return (() => {}).constructor("return this")()

//# function constructor through an array
//= throws TypeError: Function does not exist here
return [].constructor.constructor("return 1")()

//# constructor of a class
//= throws TypeError: Function does not exist here
return (class {}).constructor("return 1")()

//# constructor of a wrapper
//= throws TypeError: Function does not exist here
return Map.constructor("return 1")()

//# constructor of the require function
//= throws TypeError: Function does not exist here
return exports.constructor.constructor("return 1")()

//# getPrototypeOf a function
//= throws TypeError: Function does not exist here
return Object.getPrototypeOf(function () {}).constructor("return 1")()

//# globals that must not exist
//= returns ""
const left = [];
  const probes = { Date: () => Date, Promise: () => Promise, Proxy: () => Proxy, Reflect: () => Reflect, RegExp: () => RegExp,
    Function: () => Function, WebAssembly: () => WebAssembly, Intl: () => Intl, Temporal: () => Temporal, WeakRef: () => WeakRef,
    WeakMap: () => WeakMap, WeakSet: () => WeakSet, FinalizationRegistry: () => FinalizationRegistry, Atomics: () => Atomics,
    SharedArrayBuffer: () => SharedArrayBuffer, ArrayBuffer: () => ArrayBuffer, DataView: () => DataView,
    Float64Array: () => Float64Array, Float32Array: () => Float32Array, Int32Array: () => Int32Array, console: () => console,
    setTimeout: () => setTimeout, clearTimeout: () => clearTimeout, escape: () => escape, unescape: () => unescape,
    encodeURIComponent: () => encodeURIComponent, Iterator: () => Iterator, globalThis: () => globalThis,
    AggregateError: () => AggregateError, DisposableStack: () => DisposableStack, __timer_manager: () => __timer_manager,
    $sandboxHost: () => $sandboxHost, $sandboxBuffer: () => $sandboxBuffer, process: () => process, global: () => global,
    self: () => self, window: () => window, Deno: () => Deno, structuredClone: () => structuredClone, queueMicrotask: () => queueMicrotask };
  for (const name in probes) { try { probes[name](); left.push(name); } catch (e) { if (!(e instanceof ReferenceError)) left.push(name + "?"); } }
  return left.join();

//# members that must not exist
//= returns ""
const left = [];
  const gone = [[Math, "random sin cos tan pow exp log atan2 hypot fround f16round sumPrecise"], [Object, "defineProperty defineProperties setPrototypeOf getOwnPropertyDescriptor getOwnPropertyDescriptors getOwnPropertyNames getOwnPropertySymbols seal preventExtensions groupBy"],
    [Object.prototype, "__proto__ __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ toLocaleString propertyIsEnumerable"],
    [Array.prototype, "flat flatMap copyWithin toSorted toReversed toSpliced with toLocaleString"], [Array, "fromAsync"],
    [String.prototype, "match matchAll search normalize localeCompare toLocaleUpperCase toLocaleLowerCase substr anchor big isWellFormed toWellFormed"], [String, "raw"],
    [Number.prototype, "toLocaleString toPrecision toExponential"], [BigInt, "asIntN asUintN"], [BigInt.prototype, "toLocaleString"],
    [Symbol, "for keyFor asyncIterator species match isConcatSpreadable unscopables dispose"], [Error, "captureStackTrace prepareStackTrace"],
    [Uint8Array, "from of fromBase64 fromHex BYTES_PER_ELEMENT"], [Uint8Array.prototype, "buffer byteOffset set subarray fill slice sort map toHex setFromHex"],
    [Map, "groupBy"], [Map.prototype, "getOrInsert getOrInsertComputed"], [Set.prototype, "union intersection difference"], [JSON, "rawJSON isRawJSON"],
    [Object.getPrototypeOf(() => 1), "caller arguments"]];
  for (const [owner, names] of gone) for (const name of names.split(" ")) if (owner[name] !== undefined) left.push(name);
  return left.join();

//# a prototype is extended
//= throws TypeError: Cannot add property polluted, object is not extensible
Object.prototype["polluted"] = 1

//# a prototype is changed
//= throws TypeError
Array.prototype.map = () => 1

//# a method is given a property
//= throws TypeError
[].push.call.x = 1

//# a frozen accessor is misused
//= throws TypeError: this object is frozen
Object.prototype.toString = () => "x"

//# Math is changed
//= throws TypeError
Math.floor = () => 1

//# JSON is changed
//= throws TypeError
JSON.parse = () => 1

//# a constructor is changed
//= throws TypeError
Map.get = 1

//# an iterator prototype is changed
//= throws TypeError
Object.getPrototypeOf([][Symbol.iterator]()).next = () => 1

//# the error prototype is changed
//= throws TypeError: this object is frozen
TypeError.prototype.message = "x"

//# an undeclared name is assigned
//= throws ReferenceError: zzz is not defined
zzz = 1

//# a global is assigned
//= throws TypeError
Object = 1

//# undefined is assigned
//= throws TypeError
undefined = 1

//# this is not a global
//= returns "undefined"
return typeof (function () { return this; })()

//# this of an arrow is not a global
//= returns true
const f = () => this; const x = f(); return x === undefined || typeof x.run === "function"

//# caller
//= returns null
return (function f() { return f.caller; })()

//# callee
//= throws TypeError
return (function () { return arguments.callee; })()

//# source text of functions
//= returns ["function () { [code] }","function () { [code] }","function () { [code] }"]
return [(() => 1).toString(), String(class A {}), `${Map.prototype.get}`]

//# source text through call
//= returns "function () { [code] }"
return (() => {}).toString.call(class A {})

//# error traces
//= returns ["","string",false]
let s; try { null.x } catch (e) { s = e.stack } return [new Error("x").stack, typeof s, s.includes("\n")]

//# prepareStackTrace
//= throws TypeError
Error.prepareStackTrace = (e, s) => s

//# stackTraceLimit
//= throws TypeError
Error.stackTraceLimit = 50

//# species
//= returns [true,true,null]
class A extends Array {} const a = new A(1, 2, 3).map(x => x); return [a.constructor === Array, a.length === 3, Symbol.species ?? null]

//# species, by an own constructor
//= throws TypeError: Cannot assign to read only property 'constructor'
[1].constructor = class {}

//# generic receivers
//= throws TypeError: array required
Array.prototype.fill.call({ length: 1e9 }, 0)

//# generic receiver of join
//= throws TypeError: array required
Array.prototype.join.call({ length: 1e9 })

//# constructor of a typed array
//= throws TypeError: This constructor does not exist here
return new (Object.getPrototypeOf(Uint8Array.prototype).constructor)(1)

//# constructor of an iterator
//= returns true
const P = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())); return P.constructor === Object.prototype.constructor

//# constructor of an array is the wrapper
//= returns true
return [].constructor === Array && Object.getPrototypeOf([]).constructor === Array

//# constructor of a map is the wrapper
//= returns true
return new Map().constructor === Map && "".constructor === String && (1).constructor === Number && 1n.constructor === BigInt

//# constructor of an error is the wrapper
//= returns true
let c; try { null.x } catch (e) { c = e.constructor } return c === TypeError && Object.getPrototypeOf(TypeError) === Error

//# extend Function
//= throws TypeError: Function does not exist here
class F extends (() => {}).constructor { constructor() { super("return 1"); } } return new F()()

//# extend Uint8Array
//= throws TypeError
class B extends Uint8Array {} return new B(4)

//# toJSON is not called
//= returns "{\"a\":{},\"b\":[1,null,null]}"
return JSON.stringify({ a: { toJSON() { return 1; } }, b: [1, undefined, () => 1] })

//# __proto__ from JSON
//= returns [true,"{\"__proto__\":{\"x\":1}}",null]
const o = JSON.parse("{\"__proto__\":{\"x\":1}}"); return [Object.getPrototypeOf(o) === Object.prototype, JSON.stringify(Object.assign({}, o)), o.x ?? null]

//# __proto__ as a key
//= returns [true,null]
const o = {}, k = "__proto__"; o[k] = { x: 1 }; const p = { ["__proto__"]: { x: 1 } }; return [Object.getPrototypeOf(o) === Object.prototype && Object.getPrototypeOf(p) === Object.prototype, o.x ?? null]

//# the module wrapper has no more arguments
//= returns 1
return arguments.length

//# require of the host system
//= throws Error: MODULE_DENIED fs
return require("fs")

//# require of a child process
//= throws Error: MODULE_DENIED child_process
return require("child_process")

//# require of the prototype
//= throws Error: MODULE_DENIED constructor
return require("constructor")

//# the require function is frozen
//= throws TypeError
require.x = 1

//# helpers cannot be named
//= refused: the name $$x is reserved
$$x()

//# the meter cannot be named
//= refused: the name $$g is reserved
$$g = 1e9

//# helpers cannot be declared
//= refused: the name $$x is reserved
const $$x = 1

//# helpers cannot be reached by a parameter
//= refused: the name $$c is reserved
return (($$c) => 1)()

//# eval
//= refused: `eval` is not allowed
return eval("1")

//# regular expression
//= refused: regular expressions are not allowed
return /(a+)+$/

//# async function
//= refused: async functions are not allowed: a transaction runs synchronously
return async () => 1

//# generator
//= refused: generators are not allowed
return function* () {}

//# dynamic import
//= refused: `import()` is not allowed
return import("fs")

//# tagged template
//= refused: tagged templates are not allowed
return String.raw`x`

//# static block
//= refused: static blocks are not allowed
class A { static { for (;;) {} } }

//# __proto__ read
//= refused: `__proto__` is not allowed
return ({}).__proto__

//# __proto__ in a literal
//= refused: `__proto__` is not allowed
return { __proto__: [] }

//# __proto__ quoted in a literal
//= refused: `__proto__` is not allowed
return { "__proto__": [] }

//# array length
//= refused: `length` cannot be assigned
[].length = 1e9

//# array length, quoted
//= refused: `length` cannot be assigned
[]["length"] = 1e9

//# array length, updated
//= refused: `length` cannot be assigned
[].length++

//# array length in a pattern
//= refused: `length` cannot be assigned
const a = []; ({ x: a.length } = { x: 1e9 })

//# array length in a loop
//= refused: `length` cannot be assigned
const a = []; for (a.length of [1e9]);

//# array length, computed
//= throws TypeError: the length of an array is read-only here, use splice
const k = "len" + "gth"; [][k] = 1e9

//# array length, through an object
//= throws TypeError: the length of an array is read-only here, use splice
const k = { toString: () => "length" }; [][k] = 1e9

//# array length, key that changes
//= throws TypeError: the length of an array is read-only here, use splice
let n = 0; const k = { toString: () => (n++ ? "x" : "length") }; [][k] += 1e9

//# array length, Object.assign
//= throws TypeError: target must be a plain object
Object.assign([], { length: 1e9 })

//# prototype assigned
//= refused: `prototype` cannot be assigned
function F() {} F.prototype = {}

//# prototype, computed
//= throws TypeError: prototype is read-only here
const k = "proto" + "type"; function F() {} F[k] = {}

//# element as a pattern target
//= refused: an element cannot be the target of destructuring
const u = []; [u[0]] = [1]

//# call in a default value
//= refused: a default value must be simple: literals, names, functions
function f(a = f()) {} f()

//# call in a nested default value
//= refused: a default value must be simple: literals, names, functions
function f({ a: [b = f()] = [] } = {}) {} f()

//# call in a field
//= refused: a field must be simple: literals, names, functions
class A { x = new A(); }

//# return in finally
//= refused: `finally` must not be left by return, break or continue
for (;;) { try { null.x } finally { return 1 } }

//# break out of finally
//= refused: `finally` must not be left by return, break or continue
for (;;) { try { null.x } finally { break } }

//# continue out of finally
//= refused: `finally` must not be left by return, break or continue
for (;;) { try { null.x } finally { continue } }

//# labelled break out of finally
//= refused: `finally` must not be left by return, break or continue
a: for (;;) { try { null.x } finally { for (;;) { break a } } }

//# non-literal case
//= refused: a case must be a literal
switch (1) { case argument: }

//# many arguments
//= refused: more than 32 arguments
f(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)

//# with
//= refused: 'with' in strict mode
with (argument) {}

//# legacy octal
//= refused: Invalid number
return 010

//# delete of a name
//= refused: Deleting local variable in strict mode
let x; delete x

//# HTML comments are comments for the parser and never reach V8
//= returns 1
return 1 <!-- 2
 --> 3

//# closing the wrapper
//= refused: Unexpected token
}); Object.x = 1; (function () {

//# await as a statement
//= refused: Unexpected token
await f()

//# import.meta
//= refused: Cannot use 'import.meta' outside a module
return import.meta

//# errors can be named (legitimate)
//= returns "E: hi"
class E extends Error { constructor(m) { super(m); this.name = "E"; } } return new E("hi") + ""

//# methods can be overridden (legitimate)
//= returns "zzff"
const o = {}; o.toString = () => "zz"; function F() {} F.prototype.toString = () => "ff"; return o + "" + new F()

//# class methods (legitimate)
//= returns "A"
class A { toString() { return "A"; } } return `${new A()}`
