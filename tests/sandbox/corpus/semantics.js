// Ordinary programs: instrumented and locked down they must return what plain V8 returns. Each is the body of a function.
//
// Intended differences, not in here: `**` takes bigints only; `$&` and the like mean themselves in replace; for...in sees own
// keys only; JSON takes one argument and no toJSON; a negative length, a long string or a large bigint is a RangeError earlier;
// texts of a few TypeErrors name the object or the callee differently.

//# numbers
return [1 + 2 * 3 - 4 / 8, 7 % 3, -7 % 3, 2 << 5, -1 >>> 28, -9 >> 1, 5 & 3, 5 | 3, 5 ^ 3, ~5, +"12", -"3", 0.1 + 0.2, 1 / 0 > 0, 9007199254740993]

//# numbers and text
return ["1" + 2, 1 + "2", "3" * "4", "10" / 4, "a" - 1 !== "a" - 1, 1 + null, 1 + undefined !== 0, true + true, [] + {}, [1] + [2], "5" > 3, "10" < "9", null >= 0]

//# bigints
const a = 2n ** 100n, b = -7n; return [a + b, a - b, a * b, a / b, a % b, b << 3n, b >> 1n, a & 255n, a | 1n, a ^ a, -a, ~b, a > b, a < 5, 5n == 5, 5n === 5, a == "5", 0n ? 1 : 2].map(String)

//# bigint mixed with number
try { return 1n + 1 } catch (e) { return [e.name, e.message] }

//# bigint unsigned shift
try { return 1n >>> 1n } catch (e) { return [e.name, e.message] }

//# equality
return [1 == "1", null == undefined, null == 0, "" == 0, [1] == 1, ({}) == "[object Object]", NaN == NaN, NaN === NaN, "a" === "a", "ab" !== "a" + "b", 1n == "1", true == 1, null === undefined]

//# objects to primitives
const o = { valueOf() { return 4 }, toString() { return "s" } }, p = { [Symbol.toPrimitive](h) { return h } }; return [o + 1, o * 2, `${o}`, o + "", o > 3, -o, p + "", `${p}`, p * 1 !== p * 1, o == 4, [o] + ""]

//# order of evaluation
const log = []; const f = (x) => { log.push(x); return x }; f(1) + f(2) * f(3) - f(4); f("a") < f("b"); f(5) === f(6); const o = { get x() { log.push("get"); return 1 }, set x(v) { log.push("set" + v) } }; o.x += f(7); o[f("x")] = f(8); o.x++; --o.x; const q = f(9) ?? f(10); return log

//# order of evaluation in elements
const log = []; const a = [1, 2, 3]; const i = () => { log.push("i"); return 0 }, v = () => { log.push("v"); return 5 }, g = () => { log.push("g"); return a }; g()[i()] = v(); g()[i()] += v(); g()[i()]++; delete g()[i()]; return [log, a, 0 in a]

//# updates
let i = 5, t = "7", n = 3n; const o = { i: 1, n: 2n, s: "4" }, a = [1]; return [i++, i, ++i, i--, --i, t++, t, String(n++), String(n), o.i++, o.i, ++o.i, String(o.n--), String(o.n), o["s"]++, o.s, a[0]++, ++a[0], a]

//# compound assignment
let x = 10; x += 5; x -= 3; x *= 2; x /= 4; x %= 4; x <<= 3; x >>= 1; x >>>= 0; x |= 8; x &= 12; x ^= 5; let s = "a"; s += 1; s += null; let b = 2n; b **= 10n; b *= 3n; return [x, s, String(b)]

//# logical assignment
let a = null, b = 0, c = 1; a ??= 5; b ||= 6; c &&= 7; const o = {}, k = "k"; o.x ??= 1; o.x ??= 2; o[k] ||= 3; o[k] &&= 4; return [a, b, c, o]

//# optional chaining
const o = { a: { b: [1, 2], f() { return this.b.length } } }, n = null; return [o?.a?.b?.[1], n?.a.b.c, o.a?.f(), o.a.g?.(), n?.[o.x.y], o?.["a"].b[0]]

//# short circuits
let n = 0; const f = () => { n++; return true }; false && f(); true || f(); null ?? f(); 1 ?? f(); n ? f() : f(); return n

