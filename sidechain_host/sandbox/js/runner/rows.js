// Trusted. `this` is the platform; adds the tables: rows of the run over rows of the block over cached rows over the node's
// state. A row is an array of field values; `null` stands for "absent", `undefined` for "not known here".
(function () {
  "use strict";
  const platform = this;
  const { freeze, RawMap, JP, JSs, host, isArray, okeys, hasOwn, prices, caps, run, refuse, misuse, pay, unmetered } = platform;
  const { copyIn, copyOut, fromWire, toWire, sizeOf, sortText } = platform;
  const ASK_ROW = 1, ASK_RANGE = 2;

  const tables = []; // by number, as the node counts them
  const byName = new RawMap();
  const touched = { call: [], block: [] }; // tables with rows in the overlays

  // ---- cache of committed rows: two generations; when the young one is full it becomes the old one
  const cache = { young: new RawMap(), old: new RawMap(), bytes: 0, bytesMax: 64 * 1024 * 1024 };
  function remember(id, row) {
    cache.young.set(id, row);
    cache.bytes += id.length + (row === null ? 16 : row.bytes + 100);
    if (cache.bytes > cache.bytesMax) { cache.old = cache.young; cache.young = new RawMap(); cache.bytes = 0; }
    return row;
  }
  function forgetAll() {
    cache.young = new RawMap();
    cache.old = new RawMap();
    cache.bytes = 0;
    for (let i = 0; i < tables.length; i++) tables[i].top = undefined;
  }
  // A row knows its size: it is asked for at every read and write.
  function measured(table, row) {
    let sum = 3;
    for (let i = 0; i < row.length; i++) sum += sizeOf(table.fields[i], row[i]);
    row.bytes = sum;
    return row;
  }

  // Bounds of amounts come as texts; `required` is the same type without the leave to be absent, for keys and bounds.
  function typeOf(spec) {
    const isAmount = spec.kind === "u";
    const type = { __proto__: null, ...spec, min: isAmount ? BigInt(spec.min) : spec.min, max: isAmount ? BigInt(spec.max) : spec.max };
    if (type.items) type.items = typeOf(type.items);
    type.required = { __proto__: null, ...type, optional: false };
    return type;
  }
  function defineTable(spec) {
    const number = tables.length;
    const positions = (names) => names.map((name) => spec.fields.findIndex((f) => f.name === name));
    const table = {
      __proto__: null, number, name: spec.name, fields: spec.fields.map((field) => ({ ...typeOf(field), path: spec.name + "." + field.name })), key: positions(spec.key), volatile: spec.volatile,
      indexes: spec.indexes.map((x) => ({ __proto__: null, name: x.name, unique: x.unique, columns: positions(x.fields) })),
      positions: new RawMap(), top: undefined, base: new RawMap(), call: new RawMap(), block: new RawMap(),
      callOrder: [], blockOrder: [], // of both overlays, by index, made by find.js when first needed
    };
    spec.fields.forEach((field, i) => { table.positions.set(field.name, i); });
    tables[number] = table;
    byName.set(spec.name, table);
  }
  function tableOf(name) {
    const table = typeof name === "string" && name[0] !== "$" ? byName.get(name) : undefined;
    return table === undefined ? misuse("no table " + (typeof name === "string" ? name.slice(0, 40) : typeof name)) : table;
  }

  // ---- keys
  function sortKey(table, columns, row) {
    let text = "";
    for (let i = 0; i < columns.length; i++) text += sortText(table.fields[columns[i]], row[columns[i]]);
    return text;
  }
  // The key a contract gives, as {id, wire}: a value, or an array for a composite key.
  function keyIn(table, key) {
    const n = table.key.length, values = [];
    if (n === 1) values[0] = key;
    else {
      if (!isArray(key) || key.length !== n) misuse(table.name + " has a key of " + n + " fields");
      for (let i = 0; i < n; i++) values[i] = key[i];
    }
    for (let i = 0; i < n; i++) values[i] = copyIn(table.fields[table.key[i]].required, values[i], "key of " + table.name);
    return keyOfValues(table, values);
  }
  function keyOfRow(table, row) {
    const values = [];
    for (let i = 0; i < table.key.length; i++) values[i] = row[table.key[i]];
    return keyOfValues(table, values);
  }
  function keyOfValues(table, values) {
    let id = "";
    const wire = [];
    for (let i = 0; i < values.length; i++) {
      const type = table.fields[table.key[i]];
      id += sortText(type, values[i]);
      wire[i] = toWire(type, values[i]);
    }
    return { id, wire };
  }

  // ---- reading
  function rowFromWire(table, wire) {
    if (wire === null) return null;
    const row = [];
    for (let i = 0; i < wire.length; i++) row[i] = fromWire(table.fields[i], wire[i]);
    return measured(table, row);
  }
  function rowToWire(table, row) {
    const wire = [];
    for (let i = 0; i < row.length; i++) wire[i] = toWire(table.fields[i], row[i]);
    return wire;
  }
  function ask(table, wire) { return rowFromWire(table, JP(host(ASK_ROW, JSs([table.number, wire])))); }
  function committed(table, id, wire) {
    // Rows that the node itself changes between and within blocks are known for one block only.
    if (table.volatile) {
      let row = table.base.get(id);
      if (row === undefined) table.base.set(id, row = unmetered(() => ask(table, wire)));
      return row;
    }
    const name = table.number + " " + id;
    let row = cache.young.get(name);
    if (row !== undefined) return row;
    row = cache.old.get(name);
    if (row !== undefined) return remember(name, row);
    // New rows mostly have the highest key so far: that they are absent needs no question.
    if (table.top !== undefined && id > table.top) return null;
    row = unmetered(() => ask(table, wire));
    if (row === null && table.top === undefined) table.top = unmetered(() => topOf(table));
    return remember(name, row);
  }
  // The highest committed key, or one above it: keys beyond are absent.
  function topOf(table) {
    const { rows } = JP(host(ASK_RANGE, JSs([table.number, -1, [], null, null, null, 1, true])));
    return rows.length === 0 ? "" : keyOfRow(table, rowFromWire(table, rows[0])).id;
  }
  function current(table, key) {
    let row = table.call.get(key.id);
    if (row === undefined) row = table.block.get(key.id);
    return row === undefined ? committed(table, key.id, key.wire) : row.values;
  }
  function countRead() { if (++run.reads > caps.callReads) refuse("LIMIT", { reads: caps.callReads }); }
  function read(table, key) {
    countRead();
    pay(prices.read);
    const row = current(table, key);
    if (row !== null) pay(prices.readByte * row.bytes);
    return row;
  }

  // ---- writing
  const hooks = { reorder: null }; // set by find.js
  function write(table, key, row) {
    if (run.readOnly) misuse("a query cannot write");
    const bytes = row === null ? 0 : measured(table, row).bytes;
    pay(prices.write + prices.writeByte * bytes);
    if (bytes > caps.rowBytes) refuse("LIMIT", { row_bytes: bytes, limit: caps.rowBytes });
    if (table.call.size === 0) touched.call[touched.call.length] = table;
    const before = table.call.get(key.id);
    if (before === undefined) { if (++run.rows > caps.callRows) refuse("LIMIT", { rows: caps.callRows }); } else run.rowBytes -= before.bytes;
    run.rowBytes += bytes;
    if (table.callOrder.length > 0) unmetered(() => { hooks.reorder(table, table.callOrder, key.id, before, row); });
    table.call.set(key.id, { wire: key.wire, values: row, bytes });
  }
  function clearCall(table) { table.call.clear(); table.callOrder = []; }
  function rollback() {
    for (let i = 0; i < touched.call.length; i++) clearCall(touched.call[i]);
    touched.call = [];
  }
  function commitCall() {
    for (let i = 0; i < touched.call.length; i++) {
      const table = touched.call[i];
      if (table.block.size === 0) touched.block[touched.block.length] = table;
      table.call.forEach((entry, id) => {
        if (table.blockOrder.length > 0) hooks.reorder(table, table.blockOrder, id, table.block.get(id), entry.values);
        table.block.set(id, entry);
      });
      clearCall(table);
    }
    touched.call = [];
  }
  // Rows of a volatile table that the node knows will be asked for.
  function present(table, wire) {
    const row = rowFromWire(table, wire);
    table.base.set(keyOfRow(table, row).id, row);
  }
  function blockWrites() {
    const out = [];
    for (let i = 0; i < touched.block.length; i++) {
      const table = touched.block[i];
      table.block.forEach((entry) => {
        out[out.length] = [table.number, entry.wire, entry.values === null ? null : rowToWire(table, entry.values)];
      });
    }
    return out;
  }
  // The block is forgotten; if it was committed, its rows are the cache's newest.
  function endBlock(isCommitted) {
    for (let i = 0; i < touched.block.length; i++) {
      const table = touched.block[i];
      if (isCommitted && !table.volatile) {
        table.block.forEach((entry, id) => {
          remember(table.number + " " + id, entry.values);
          if (entry.values !== null && table.top !== undefined && id > table.top) table.top = id;
        });
      }
      table.block.clear();
      table.blockOrder = [];
    }
    touched.block = [];
    for (let i = 0; i < tables.length; i++) if (tables[i].volatile) tables[i].base.clear();
  }

  // ---- between rows and a contract's objects
  function rowIn(table, object) {
    if (object === null || typeof object !== "object" || isArray(object)) misuse("a row of " + table.name + " must be an object");
    const names = okeys(object);
    pay(prices.field * names.length);
    const row = [];
    let found = 0;
    for (let i = 0; i < table.fields.length; i++) {
      const field = table.fields[i];
      const isGiven = hasOwn(object, field.name);
      if (isGiven) found++;
      row[i] = copyIn(field, isGiven ? object[field.name] : undefined, field.path);
    }
    if (found !== names.length) refuseUnknown(table, names);
    return row;
  }
  function refuseUnknown(table, names) {
    for (let i = 0; i < names.length; i++) {
      if (!table.positions.has(names[i])) misuse(table.name + " has no field " + unmetered(() => names[i].slice(0, 40)));
    }
    misuse("a row of " + table.name + " needs plain fields");
  }
  function rowOut(table, row) {
    if (row === null) return null;
    const object = {};
    for (let i = 0; i < row.length; i++) object[table.fields[i].name] = copyOut(row[i]);
    return object;
  }

  return freeze({
    __proto__: null, ...platform, tables, byName, cache, touched, hooks, defineTable, tableOf, sortKey, keyIn, keyOfValues, keyOfRow, read, current,
    countRead, write, rollback, commitCall, present, blockWrites, endBlock, rowIn, rowOut, rowFromWire, remember, forgetAll,
  });
})
