// Trusted. `this` is the runtime object of lockdown.js; gives the PLATFORM, which every script of this folder extends: the
// runtime, the prices of the host API and the state of the run in progress.
//
// One gas is about 10 ns of the slowest builtin without JIT. Reads are always priced as misses, so that gas does not depend on
// what happens to be cached.
(function () {
  "use strict";
  const rt = this;
  const { freeze } = rt;

  const prices = freeze({
    __proto__: null,
    read: 6000, // a miss: a question to the node and back, 40-60 us
    readByte: 4, // parsing and copying what came
    write: 6000, // the node checks and stores a row and its place in the state tree
    writeByte: 20,
    find: 8000, // a range question
    findEntry: 1500, // every row visited, those that were deleted or replaced in this block as well
    address: 2500, // checking an address asks the node
    event: 500,
    eventByte: 4,
    refuse: 100,
    require: 50,
    message: 20000, // a bridge message: hashes and a log entry, kept for ever
    field: 10, // each field looked at
  });

  const caps = freeze({
    __proto__: null,
    callRows: 512, callReads: 4096, callEvents: 64, eventBytes: 8192, callEventBytes: 65536, callMessages: 16,
    blockRows: 40000, blockRowBytes: 16 * 1024 * 1024, blockEventBytes: 4 * 1024 * 1024, blockMessages: 1000,
    rowBytes: 16 * 1024, findLimit: 500, queryBytes: 1024 * 1024, jsonDepth: 16, keyTextBytes: 128,
  });

  // The run in progress. Trusted code reads and writes it; nothing of it is reachable for a contract.
  const run = {
    __proto__: null, active: false, instance: null, limit: 0, refusal: null, gasAtRefusal: 0, readOnly: false,
    block: null, // {height, timeMs, seed, bridge}, the same for every run of the block
    item: null, // the call: {sender, signers, method, ...}
    reads: 0, rows: 0, rowBytes: 0, events: null, eventBytes: 0, messages: null,
  };

  // Of the package; filled once by `setup`.
  const settings = { __proto__: null, entry: "", withdrawAssets: [], params: null, chain: null };

  // Ends the run with a receipt code. The meter is drained by `die`, so what was used is noted first.
  function refuse(code, detail) {
    if (rt.isDead() === null) {
      run.refusal = { __proto__: null, code, detail: detail === undefined ? null : detail };
      const left = run.instance === null ? 0 : run.instance.get();
      run.gasAtRefusal = run.limit - (left < 0 ? 0 : left);
    }
    rt.setSub(run.instance === null ? null : run.instance.sub);
    rt.die("refused");
  }
  // The contract used the API wrongly: its author's mistake, told by simulate and never written into a block.
  // Half a surrogate pair in the message would make the whole answer unreadable for the node.
  function misuse(message) { return refuse("CONTRACT_ERROR", { message: rt.isWellFormed(message) ? message : "not well-formed text" }); }

  function charge(n) { run.instance.sub(n); }
  // Our own work is already paid for by the prices above: the built-ins it uses must not charge again, or gas would differ
  // between a row that is cached and one that is not.
  function unmetered(work) {
    if (!run.active) return work();
    rt.setSub(null);
    try { return work(); } finally { rt.setSub(run.instance.sub); }
  }

  return freeze({ __proto__: null, ...rt, prices, caps, run, settings, refuse, misuse, pay: charge, unmetered });
})
