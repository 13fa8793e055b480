// Programs that try to get work, memory or stack for nothing. Each is the body of a function that is run with 1.2 million gas;
// the second line of each says how it has to end. Nothing here may take noticeable time or memory.

//# base loop
//= dies of gas
let s=0;for(;;){s=(s+1)|0}

//# while(true){}
//= dies of gas
while(true){}

//# for(;;);
//= dies of gas
for(;;);

//# recursion
//= dies of depth
function f(n){return f(n+1)+1} return f(0)

//# recursion catch
//= dies of depth
let d=0;function f(){d++;try{return f()}catch(e){return d}} return f()

//# catch-all loop
//= dies of gas
for(;;){try{for(;;){}}catch(e){}}

//# finally loop
//= dies of gas
function g(){try{for(;;){}}finally{for(;;){}}} g()

//# mutual recursion getter
//= dies of depth
const o={get x(){return this.x}};return o.x

//# valueOf recursion
//= dies of depth
const o={valueOf(){return +o}};return +o

//# toString recursion join
//= dies of depth
const a=[];a[0]=a;let b=[a,a];for(let i=0;i<1e9;i++){b=[b,b];String(b)}

//# repeat 1e9
//= throws RangeError: string too long
return "x".repeat(1e9).length

//# Array 1e9
//= throws RangeError: Invalid array length
return new Array(1e9).length

//# Array 1e6 loop
//= dies of gas
for(;;){new Array(1000000)}

//# array fill loop
//= dies of gas
for(;;){new Array(10000).fill(0)}

//# padStart
//= throws RangeError: string too long
return "x".padStart(1e9).length

//# string doubling
//= throws RangeError: string too long
let s="ab";for(;;)s=s+s

//# string doubling 100k then loop idx
//= dies of gas
let s="ab";while(s.length<100000)s=s+s;let t=0;for(let i=0;;i++){t+=(s+i).charCodeAt(5)}

//# rope retain
//= throws RangeError: string too long
const a=[];let s="ab";while(s.length<200000)s=s+s;for(let i=0;;i++){const t=s+i;t.charCodeAt(3);a.push(t)}

//# template grow
//= throws RangeError: string too long
let s="ab";for(;;)s=`${s}${s}`

//# += member
//= throws RangeError: string too long
const o={s:"ab"};for(;;)o.s+=o.s

//# bigint square
//= throws RangeError: bigint too large
let a=3n;for(;;)a=a*a

//# bigint pow
//= throws RangeError: bigint too large
return (2n**1000000n)

//# bigint shl
//= throws RangeError: bigint too large
return (1n<<100000000n)

//# bigint mul 1024bit loop
//= dies of gas
const a=(1n<<1023n)-1n;let t=0n;for(;;){t=((a>>512n)*(a>>512n))%a}

//# bigint mod loop
//= dies of gas
const a=(1n<<1023n)-1n,b=(1n<<511n)-19n;let t=a;for(;;){t=(a^t)%b}

//# bigint toString
//= dies of gas
const a=(1n<<1023n)-1n;let t=0;for(;;){t+=a.toString().length}

//# BigInt parse
//= dies of gas
const s="9".repeat(300);let t=0n;for(;;){t=BigInt(s)}

//# JSON.stringify huge
//= throws RangeError: string too long
const a=[];for(let i=0;i<1000;i++)a.push(a.length);const b=[];for(let i=0;i<1000;i++)b.push(a);JSON.stringify(b)

//# JSON deep
//= throws RangeError: JSON nested too deep
let o={};for(;;){o={o};JSON.stringify(o)}

//# JSON.parse loop
//= dies of gas
const s="["+"1,".repeat(50000)+"1]";for(;;){JSON.parse(s)}

//# JSON.parse deep
//= dies of gas
const s="[".repeat(50000)+"]".repeat(50000);for(;;){JSON.parse(s)}

//# JSON.parse objkeys
//= dies of gas
let s="{";for(let i=0;i<5000;i++)s+=`"k${i}":1,`;s+=`"z":1}`;for(;;){JSON.parse(s)}

//# sort
//= dies of gas
const a=[];for(let i=0;i<10000;i++)a.push((i*7919)%10007);for(;;){a.slice().sort((x,y)=>x-y)}

//# sort default
//= dies of gas
const a=[];for(let i=0;i<1000;i++)a.push((i*7919)%10007);for(;;){a.slice().sort()}