//# loops
const out = []; for (let i = 0, j = 10; i < j; i += 3, j--) out.push([i, j]); let k = 0; while (k < 3) k++; do { k-- } while (k > 0); for (const x of [1, 2]) out.push(x); for (const x in { a: 1, b: 2 }) out.push(x); for (const c of "hé") out.push(c); outer: for (const a of [1, 2, 3]) { for (const b of [1, 2, 3]) { if (b === 2) continue outer; if (a === 3) break outer; out.push([a, b]) } } return out

//# closures in loops
const f = []; for (let i = 0; i < 3; i++) f.push(() => i); for (var v = 0; v < 3; v++) f.push(() => v); return f.map((g) => g())

//# for in over arrays and text
const out = []; for (const i in [5, 6]) out.push(typeof i, i); for (const i in "ab") out.push(i); for (const i in null) out.push("never"); return out

//# switch
const f = (x) => { const out = []; switch (x) { case 1: out.push("one"); case 2: out.push("two"); break; case "3": out.push("three"); return out; default: out.push("other"); case -4: out.push("four") } return out }; return [1, 2, "3", 3, -4].map(f)

//# exceptions
const f = (x) => { try { if (x) throw new RangeError("r" + x); return "fine" } catch (e) { return [e.name, e.message, e instanceof RangeError, e instanceof Error] } finally { out.push(x) } }; const out = []; return [f(0), f(1), out]

//# return value is not changed by finally
const f = () => { let x = 1; try { return x } finally { x = 2 } }; return f()

//# nested try
const log = []; try { try { null.x } finally { log.push("inner") } } catch ({ name, message }) { log.push(name, message) } finally { log.push("outer") } return log

//# catch without a name
try { throw 5 } catch { return "caught" }

//# throw of anything
const out = []; for (const x of [1, "s", null, undefined, { a: 1 }]) { try { throw x } catch (e) { out.push(e === x) } } return out

//# depth after deep exceptions
let n = 0; const deep = (k) => { if (k === 0) throw new Error("x"); return deep(k - 1) + 1 }; for (let i = 0; i < 50; i++) { try { deep(100) } catch { n++ } } return n

//# depth after exceptions through finally
let n = 0; const f = (k) => { try { if (k === 0) throw 1; f(k - 1) } finally { n++ } }; for (let i = 0; i < 20; i++) { try { f(50) } catch { n += 1000 } } return n

//# depth after exceptions through builtins
let n = 0; for (let i = 0; i < 500; i++) { try { [1].map(() => [2].forEach(() => { throw 1 })) } catch { n++ } } return n

//# functions
function f(a, b = 2, ...c) { return [a, b, c, arguments.length] } const g = (x) => ({ x }); return [f(1), f(1, 5, 6, 7), g(1), (function n(k) { return k ? k * n(k - 1) : 1 })(5), f.name, f.length, g.name]

//# hoisting
return [h(), typeof v, k()]; function h() { return "h" } var v = 1; function k() { return h() + "k" }

//# block functions
{ function inner() { return 1 } var seen = inner() } return [seen, typeof inner]

//# destructuring
const { a, b: { c = 5 } = {}, ["d" + 1]: e } = { a: 1, d1: 4 }; return [a, c, e]

//# destructuring of parameters and arrays
const f = ({ x, y: [p, , q = 9] = [1, 2] }, [z] = [3]) => [x, p, q, z]; let a = 1, b = 2; [a, b] = [b, a]; const o = {}; ({ v: o.v, w: o.w = 3 } = { v: 7 }); return [f({ x: 1 }), f({ x: 1, y: [4, 5, 6] }, [8]), a, b, o]

//# spread
const a = [1, 2], s = new Set([3, 4]), m = new Map([[5, 6]]); return [[...a, ...s, ..."xy", ...m], { ...{ a: 1, b: 2 }, b: 3, ..."z", ...null }, Math.max(...a), [...a.entries()]]

