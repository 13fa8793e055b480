// Trusted. `this` is the platform of runner/*.js; gives the DISPATCHER, the only thing the process calls. A function is the
// package's factory; a text is one request:
//   setup   tables and settings of the package, once, before anything else
//   block   runs the calls of one block in order, each alone -> results, rows written, messages sent
//   commit  the last block stands: its rows become cached rows;  drop: it does not
//   query   runs one query against the committed state
//   evict   forgets cached rows (tests prove that results do not depend on them)
(function () {
  "use strict";
  const platform = this;
  const { freeze, apply, helpers, setSub, isDead, reset, JP, JSs, RawMap, run, settings, caps } = platform;
  const { untag, deepFreeze, knowAddress, toJson, misuse, isWellFormed } = platform;
  let factory = null;

  function setup(request) {
    request.tables.forEach(platform.defineTable);
    settings.entry = request.entry;
    settings.withdrawAssets = request.withdrawAssets;
    settings.params = deepFreeze(request.params);
    settings.chain = freeze(request.chain);
    platform.cache.bytesMax = request.cacheBytes;
    return {};
  }

  function blockOf(request) {
    const { open, next, fee } = request.bridge;
    return freeze({
      __proto__: null, height: request.height, timeMs: request.timeMs, seed: request.seed,
      bridge: { __proto__: null, open, next, fee: BigInt(fee) },
    });
  }

  // ---- one call
  function begin(item, readOnly) {
    reset();
    const instance = apply(factory, undefined, helpers);
    run.instance = instance;
    run.limit = item.gas;
    run.refusal = null;
    run.gasAtRefusal = 0;
    run.readOnly = readOnly;
    run.item = item;
    run.reads = run.rows = run.rowBytes = run.eventBytes = 0;
    run.events = [];
    run.messages = [];
    instance.set(item.gas);
    run.active = true;
    setSub(instance.sub);
    return instance;
  }
  function end() {
    run.active = false;
    setSub(null);
  }
  function itemIn(item) {
    if (item.sender !== null) knowAddress(item.sender);
    item.signers.forEach(knowAddress);
    item.args = untag(item.args);
    if (item.deposit !== null) {
      knowAddress(item.deposit.to);
      item.deposit.amount = BigInt(item.deposit.amount);
    }
    return item;
  }
  // The outcome: null, or {code, detail}. Whatever ended the run first is the cause, also if the contract threw afterwards.
  function attempt(work) {
    try {
      work();
      return isDead() === null ? null : outcomeOf(undefined);
    } catch (error) {
      return outcomeOf(error);
    }
  }
  function outcomeOf(error) {
    const cause = isDead();
    if (cause === null) return { code: "CONTRACT_ERROR", detail: { message: messageOf(error) } };
    if (cause.k === "gas") return { code: "OUT_OF_GAS", detail: null };
    if (cause.k === "depth") return { code: "TOO_DEEP", detail: null };
    return { code: run.refusal.code, detail: run.refusal.detail };
  }
  // The text of what a contract threw is for people; reading it may run the contract, so it is read under its meter.
  function messageOf(error) {
    try {
      const text = error !== null && typeof error === "object" ? error.message : error;
      return typeof text === "string" ? wellFormed(text.slice(0, 200)) : "not an Error";
    } catch {
      return "unreadable";
    }
  }
  // The node's JSON reader refuses half a surrogate pair, which a cut can leave and a contract can throw.
  function wellFormed(text) {
    if (isWellFormed(text)) return text;
    const shorter = text.slice(0, text.length - 1);
    return isWellFormed(shorter) ? shorter : "not well-formed text";
  }
  function gasUsed() {
    if (run.refusal !== null) return run.gasAtRefusal;
    const left = run.instance.get();
    return left < 0 ? run.limit : run.limit - left;
  }
  function execute(item) {
    const instance = begin(item, false);
    const failure = attempt(() => {
      const { deposit } = item;
      if (deposit !== null) platform.credit(deposit.to, deposit.asset, deposit.amount);
      const method = platform.memberOf(instance, "methods", item.method);
      apply(method, undefined, [platform.contextOf(item), item.args]);
    });
    // A getter of the thrown value may have died only now.
    const cause = failure !== null && failure.code === "CONTRACT_ERROR" && isDead() !== null ? outcomeOf(undefined) : failure;
    const gas = gasUsed();
    end();
    return { failure: cause, gas };
  }

  // ---- one block, in one message or, when a call is suspected of killing the process, in several
  let used = null; // what the calls of this block have used so far
  function runBlock(request) {
    if (request.first) beginBlock(request);
    const results = request.items.map((item) => finish(execute(itemIn(item))));
    return { results, writes: request.last ? platform.blockWrites() : [] };
  }
  function beginBlock(request) {
    dropBlock();
    platform.forgetPages();
    run.block = blockOf(request);
    used = { rows: 0, rowBytes: 0, eventBytes: 0, messages: 0 };
    const balances = platform.byName.get("$balances");
    request.balances.forEach((row) => { platform.present(balances, row); });
  }
  function finish({ failure, gas }) {
    const isFull = failure === null && !fits();
    if (failure !== null || isFull) {
      platform.rollback();
      return isFull ? ["BLOCK_LIMIT", gas, [], [], null] : [failure.code, gas, [], [], failure.detail];
    }
    used.rows += run.rows; used.rowBytes += run.rowBytes; used.eventBytes += run.eventBytes; used.messages += run.messages.length;
    platform.commitCall();
    run.block.bridge.next += run.messages.length;
    return ["", gas, run.events, run.messages, null];
  }
  function fits() {
    return used.rows + run.rows <= caps.blockRows && used.rowBytes + run.rowBytes <= caps.blockRowBytes
      && used.eventBytes + run.eventBytes <= caps.blockEventBytes && used.messages + run.messages.length <= caps.blockMessages;
  }
  function dropBlock() { platform.endBlock(false); return {}; }
  function commitBlock() {
    platform.endBlock(true);
    platform.forgetPages();
    return {};
  }

  // ---- one query
  function runQuery(request) {
    dropBlock();
    platform.forgetPages();
    if (!request.sameState) platform.forgetAll();
    run.block = blockOf(request);
    const item = itemIn(request.item);
    const instance = begin(item, true);
    let text = "";
    const failure = attempt(() => {
      const query = platform.memberOf(instance, "queries", item.method);
      const result = apply(query, undefined, [platform.contextOf(item), item.args]);
      text = toJson(result === undefined ? null : result, caps.queryBytes);
      if (typeof text !== "string") misuse("not a JSON value");
    });
    const gas = gasUsed();
    end();
    platform.rollback();
    return failure === null ? { text, gas } : { code: failure.code, detail: failure.detail, gas };
  }

  const requests = new RawMap([
    ["setup", setup], ["block", runBlock], ["commit", commitBlock], ["drop", dropBlock], ["query", runQuery],
    ["evict", () => { platform.forgetAll(); return {}; }],
  ]);
  return function () {
    setSub(null);
    if (typeof this === "function") { factory = this; return "{}"; }
    const request = JP(this);
    return JSs(requests.get(request.op)(request));
  };
})
