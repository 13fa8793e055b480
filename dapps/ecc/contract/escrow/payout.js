"use strict";
// Paying out of an escrow's lock, and closing what is final. The only place that does either.

const { unreleased } = require("./records");

/**
 * Pay `amount` of a milestone to the payee ("released") or back to the payer ("refunded").
 * A milestone with nothing left is final; an escrow without open milestones is CLOSED.
 */
exports.payOut = (ctx, escrow, milestone, side, amount) => {
  const to = side === "released" ? escrow.payee : escrow.payer;
  ctx.assets.release(escrow.lock, amount, to);

  const left = unreleased(milestone) - amount;
  const isFinal = left === 0n;
  const changes = { [side]: milestone[side] + amount };
  if (isFinal) changes.state = side === "released" ? "RELEASED" : "REFUNDED";
  ctx.db.update("milestones", [escrow.id, milestone.no], changes);

  const open = escrow.open_milestones - (isFinal ? 1 : 0);
  const closing = open === 0 ? { state: "CLOSED", lock: null } : {};
  ctx.db.update("escrows", escrow.id, { held: escrow.held - amount, open_milestones: open, ...closing });
  return { to, left, state: open === 0 ? "CLOSED" : escrow.state };
};