//# indexOf worst
//= dies of gas
const h="a".repeat(200000),n="a".repeat(500)+"b"+"a".repeat(500);for(;;){h.indexOf(n)}

//# indexOf worst2
//= dies of gas
const h="a".repeat(200000),n="b"+"a".repeat(10000);for(;;){h.indexOf(n)}

//# split
//= dies of gas
const h="a,".repeat(100000);for(;;){h.split(",")}

//# replaceAll
//= dies of gas
const h="a".repeat(200000);for(;;){try{h.replaceAll("a","bb")}catch(e){}}

//# string === 200k
//= dies of gas
const a="x".repeat(199999)+"a",b="x".repeat(199999)+"b";let t=0;for(;;){if(a===b)t++}

//# string < 200k
//= dies of gas
const a="x".repeat(199999)+"a",b="x".repeat(199999)+"b";let t=0;for(;;){if(a<b)t++}

//# obj key longstr
//= dies of gas
const o={};let s="x".repeat(100000);for(let i=0;;i++){o[s+i]=1}

//# map key longstr
//= dies of gas
const o=new Map();let s="x".repeat(100000);for(let i=0;;i++){o.set(s+i,1)}

//# spread
//= dies of gas
const a=new Array(100000).fill(1);for(;;){[...a]}

//# call spread
//= dies of gas
const a=new Array(250).fill(1);function f(...x){return x.length};for(;;){f(...a)}

//# obj spread
//= dies of gas
const o={};for(let i=0;i<5000;i++)o["k"+i]=i;for(;;){({...o})}

//# for-in break
//= dies of gas
const o={};for(let i=0;i<5000;i++)o["k"+i]=i;for(;;){for(const k in o)break}

//# Object.keys
//= dies of gas
const o={};for(let i=0;i<5000;i++)o["k"+i]=i;for(;;){Object.keys(o)}

//# map grow
//= dies of gas
const m=new Map();for(let i=0;;i++)m.set(i,i)

//# array grow
//= dies of gas
const a=[];for(let i=0;;i++)a.push(i)

//# array grow idx
//= dies of gas
const a=[];for(let i=0;;i++)a[i]=i

//# objects retained
//= dies of gas
const a=[];for(;;)a.push({a:1,b:2,c:3,d:4})

//# closures retained
//= dies of gas
const a=[];for(let i=0;;i++)a.push(()=>i)

//# sparse
//= dies of gas
const a=[];for(let i=0;;i++)a[(i*7919)%100000000]=i

//# dict obj
//= dies of gas
const o={};for(let i=0;;i++){o["k"+i]=1}

//# delete obj
//= dies of gas
const o={};for(let i=0;;i++){o["k"+i]=1;delete o["k"+(i-5)]}

//# proto chain class
//= throws RangeError: too many classes on top of each other
let B=class{};const mk=b=>class extends b{};for(let i=0;;i++){B=mk(B);if(i%100===0){const p=B.prototype;for(let j=0;j<100;j++)p["zz"+j]}}

//# shift
//= dies of gas
const a=new Array(60000).fill(0);for(;;){a.push(a.shift())}

//# concat arr
//= dies of gas
let a=[1];for(;;){a=a.concat(a);if(a.length>100000)a=[1]}

//# u8
//= dies of gas
for(;;){new Uint8Array(100000)}

//# throw loop
//= dies of gas
for(;;){try{throw new Error("x")}catch(e){}}

//# null deref loop
//= dies of gas
for(;;){try{null.x}catch(e){}}

//# class create loop
//= dies of gas
for(;;){class A{a(){} b(){} c(){}}}

//# toFixed
//= dies of gas
let t=0;for(;;){t+=(1.5e20).toFixed(100).length}

//# num toString(3)
//= dies of gas
let t=0;for(let i=0;;i++){t+=(1/(i+3)).toString(3).length}

//# parseFloat
//= dies of gas
const s="1".repeat(100000);let t=0;for(;;){t+=parseFloat(s)}

//# +string
//= dies of gas
const s="1".repeat(100000);let t=0;for(;;){t+=+s}

//# switch str
//= dies of gas
const b="x".repeat(100000);let t=0;for(;;){switch(b){case "x":t++}}

//# refund map
//= dies of gas
for(;;){try{Map.prototype.forEach.call({size:-1e9},()=>1)}catch(e){} try{new (class extends Map{get size(){return -1e12}})().forEach(()=>1)}catch(e){}}

