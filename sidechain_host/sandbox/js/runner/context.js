// Trusted. `this` is the platform; adds what a contract sees: `ctx`. Its parts are made once and frozen; they act for the run in
// progress, so a part that was kept somewhere gives no power beyond its own run.
(function () {
  "use strict";
  const platform = this;
  const { freeze, prices, caps, run, settings, refuse, misuse, pay, utf8Length, alphabet, consistsOf, toJson, hasOwn, okeys } = platform;
  const { tableOf, keyIn, read, write, rowIn, rowOut, find, page, isTaken, nextId, keyOfRow } = platform;
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const FIRST = alphabet(LETTERS), CODE = alphabet(LETTERS + "0123456789_-");
  const NAME = alphabet(LETTERS + "0123456789_abcdefghijklmnopqrstuvwxyz");

  function isWord(x, known, max) {
    return typeof x === "string" && x.length >= 1 && x.length <= max && consistsOf(x, FIRST, 0, 1) && consistsOf(x, known, 1, x.length);
  }

  // ---- tables
  function isMoved(columns, before, row) {
    for (let i = 0; i < columns.length; i++) if (before[columns[i]] !== row[columns[i]]) return true;
    return false;
  }
  function store(table, key, row) {
    const before = read(table, key);
    for (let i = 0; i < table.indexes.length; i++) {
      const { unique, columns } = table.indexes[i];
      if (unique && (before === null || isMoved(columns, before, row)) && isTaken(table, i, row, key.id)) {
        refuse("DUPLICATE", { table: table.name, index: table.indexes[i].name });
      }
    }
    write(table, key, row);
    return before;
  }

  const dbReader = {
    get: freeze((name, key) => { const table = tableOf(name); return rowOut(table, read(table, keyIn(table, key))); }),
    has: freeze((name, key) => { const table = tableOf(name); return read(table, keyIn(table, key)) !== null; }),
    find: freeze((name, options) => find(tableOf(name), options)),
    page: freeze((name, options) => page(tableOf(name), options)),
  };
  const db = freeze({
    ...dbReader,
    put: freeze((name, object) => {
      const table = tableOf(name), row = rowIn(table, object);
      store(table, keyOfRow(table, row), row);
    }),
    insert: freeze((name, object) => {
      const table = tableOf(name), row = rowIn(table, object), key = keyOfRow(table, row);
      if (store(table, key, row) !== null) refuse("DUPLICATE", { table: table.name });
    }),
    update: freeze((name, key, changes) => {
      const table = tableOf(name), at = keyIn(table, key), before = rowOut(table, read(table, at));
      if (before === null) refuse("NOT_FOUND", { table: table.name });
      if (changes === null || typeof changes !== "object") misuse("changes must be an object");
      const names = okeys(changes);
      pay(prices.field * names.length);
      for (let i = 0; i < names.length; i++) before[names[i]] = changes[names[i]];
      const row = rowIn(table, before);
      if (keyOfRow(table, row).id !== at.id) misuse("an update cannot change the key");
      store(table, at, row);
      return rowOut(table, row);
    }),
    delete: freeze((name, key) => {
      const table = tableOf(name), at = keyIn(table, key);
      if (read(table, at) === null) return false;
      write(table, at, null);
      return true;
    }),
  });

  // ---- telling
  function refusal(code, values) {
    pay(prices.refuse);
    if (!isWord(code, CODE, 32)) misuse("a refusal code is A-Z, then A-Z 0-9 _ -");
    // The host draws conclusions from these: a contract must not be able to pretend them.
    if (code === "BLOCK_LIMIT" || code === "OUT_OF_GAS" || code === "TOO_DEEP" || code === "CONTRACT_ERROR") misuse("the code " + code + " is the host's");
    refuse(code, values === undefined ? null : { json: toJson(values, 2048) });
  }
  function emit(name, data) {
    pay(prices.event);
    if (!isWord(name, NAME, 40)) misuse("an event name is UpperCamel");
    const text = toJson(data === undefined ? {} : data, caps.eventBytes);
    if (text[0] !== "{") misuse("event data must be an object");
    run.eventBytes += text.length + name.length;
    if (run.events.length >= caps.callEvents || run.eventBytes > caps.callEventBytes) refuse("LIMIT", { events: run.events.length });
    run.events[run.events.length] = [name, text];
  }
  function takeId(counter) {
    if (typeof counter !== "string" || counter[0] === "$" || utf8Length(counter, 32) < 1) {
      misuse("a counter has a name of 1 to 32 bytes");
    }
    return nextId(counter);
  }

  const shared = { refuse: freeze(refusal) };
  const powers = freeze({
    ...shared, db, assets: platform.assetsApi, bridge: platform.bridgeApi, emit: freeze(emit), nextId: freeze(takeId),
  });
  const readPowers = freeze({ ...shared, db: freeze(dbReader), assets: platform.assetsReader });

  function contextOf(item) {
    const { height, timeMs, seed } = run.block;
    return freeze({
      ...(run.readOnly ? readPowers : powers),
      sender: item.sender, signers: freeze(item.signers), deposit: item.deposit === null ? null : freeze({ ...item.deposit }),
      block: freeze({ height, timeMs, seed }), tx: freeze({ id: item.id }), chain: settings.chain, params: settings.params,
    });
  }

  return freeze({ __proto__: null, ...platform, contextOf, hasOwn });
})
