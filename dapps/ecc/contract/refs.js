"use strict";
// Every method accepts `ref`: a retried click that was signed anew is refused instead of done twice.
// A refused call leaves nothing behind, so its ref stays free.

const { demand } = require("./errors");

/** Wrap every method so that one (caller, method, ref) is accepted once; the check comes first. */
exports.acceptRefs = (methods) => {
  const wrapped = {};
  for (const name of Object.keys(methods)) {
    wrapped[name] = (ctx, args) => {
      if (args.ref !== undefined) take(ctx, name, args.ref);
      methods[name](ctx, args);
    };
  }
  return wrapped;
};

function take(ctx, method, ref) {
  const caller = ctx.sender;
  demand(ctx, !ctx.db.has("refs", [caller, method, ref]), "DUPLICATE", { ref });
  ctx.db.insert("refs", { caller, method, ref, height: ctx.block.height, tx: ctx.tx.id });
}
