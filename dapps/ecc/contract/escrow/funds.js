"use strict";
// The units of an escrow: into its lock, out of it, and closing what is final. Nothing else moves them.

const { demandFunds } = require("../asset");
const { unreleased } = require("./records");

/** Lock the whole amount out of the caller's free units; returns the lock's id. */
exports.lockAll = (ctx, { id, asset, amount }) => {
  demandFunds(ctx, asset, amount);
  return ctx.assets.lock({ asset, amount, kind: "escrow", ref: id });
};

/**
 * Pay `amount` of a milestone to the payee ("released") or back to the payer ("refunded").
 * A milestone with nothing left is final; an escrow without open milestones is CLOSED.
 * Returns, for the event: who was paid, what of the milestone is left, the escrow's state.
 */
exports.payOut = (ctx, escrow, milestone, side, amount) => {
  const to = side === "released" ? escrow.payee : escrow.payer;
  ctx.assets.release(escrow.lock, amount, to);

  const left = unreleased(milestone) - amount;
  const isFinal = left === 0n;
  const paid = { [side]: milestone[side] + amount };
  if (isFinal) paid.state = side === "released" ? "RELEASED" : "REFUNDED";
  ctx.db.update("milestones", [escrow.id, milestone.no], paid);

  const open_milestones = escrow.open_milestones - (isFinal ? 1 : 0);
  const rest = { held: escrow.held - amount, open_milestones };
  if (open_milestones === 0) Object.assign(rest, { state: "CLOSED", lock: null });
  const { state } = ctx.db.update("escrows", escrow.id, rest);
  return { to, left, state };
};
