const notes = require("./notes");
const money = require("./money.js");

let calls = 0; // must never be seen by another call

exports.methods = {
  ...notes.methods,
  ...money.methods,
  fail(ctx, { how }) {
    ctx.db.put("stats", { owner: ctx.sender, metric: "added", count: 99 });
    ctx.emit("Lost", {});
    if (how === "refuse") ctx.refuse("NOPE", { limit: 3n, text: "no" });
    if (how === "pretend") ctx.refuse("BLOCK_LIMIT");
    if (how === "throw") throw new Error("broken");
    if (how === "gas") for (;;);
    if (how === "deep") (function f() { f(); })();
    if (how === "catch") { try { ctx.refuse("CAUGHT"); } catch (e) { ctx.emit("Caught", {}); } finally { ctx.emit("Finally", {}); } }
    if (how === "module") require("fs");
    if (how === "path") require("../../../etc/passwd");
    if (how === "global") globalThis.x = 1;
    if (how === "type") ctx.db.put("stats", { owner: "nobody", metric: "added", count: 1 });
    if (how === "field") ctx.db.put("stats", { owner: ctx.sender, metric: "added", count: 1, extra: 1 });
    if (how === "table") ctx.db.get("$balances", [ctx.sender, "ACC"]);
    if (how === "float") ctx.emit("Float", { x: 1.5 });
    if (how === "memory") { const all = []; for (;;) all.push("x".repeat(200000) + all.length); }
    if (how === "rows") for (let i = 0; ; i++) ctx.db.put("notes", { id: i + 1, owner: ctx.sender, size: 1n, text: "t" + i, tags: [] });
  },
  count(ctx) {
    calls++;
    ctx.emit("Counted", { calls, frozen: Object.isFrozen(ctx) && Object.isFrozen(ctx.params.nested.words), params: ctx.params });
  },
};

exports.queries = {
  notes: (ctx, { owner, limit, after }) => ctx.db.page("notes", owner === undefined ? { limit, after } : { index: "by_owner", prefix: owner, limit, after }),
  note: (ctx, { id }) => ctx.db.get("notes", id) ?? ctx.refuse("NOT_FOUND"),
  held: (ctx, { account, asset }) => ({ free: ctx.assets.balance(account, asset), height: ctx.block.height, writes: typeof ctx.db.put }),
};
