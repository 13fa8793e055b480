// Trusted. `this` is the platform; adds range reads. Three sources are merged in order: pages of committed rows from the node,
// rows of this block, rows of this call; each hides the older version of its row.
(function () {
  "use strict";
  const platform = this;
  const { freeze, RawMap, JP, JSs, host, isArray, prices, caps, run, misuse, refuse, pay, unmetered } = platform;
  const { copyIn, fromWire, toWire, sortText, tables, sortKey, keyOfRow, rowOut, rowFromWire, remember, countRead } = platform;
  const ASK_RANGE = 2;
  const PRIMARY = -1;
  const END = "\uffff"; // above every unit that a sort text has

  const pages = new RawMap(); // committed pages of this block, by the question

  // ---- rows of this call or block in the order of an index; made at the first find that needs it
  function columnsOf(table, index) { return index === PRIMARY ? [] : table.indexes[index].columns; }
  function isIndexed(columns, row) {
    for (let i = 0; i < columns.length; i++) if (row[columns[i]] === null) return false;
    return true;
  }
  function entryOf(table, index, id, row) {
    const columns = columnsOf(table, index);
    return row !== null && isIndexed(columns, row) ? { sort: sortKey(table, columns, row) + id, id, row } : null;
  }
  function positionIn(list, sort) {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].sort < sort) low = middle + 1; else high = middle;
    }
    return low;
  }
  const bySort = (a, b) => (a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : 0);
  function orderedBy(table, overlay, orders, index) {
    let list = orders[index + 1];
    if (list !== undefined) return list;
    list = [];
    overlay.forEach((stored, id) => {
      const entry = entryOf(table, index, id, stored.values);
      if (entry !== null) list[list.length] = entry;
    });
    list.sort(bySort);
    orders[index + 1] = list;
    return list;
  }
  // A row of an overlay is about to change: every order that was made follows. Nothing grows with the overlay's size but moving
  // list elements, which the engine does in bulk.
  platform.hooks.reorder = (table, orders, id, before, row) => {
    for (let index = PRIMARY; index < table.indexes.length; index++) {
      const list = orders[index + 1];
      if (list === undefined) continue;
      const gone = before === undefined ? null : entryOf(table, index, id, before.values);
      if (gone !== null) list.splice(positionIn(list, gone.sort), 1);
      const added = entryOf(table, index, id, row);
      if (added !== null) list.splice(positionIn(list, added.sort), 0, added);
    }
  };

  // ---- sources: each gives `head` (its next entry or null) and `next()`
  function listSource(list, low, high, reverse, isHidden) {
    let at = reverse ? positionIn(list, high) - 1 : positionIn(list, low);
    const source = { head: null, next };
    function next() {
      source.head = null;
      while (source.head === null && at >= 0 && at < list.length) {
        const entry = list[at];
        if (reverse ? entry.sort < low : entry.sort >= high) return;
        at += reverse ? -1 : 1;
        pay(prices.findEntry);
        if (!isHidden(entry.id)) source.head = entry;
      }
    }
    next();
    return source;
  }
  function committedSource(table, index, range, isHidden) {
    let page = { rows: [], done: false }, at = 0, after = range.after;
    const source = { head: null, next };
    function next() {
      source.head = null;
      while (source.head === null) {
        if (at === page.rows.length) {
          if (page.done) return;
          page = unmetered(() => ask(table, index, range, after));
          at = 0;
          continue;
        }
        const entry = page.rows[at++];
        after = entry.cursor;
        pay(prices.findEntry);
        if (!isHidden(entry.id)) source.head = entry;
      }
    }
    next();
    return source;
  }
  function ask(table, index, range, after) {
    const question = JSs([table.number, index, range.prefix, range.from, range.to, after, range.limit + 1, range.reverse]);
    const known = pages.get(question);
    if (known !== undefined) return known;
    const answer = JP(host(ASK_RANGE, question));
    const rows = answer.rows.map((wire) => {
      const row = rowFromWire(table, wire);
      const id = keyOfRow(table, row).id;
      remember(table.number + " " + id, row);
      return { ...entryOf(table, index, id, row), cursor: cursorOf(table, index, row) };
    });
    const page = { rows, done: answer.done };
    pages.set(question, page);
    return page;
  }

  // ---- the question
  // Columns that order an index: its fields, then the primary key.
  function orderOf(table, index) { return [...columnsOf(table, index), ...table.key]; }
  function cursorOf(table, index, row) { return orderOf(table, index).map((c) => toWire(table.fields[c], row[c])); }
  function readCursor(table, index, text) {
    if (typeof text !== "string" || text.length > 1024) misuse("after must be a cursor");
    const order = orderOf(table, index);
    const values = unmetered(() => { try { return JP(text); } catch { return null; } });
    if (!isArray(values) || values.length !== order.length) refuse("CURSOR");
    for (let i = 0; i < values.length; i++) {
      const type = table.fields[order[i]];
      const plain = typeof values[i] === "string" || typeof values[i] === "number" || typeof values[i] === "boolean";
      if (!plain || (type.kind === "u" && !isDecimal(values[i]))) refuse("CURSOR");
      copyIn(type.required, unmetered(() => fromCursor(type, values[i])), "after");
    }
    return values;
  }
  function isDecimal(x) {
    if (typeof x !== "string" || x.length === 0 || x.length > 19) return false;
    return unmetered(() => { for (let i = 0; i < x.length; i++) if (x[i] < "0" || x[i] > "9") return false; return true; });
  }
  function fromCursor(type, x) { return type.kind === "u" ? fromWire(type, x) : x; }
  function sortOfWire(table, columns, wire) {
    let text = "";
    for (let i = 0; i < wire.length; i++) text += sortText(table.fields[columns[i]], fromCursor(table.fields[columns[i]], wire[i]));
    return text;
  }
  function rangeIn(table, options) {
    const { index: name, prefix, from, to, after, limit, reverse } = options === undefined ? {} : options;
    const index = name === undefined ? PRIMARY : unmetered(() => table.indexes.findIndex((x) => x.name === name));
    if (name !== undefined && index < 0) misuse(table.name + " has no such index");
    const columns = index === PRIMARY ? table.key : columnsOf(table, index);
    const given = prefix === undefined ? [] : isArray(prefix) ? prefix : [prefix];
    if (given.length > columns.length) misuse("prefix has more values than the index has fields");
    const typeAt = (i) => {
      if (i >= columns.length) misuse("the index has no further field to bound");
      return table.fields[columns[i]].required;
    };
    const parts = [];
    for (let i = 0; i < given.length; i++) parts[i] = copyIn(typeAt(i), given[i], "prefix");
    const low = from === undefined ? undefined : copyIn(typeAt(parts.length), from, "from");
    const high = to === undefined ? undefined : copyIn(typeAt(parts.length), to, "to");
    const cap = limit === undefined ? 100 : limit;
    if (typeof cap !== "number" || !Number.isInteger(cap) || cap < 1 || cap > caps.findLimit) misuse("limit must be 1 to " + caps.findLimit);
    const cursor = after === undefined || after === null ? null : readCursor(table, index, after);
    return unmetered(() => boundsOf(table, index, columns, { parts, low, high, cursor, cap, reverse: reverse === true }));
  }
  function boundsOf(table, index, columns, q) {
    const next = table.fields[columns[q.parts.length]];
    const wireOf = (x) => (x === undefined ? null : toWire(next, x));
    const start = q.parts.reduce((text, x, i) => text + sortText(table.fields[columns[i]], x), "");
    const range = {
      index, limit: q.cap, reverse: q.reverse, after: q.cursor, prefix: q.parts.map((x, i) => toWire(table.fields[columns[i]], x)),
      from: wireOf(q.low), to: wireOf(q.high), low: start, high: start + END,
    };
    if (q.low !== undefined) range.low = start + sortText(next, q.low);
    if (q.high !== undefined) range.high = start + sortText(next, q.high);
    if (q.cursor !== null) {
      const at = sortOfWire(table, orderOf(table, index), q.cursor);
      if (q.reverse) { if (at < range.high) range.high = at; } else if (at + "\0" > range.low) range.low = at + "\0";
    }
    return range;
  }

  // ---- the merge
  function rowsIn(table, range, wanted) {
    countRead();
    pay(prices.find);
    const { index, low, high, reverse } = range;
    const inCall = (id) => table.call.has(id);
    const inBlock = (id) => table.block.has(id) || table.call.has(id);
    const own = unmetered(() => orderedBy(table, table.call, table.callOrder, index));
    const block = unmetered(() => orderedBy(table, table.block, table.blockOrder, index));
    const sources = [committedSource(table, index, range, inBlock), listSource(block, low, high, reverse, inCall),
      listSource(own, low, high, reverse, () => false)];
    const found = [];
    while (found.length < wanted) {
      let best = null;
      for (let i = 0; i < 3; i++) {
        const head = sources[i].head;
        if (head !== null && (best === null || (reverse ? head.sort > best.head.sort : head.sort < best.head.sort))) best = sources[i];
      }
      if (best === null) break;
      const row = best.head.row;
      pay(prices.readByte * row.bytes);
      found[found.length] = row;
      if (found.length < wanted) best.next();
    }
    return found;
  }

  function find(table, options) {
    const range = rangeIn(table, options);
    return rowsIn(table, range, range.limit).map((row) => rowOut(table, row));
  }
  function page(table, options) {
    const range = rangeIn(table, options);
    const rows = rowsIn(table, range, range.limit + 1);
    const hasMore = rows.length > range.limit;
    if (hasMore) rows.pop();
    const next = hasMore ? unmetered(() => JSs(cursorOf(table, range.index, rows[rows.length - 1]))) : null;
    return { data: rows.map((row) => rowOut(table, row)), has_more: hasMore, next_cursor: next };
  }
  // Whether another row than `id` has the same fields in a unique index.
  function isTaken(table, number, row, id) {
    const { columns } = table.indexes[number];
    if (!isIndexed(columns, row)) return false;
    const range = unmetered(() => boundsOf(table, number, columns, {
      parts: columns.map((c) => row[c]), low: undefined, high: undefined, cursor: null, cap: 2, reverse: false }));
    const found = rowsIn(table, range, 2);
    return unmetered(() => found.some((other) => keyOfRow(table, other).id !== id));
  }

  return freeze({ __proto__: null, ...platform, find, page, isTaken, forgetPages: () => { pages.clear(); }, tables, run });
})