//# refund nan
//= dies of gas
for(;;){try{Array.prototype.map.call({length:NaN},()=>1)}catch(e){} try{"x".repeat(NaN)}catch(e){} try{Array(NaN)}catch(e){} [...(class extends Set{get size(){return -1e12}}.prototype.constructor,new Set())]}

//# refund spread set
//= dies of gas
class S extends Set{get size(){return -1e12}}; const s=new S();for(;;){[...s]}

//# refund arraylike
//= dies of gas
for(;;){try{Array.from({length:-1e9})}catch(e){} try{Array.from({length:NaN})}catch(e){}}

//# u8 store text
//= dies of gas
const u=new Uint8Array(4),s="1".repeat(200000);for(;;){u[0]=s}

//# u8 store object
//= dies of gas
const u=new Uint8Array(4),s="1".repeat(200000),o={valueOf(){return s}};for(;;){u[0]=o}

//# u8 logical
//= dies of gas
const u=new Uint8Array(4),s="1".repeat(200000);for(;;){u[9]??=s}

//# u8 swap owner
//= dies of gas
let u=new Uint8Array(4);const v=u,s="1".repeat(200000);for(;;){u=v;u[0]=(u={},s)}

//# math text
//= dies of gas
const s="1".repeat(200000);for(;;){Math.max(s,s)}

//# math abs text
//= dies of gas
const s="1".repeat(200000);for(;;){Math.abs(s)}

//# charAt text
//= dies of gas
const s="1".repeat(200000);for(;;){"abc".charAt(s)}

//# slice text
//= dies of gas
const s="1".repeat(200000);for(;;){"abc".slice(s,s)}

//# array at text
//= dies of gas
const s="1".repeat(200000);for(;;){[1].at(s)}

//# array slice text
//= dies of gas
const s="1".repeat(200000);for(;;){[1].slice(s,s)}

//# fill text
//= dies of gas
const s="1".repeat(200000);for(;;){[1].fill(0,s,s)}

//# splice text
//= dies of gas
const s="1".repeat(200000);for(;;){[1].splice(s,s)}

//# indexOf from text
//= dies of gas
const s="1".repeat(200000);for(;;){[1].indexOf(1,s)}

//# fromCharCode text
//= dies of gas
const s="1".repeat(200000);for(;;){String.fromCharCode(s,s)}

//# toString radix text
//= dies of gas
const s="1".repeat(200000);for(;;){try{(5).toString(s)}catch(e){}}

//# parseInt radix text
//= dies of gas
const s="1".repeat(200000);for(;;){parseInt("1",s)}

//# comparator text
//= dies of gas
const s="1".repeat(200000);const a=[1,2,3,4,5,6,7,8];for(;;){a.sort(()=>s)}

//# comparator object
//= dies of gas
const s="1".repeat(200000);const o={valueOf(){return s}};const a=[1,2,3,4,5,6,7,8];for(;;){a.sort(()=>o)}

//# ++ text
//= dies of gas
const s="1".repeat(200000);for(;;){let t=s;t++}

//# ++ member text
//= dies of gas
const s="1".repeat(200000),o={};for(;;){o.t=s;o.t++}

//# -- element text
//= dies of gas
const s="1".repeat(200000),o={};for(;;){o["t"]=s;--o["t"]}

//# - text
//= dies of gas
const s="1".repeat(200000);for(;;){-s;~s;s-0;s*2;s<3;s==3}

//# includes equal text
//= dies of gas
const s="x".repeat(100000)+"a",t="x".repeat(100000)+"b";const a=new Array(100000).fill(s);for(;;){a.includes(t)}

//# indexOf equal text
//= dies of gas
const s="x".repeat(100000)+"a",t="x".repeat(100000)+"b";const a=new Array(100000).fill(s);for(;;){a.indexOf(t)}

//# Object.is text
//= dies of gas
const s="x".repeat(200000)+"a",t="x".repeat(200000)+"b";for(;;){Object.is(s,t)}

//# bind chain
//= dies of gas
let f=()=>1;for(;;){f=f.bind(null,1,2,3,4,5,6,7,8)}

//# bind chain call
//= throws RangeError: too many arguments
let f=()=>1;for(let i=0;i<1000;i++){f=f.bind(null,1,2,3,4,5,6,7,8)};for(;;)f()

//# bind 100 call
//= throws RangeError: too many arguments
let f=()=>1;for(let i=0;i<100;i++){f=f.bind(null,1,2,3,4,5,6,7,8)};for(;;)f()

//# tag rope
//= dies of gas
const t="x".repeat(200000),o={get [Symbol.toStringTag](){return t}};for(;;){String(o)[5]; Object.prototype.toString.call(o)[5]}

