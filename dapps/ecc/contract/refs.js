"use strict";
// Every method accepts `ref`: a retried click that was signed anew is refused instead of done twice.

const { refuse } = require("./errors");

/** Wrap a method so that one (caller, method, ref) is accepted once. */
exports.once = (method, run) => (ctx, args) => {
  if (args.ref !== undefined) {
    const key = [ctx.sender, method, args.ref];
    if (ctx.db.has("refs", key)) refuse(ctx, "DUPLICATE", { ref: args.ref });
    ctx.db.insert("refs", {
      caller: ctx.sender,
      method,
      ref: args.ref,
      height: ctx.block.height,
      tx: ctx.tx.id,
    });
  }
  run(ctx, args);
};