//# classes
class A { #x = 1; static made = []; y = "y"; constructor(z) { this.z = z; A.made.push(z) } get x() { return this.#x } set x(v) { this.#x = v } inc() { this.#x++; return this } static of(...a) { return new this(...a) } has(o) { return #x in o } } class B extends A { inc() { super.inc(); return super.inc() } get x() { return "b" + super.x } } const b = B.of(5); b.inc(); return [b.x, b.y, b.z, A.made, b instanceof A, new A(1).inc().x, b.has(b), b.has({}), B.name, Object.keys(b)]

//# class fields and accessors
class A { a; b = [1]; ["c" + 1] = 3; static s = 4; static ["t"]() { return 5 } get d() { return 6 } } const x = new A(); return [x, A.s, A.t(), x.d, "a" in x, Object.hasOwn(x, "b")]

//# errors as classes
class Refused extends Error { constructor(code) { super("refused " + code); this.code = code; this.name = "Refused" } } try { throw new Refused(7) } catch (e) { return [e + "", e.code, e instanceof Refused, e instanceof Error, e.constructor === Refused] }

//# getters and setters
const o = { _v: 1, get v() { return this._v }, set v(x) { this._v = x * 2 } }; o.v = 5; o.v += 1; return [o.v, Object.keys(o)]

//# array methods
const a = [3, 1, 2, 10]; return [a.map((x) => x * 2), a.filter((x) => x > 1), a.reduce((x, y) => x + y), a.reduceRight((x, y) => x + "," + y), a.slice().sort(), a.slice().sort((x, y) => y - x), a.indexOf(2), a.includes(10), a.find((x) => x > 2), a.findIndex((x) => x > 5), a.findLast((x) => x < 3), a.some((x) => x > 9), a.every((x) => x > 0), a.slice(1, 3), a.slice(-2), a.concat([4], 5), a.join("-"), a.at(-1), a.lastIndexOf(1), [...a.keys()], a.toString(), [1, [2, [3]]].toString()]

//# array changes
const a = [1, 2, 3, 4, 5]; const r = [a.push(6, 7), a.pop(), a.shift(), a.unshift(0), a.splice(1, 2, "x", "y"), a.reverse(), a.fill(9, 0, 1), a.length, a]; const b = []; b[3] = 1; return [r, b, b.length, Array.from({ length: 3 }, (_, i) => i * i), Array.from("abc"), Array.from(new Set([1, 1, 2])), Array.of(7), new Array(2).length, Array(1, 2), Array.isArray(a)]

//# sort is stable, holes and undefined last
const a = [{ k: 1, v: "a" }, { k: 0, v: "b" }, { k: 1, v: "c" }, { k: 0, v: "d" }]; return [a.sort((x, y) => x.k - y.k).map((x) => x.v).join(""), [3, undefined, 1, , 2].sort(), ["b", undefined, "a"].sort()]

//# callbacks get index and array, and this
const seen = []; [7, 8].forEach(function (x, i, a) { seen.push([x, i, a.length, this.t]) }, { t: 1 }); return [seen, [1, 2].map(String), ["1", "2", "3"].map(Number)]

//# text methods
const s = "Hello, World"; return [s.length, s.at(-1), s.charAt(1), s.charCodeAt(1), s.codePointAt(1), s.indexOf("o"), s.indexOf("o", 5), s.lastIndexOf("o"), s.includes("World"), s.startsWith("Hell"), s.endsWith("d"), s.slice(1, -1), s.slice(-3), s.substring(5, 2), s.toUpperCase(), s.toLowerCase(), " x ".trim(), " x".trimStart(), "x ".trimEnd(), s.split(", "), s.split(""), s.split("l", 2), s.split(), s.repeat(2), "5".padStart(3, "0"), "5".padEnd(3), s.concat("!", 1), s[4], [..."a😀"].length, s.replace("l", "L"), s.replaceAll("l", "L"), "abc".replace("b", (m, i) => m + i)]

//# text from codes
return [String.fromCharCode(72, 105), String.fromCodePoint(128512), "\u0041", `a${1}b${[2, 3]}c${null}`, String(null), String([1, [2]]), String({}), String(Symbol("x").description), "é".length, "a" < "b", "Z" < "a"]

//# number text
return [(255).toString(16), (0.5).toString(2), (1234.5678).toFixed(2), 1e21 + "", 1e-7 + "", -0 + "", String(0.1), parseInt("42px"), parseInt("ff", 16), parseFloat("3.14abc"), Number(""), Number("0x10"), Number(null), Number(true), Number([5]), isNaN("x"), isFinite("5"), Number.isInteger(5), Number.isSafeInteger(9007199254740992), Number.MAX_SAFE_INTEGER].map((x) => x)

//# bigint text
return [(255n).toString(16), BigInt("123456789012345678901234567890").toString(), BigInt(5) + "", `${10n}`, BigInt("0xff").toString(), [1n, 2n].join(), String(-5n), BigInt(true) + ""]

//# Math
return [Math.abs(-5), Math.ceil(1.2), Math.floor(-1.2), Math.round(2.5), Math.round(-2.5), Math.trunc(-4.7), Math.sign(-3), Math.sqrt(2), Math.min(3, 1, 2), Math.max(), Math.imul(3, 4), Math.clz32(1), Math.max(1, "3"), Math.min(1, null)].map(String)

//# objects
const o = { b: 1, a: 2, 3: 4, [`k${1}`]: 5, "q r": 6, f() { return this.b } }; delete o.a; return [Object.keys(o), Object.values(o).length, Object.entries({ x: 1 }), Object.assign({}, o, { z: 1 }, null), "b" in o, o.hasOwnProperty("b"), Object.hasOwn(o, "zz"), o.f(), Object.fromEntries([["m", 1], ["n", 2]]), Object.fromEntries(new Map([["p", 1]])), Object.is(NaN, NaN), Object.isFrozen(Object.freeze({})), typeof o, o["q r"], Object.getPrototypeOf([]) === Array.prototype, Object.prototype.isPrototypeOf.call(Object.prototype, o)]

//# frozen objects
const o = Object.freeze({ a: 1 }); try { o.a = 2 } catch (e) { return e.name }

//# key order
const o = {}; for (const k of ["z", "2", "a", "1", "m"]) o[k] = k; delete o.a; o.a = 1; return [Object.keys(o), JSON.stringify(o)]

//# Map and Set
const m = new Map([["a", 1], ["b", 2]]), s = new Set([1, 2, 2, 3]); m.set("c", 3).delete("a"); const seen = []; m.forEach((v, k) => seen.push(k + v)); for (const [k, v] of m) seen.push([k, v]); s.add(4); s.delete(1); return [m.size, m.get("b"), m.has("a"), [...m.keys()], [...m.values()], [...s], s.has(2), s.size, seen, [...new Map(m)].length, (m.clear(), m.size), m.get("x") === undefined, new Map([[NaN, 1]]).get(NaN)]

//# JSON
return [JSON.stringify({ a: [1, "x", null, true, undefined, { b: {} }], u: undefined, f() {}, n: NaN, d: -0, e: 1e21, s: "\u2028\"\n\ud800" }), JSON.parse("{\"a\":[1,2,{\"b\":null}],\"c\":\"\\u0041\"}"), JSON.stringify("x"), JSON.stringify(null), JSON.stringify(undefined) === undefined, JSON.stringify([]), JSON.stringify({})]

//# JSON errors
const out = []; for (const t of ["", "{", "[1,]", "{a:1}", "nul", "01", "\"\n\""]) { try { JSON.parse(t); out.push("fine") } catch (e) { out.push(e.name, e.message) } } return out

//# JSON of a bigint
try { return JSON.stringify({ a: 1n }) } catch (e) { return [e.name, e.message] }

//# own iterators
const it = { from: 1, to: 4, [Symbol.iterator]() { let i = this.from; const to = this.to; return { next: () => (i <= to ? { done: false, value: i++ } : { done: true }), return() { closed.push(i); return {} } } } }; const closed = []; const out = [...it]; for (const x of it) { if (x === 2) break } const [a, b] = it; return [out, Array.from(it), closed, a, b, new Set(it).size]

//# symbols
const s = Symbol("d"); const o = { [s]: 1, a: 2 }; return [o[s], Object.keys(o), s.description, typeof s, JSON.stringify(o)]

//# this
const o = { f() { return this === o }, g: () => typeof this, h() { return (() => this === o)() } }; const { f } = o; return [o.f(), o.h(), f(), (0, o.f)(), f.call(o), f.apply(o, []), f.bind(o)()]

//# call, apply and bind
function f(a, b) { return [this?.x ?? null, a, b] } return [f.call({ x: 1 }, 2, 3), f.apply({ x: 1 }, [2, 3]), f.bind({ x: 1 }, 2)(3), Math.max.apply(null, [1, 5, 2])]

//# new
function P(x) { this.x = x } P.prototype.g = function () { return this.x }; const p = new P(4); return [p.g(), p instanceof P, p.constructor === P, new (class { constructor() { return { r: 1 } } })(), new.target === undefined, (function () { return new.target === undefined })()]

//# comma, void, typeof, in, instanceof
let x = (1, 2, 3); return [x, void 0 === undefined, typeof undeclared, typeof null, typeof (() => 1), typeof 1n, 1 in [1, 2], "length" in [], [] instanceof Array, (() => 1) instanceof Object]

//# labels
let n = 0; a: { n++; if (n) break a; n = 100 } b: for (;;) { for (;;) { n++; break b } } return n

//# errors of the engine
const out = []; const tries = [() => null.x, () => undefined.f(), () => { const c = 1; c = 2 }, () => nope, () => { z; let z }, () => (1)(), () => ({}).f(), () => "x".repeat(-1), () => (1).toFixed(101), () => 5 in 5, () => ({}) instanceof 5, () => { class A { #p; static f(o) { return o.#p } } A.f({}) }, () => { class A { constructor() { this.x } } class B extends A { constructor() { } } new B() }, () => Symbol() + "", () => BigInt(1.5), () => BigInt("x")]; for (const t of tries) { try { t(); out.push("fine") } catch (e) { out.push(e.name + ": " + e.message) } } return out

//# reduce of nothing
try { [].reduce((a, b) => a) } catch (e) { return [e.name, e.message] }

//# bytes
const u = new Uint8Array([1, 300, "7", -1]); u[0] = 257; u[1] += 5; u[2]++; const v = new Uint8Array(u); v[0] = 9; return [[...u], u.length, [...v], [...new Uint8Array(2)], u[9] ?? "none", u["0"]]

//# long text by pieces
let s = ""; for (let i = 0; i < 500; i++) s += String.fromCharCode(97 + (i % 26)) + i; return [s.length, s.slice(100, 120), s.split("1").join("|").length, s.indexOf("z99"), s.toUpperCase().lastIndexOf("A")]

//# fibonacci, sieve, random numbers
const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); const N = 1000, p = new Array(N + 1).fill(true); let c = 0; for (let i = 2; i <= N; i++) { if (p[i]) { c++; for (let j = i * i; j <= N; j += i) p[j] = false } } let x = 42; for (let i = 0; i < 1000; i++) x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff; return [fib(15), c, x]

//# an exchange
let x = 10n ** 24n, y = 5n * 10n ** 21n, fees = 0n; const log = []; for (let i = 1n; i < 60n; i++) { const dx = i * 10n ** 18n, fee = (dx * 3n) / 1000n, dy = (y * (dx - fee)) / (x + dx - fee); x += dx; y -= dy; fees += fee; if (i % 20n === 0n) log.push(String(dy)) } return [String(x), String(y), String(fees), log]

//# a heap with objects
const heap = []; const less = (a, b) => a.p < b.p || (a.p === b.p && a.id < b.id); const swap = (i, j) => { const t = heap[i]; heap[i] = heap[j]; heap[j] = t }; const push = (v) => { heap.push(v); let i = heap.length - 1; while (i > 0) { const j = (i - 1) >> 1; if (!less(heap[i], heap[j])) break; swap(i, j); i = j } }; const pop = () => { const top = heap[0], last = heap.pop(); if (heap.length) { heap[0] = last; for (let i = 0; ;) { let k = 2 * i + 1; if (k >= heap.length) break; if (k + 1 < heap.length && less(heap[k + 1], heap[k])) k++; if (!less(heap[k], heap[i])) break; swap(i, k); i = k } } return top }; for (let i = 0; i < 50; i++) push({ p: (i * 37) % 17, id: i }); const out = []; while (heap.length) out.push(pop().id); return out