//# error rope
//= dies of gas
const e=new Error("x".repeat(200000));for(;;){String(e)[5];e.toString()[5];(e+"")[5]}

//# error create
//= dies of gas
const t="x".repeat(200000);for(;;){new Error(t)}

//# error subclass
//= dies of gas
class E extends TypeError{};for(;;){new E("x")}

//# error stack
//= dies of gas
const t="x".repeat(200000);for(;;){new Error(t).stack[5]}

//# read long key
//= dies of gas
const o={},s="x".repeat(100000);for(let i=0;;i++){o[s+i]}

//# in long key
//= dies of gas
const o={},s="x".repeat(100000);for(let i=0;;i++){(s+i) in o}

//# hasOwn long key
//= dies of gas
const o={},s="x".repeat(100000);for(let i=0;;i++){Object.hasOwn(o,s+i)}

//# literal long key
//= dies of gas
const s="x".repeat(100000);for(let i=0;;i++){({[s+i]:1})}

//# delete long key
//= dies of gas
const o={},s="x".repeat(100000);for(let i=0;;i++){delete o[s+i]}

//# pattern long key
//= dies of gas
const o={},s="x".repeat(100000);for(let i=0;;i++){const {[s+i]:z}=o}

//# fresh short keys read
//= dies of gas
const o={};for(let i=0;;i++){o["k"+i]}

//# fresh substrings as keys
//= dies of gas
const o={},s="abcdefghijklmnopqrstuvwxyz0123456789".repeat(1000);for(let i=0;;i++){o[s.slice(i%30000,i%30000+60)]}

//# iterator for-of
//= dies of gas
const it={[Symbol.iterator](){return {next(){return {done:false,value:1}}}}};for(const x of it){}

//# iterator spread
//= dies of gas
const it={[Symbol.iterator](){return {next(){return {done:false,value:1}}}}};[...it]

//# iterator from
//= dies of gas
const it={[Symbol.iterator](){return {next(){return {done:false,value:1}}}}};Array.from(it)

//# iterator Map
//= dies of gas
const it={[Symbol.iterator](){return {next(){return {done:false,value:[{},1]}}}}};new Map(it)

//# iterator Set
//= dies of gas
const it={[Symbol.iterator](){return {next(){return {done:false,value:{}}}}}};new Set(it)

//# iterator entries
//= dies of gas
let i=0;const it={[Symbol.iterator](){return {next(){return {done:false,value:["k"+i++,1]}}}}};Object.fromEntries(it)

//# iterator native proto
//= throws TypeError: Cannot assign to read only property 'Symbol(Symbol.iterator)' of object '[object Array]'
const it=Object.create(null);it[Symbol.iterator]=[].values;try{[...it]}catch(e){};const a=[1];a[Symbol.iterator]=function(){return {next:()=>({done:false})}};[...a]

//# iterator of itself
//= dies of gas
const m=new Map([[0,0]]);let i=1;for(const [k] of m){m.delete(k);m.set(i++,0)}

//# forEach grows
//= dies of gas
const s=new Set([0]);let i=1;s.forEach(x=>{s.delete(x);s.add(i++)})

//# deep forEach
//= dies of depth
const f=()=>[1].forEach(f);f()

//# deep sort
//= dies of depth
const f=()=>{[2,1].sort(f);return 0};f()

//# deep map in JSON
//= dies of depth
const o={get x(){return JSON.stringify(this)}};JSON.stringify(o)

//# deep replace
//= dies of depth
const f=()=>"a".replace("a",f);f()

//# deep from
//= dies of depth
const f=()=>Array.from([1],f);f()

//# deep reduce
//= dies of depth
const f=()=>[1,2].reduce(f);f()

//# deep toPrimitive
//= dies of depth
const o={[Symbol.toPrimitive](){return o*1}};o*1

//# deep hasInstance
//= dies of depth
const C={[Symbol.hasInstance](x){return x instanceof C}};1 instanceof C

//# deep toString
//= dies of depth
const o={toString(){return `${o}`}};`${o}`

//# deep join
//= dies of gas
const a=[];for(let i=0,b=a;i<100000;i++){const c=[];b.push(c);b=c};a.join()

//# deep join 2
//= dies of gas
const a=[];for(let i=0,b=a;i<100000;i++){const c=[];b.push(c);b=c};a+""

//# deep iterator
//= dies of depth
const it={[Symbol.iterator](){return [...it]}};[...it]

//# deep new
//= dies of depth
class A{constructor(){this.a=new A()}};new A()

//# deep super
//= dies of depth
class A{constructor(){new B()}};class B extends A{};new B()

//# deep getter class
//= dies of depth
class A{static get x(){return A.x}};A.x

//# deep setter
//= dies of depth
const o={set x(v){this.x=v}};o.x=1

//# deep apply
//= dies of depth
const f=()=>f.apply(null,[]);f()

//# deep call
//= dies of depth
function f(){f.call(null)};f()

//# deep key
//= dies of depth
const o={toString(){return ({})[o]}};({})[o]

//# catch depth
//= dies of depth
let n=0;function f(){try{f()}catch(e){}finally{n++}};f();return n

//# finally after death
//= dies of gas
let n=0;try{for(;;){}}finally{for(;;){n++}}

//# finally depth death
//= dies of depth
const out=[];function f(){try{f()}finally{out.push(1)}};try{f()}finally{for(;;){out.push(2)}}

//# bigints retained
//= dies of gas
const a=[],b=1n<<1000n;for(let i=0n;;i++)a.push(b+i)

//# texts retained
//= dies of gas
const a=[],b="x".repeat(200000);for(let i=0;;i++)a.push(b+i)

//# arrays retained
//= dies of gas
const a=[];for(;;)a.push(new Array(1000))

//# maps retained
//= dies of gas
const a=[];for(;;)a.push(new Map())

//# u8 retained
//= dies of gas
const a=[];for(;;)a.push(new Uint8Array(1000))

//# u8 tiny retained
//= dies of gas
const a=[];for(;;)a.push(new Uint8Array(1))

//# slices retained
//= dies of gas
const a=[],b="x".repeat(200000);for(let i=0;;i++)a.push((b+i).slice(0,20))

//# errors retained
//= dies of gas
const a=[];for(;;)a.push(new Error("x"))

//# symbols retained
//= dies of gas
const a=[];for(;;)a.push(Symbol("x"))

//# bound retained
//= dies of gas
const a=[],f=()=>1;for(;;)a.push(f.bind(null,1))

//# dictionaries retained
//= dies of gas
const a=[];for(let i=0;;i++)a.push({["k"+i]:1,["l"+i]:2})

//# classes retained
//= dies of gas
const a=[];for(;;)a.push(class{a(){}})

//# text numbers
//= dies of gas
let i=0.1;for(;;){i+=1.1;`${i}`}

//# concat numbers
//= dies of gas
let i=0.1;for(;;){i+=1.1;""+i}

//# bigint text concat
//= dies of gas
const a=(1n<<1023n)-1n;for(;;){""+a}

//# bigint text template
//= dies of gas
const a=(1n<<1023n)-1n;for(;;){`${a}`}

//# bigint text join
//= dies of gas
const a=[(1n<<1023n)-1n];for(;;){a.join()}

//# bigint text key
//= dies of gas
const a=(1n<<1023n)-1n,o={};for(;;){o[a]}

//# bigint number
//= dies of gas
const a=(1n<<1023n)-1n;for(;;){Number(a)}

//# bigint compare
//= dies of gas
const a=(1n<<1023n)-1n,b=(1n<<1023n)-2n;for(;;){a<b;a==b;a===b;a>1;a=="5"}

//# bigint pow loop
//= dies of gas
const a=3n;for(;;){a**600n}

//# bigint ops
//= dies of gas
const a=(1n<<1023n)-1n,b=(1n<<1022n)-1n;for(;;){a&b;a|b;a^b;a>>3n;-a;~a}

//# bigint asString parse
//= dies of gas
const s="0x"+"f".repeat(250);for(;;){BigInt(s)}

//# bigint cmp text
//= throws RangeError: text too long for a bigint
const a=(1n<<1023n)-1n,s="9".repeat(100000);for(;;){a<s;a==s}

//# upper
//= dies of gas
const s="ß".repeat(100000);for(;;){s.toUpperCase()}

//# lastIndexOf
//= dies of gas
const h="a".repeat(200000),n="b"+"a".repeat(10000);for(;;){h.lastIndexOf(n)}

//# includes short
//= dies of gas
const h="a".repeat(200000);for(;;){h.includes("aaaaab")}

//# startsWith
//= dies of gas
const h="a".repeat(200000);for(;;){h.startsWith(h)}

//# split empty
//= dies of gas
const h="ab".repeat(100000);for(;;){h.split("")}

//# split limit
//= dies of gas
const h="ab".repeat(100000);for(;;){h.split("b",1)}

//# trim
//= dies of gas
const h=" ".repeat(200000);for(;;){h.trim()}

//# text iterate
//= dies of gas
const h="ab".repeat(100000);for(;;){for(const c of h){}}

//# text index
//= dies of gas
const h="ab".repeat(100000);for(let i=0;;i++){h[i%200000]}

//# charCodeAt
//= dies of gas
const h="ab".repeat(100000);for(let i=0;;i++){h.charCodeAt(i)}

//# object entries
//= dies of gas
const o={};for(let i=0;i<5000;i++)o["k"+i]=i;for(;;){Object.entries(o)}

//# object assign
//= dies of gas
const o={};for(let i=0;i<5000;i++)o["k"+i]=i;for(;;){Object.assign({},o)}

//# object freeze
//= dies of gas
for(;;){Object.freeze({a:1,b:2})}

//# freeze big
//= dies of gas
const o=[];for(let i=0;i<5000;i++)o[i]=i;Object.freeze(o);for(;;){Object.isFrozen(o);Object.freeze(o)}

//# unshift
//= dies of gas
const a=new Array(60000).fill(0);for(;;){a.unshift(1)}

//# splice front
//= dies of gas
const a=new Array(60000).fill(0);for(;;){a.splice(0,1,1)}

//# sort reversed
//= dies of gas
const a=[];for(let i=0;i<20000;i++)a.push(20000-i);for(;;){a.slice().sort((x,y)=>x-y)}

//# sort texts
//= dies of gas
const a=[];for(let i=0;i<200;i++)a.push("x".repeat(2000)+i);for(;;){a.slice().sort()}

//# json numbers
//= dies of gas
const a=[];for(let i=0;i<2000;i++)a.push(i/7);for(;;){JSON.stringify(a)}

//# json texts
//= dies of gas
const s="\u0001".repeat(40000);for(;;){JSON.stringify(s)}

//# json parse numbers
//= dies of gas
const s="["+"1.2345678901234567e-300,".repeat(8000)+"1]";for(;;){JSON.parse(s)}

//# map iterate
//= dies of gas
const m=new Map();for(let i=0;i<5000;i++)m.set(i,i);for(;;){for(const [k,v] of m){}}

//# map spread
//= dies of gas
const m=new Map();for(let i=0;i<5000;i++)m.set(i,i);for(;;){[...m]}

//# destructure
//= dies of gas
for(;;){const [a,b,c]=[1,2,3];const {x,y}={x:1,y:2}}

//# rest
//= dies of gas
function f(...a){return a};for(;;){f(1,2,3,4,5,6,7,8)}

//# arguments
//= dies of gas
function f(){return arguments.length};for(;;){f(1,2,3,4,5,6,7,8)}

//# private
//= dies of gas
class A{#x=1;inc(){this.#x++}};const a=new A();for(;;){a.inc()}

//# getter
//= dies of gas
const o={get x(){return 1}};for(;;){o.x}

//# call
//= dies of gas
function f(){};for(;;){f()}

//# method call
//= dies of gas
const o={f(){}};for(;;){o.f()}

//# closures
//= dies of gas
for(;;){(()=>1)()}

//# optional
//= dies of gas
const o=null;for(;;){o?.a.b.c}

//# symbol new
//= dies of gas
for(;;){Symbol("x")}

//# instanceof deep
//= dies of gas
let C=class{};for(let i=0;i<8;i++){const P=C;C=class extends P{}};const c=new C();for(;;){c instanceof Map}

//# proto misses
//= dies of gas
let C=class{};for(let i=0;i<8;i++){const P=C;C=class extends P{}};const c=new C();for(let i=0;;i++){c["z"+(i&1023)]}

//# type error
//= dies of gas
const o={};for(;;){try{o.f()}catch(e){}}

//# not iterable
//= dies of gas
for(;;){try{[...5]}catch(e){}}

//# reference error
//= dies of gas
for(;;){try{nope}catch(e){}}

//# const error
//= dies of gas
const c=1;for(;;){try{c=2}catch(e){}}

//# tdz error
//= dies of gas
for(;;){try{z;let z}catch(e){}}

//# label loops
//= dies of gas
a:for(;;){b:for(;;){continue a}}

//# do while
//= dies of gas
do{}while(true)

//# for continue
//= dies of gas
for(;;)continue

//# while seq
//= dies of gas
while(1,2,3);
