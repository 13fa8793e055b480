"use strict";
// Finding and checking escrow rows, in the order every method keeps: exists, role, state, time.

const { demand, refuse } = require("../errors");

/** The escrow row, or NOT_FOUND. */
exports.getEscrow = (ctx, id) => {
  const escrow = ctx.db.get("escrows", id);
  if (escrow === null) refuse(ctx, "NOT_FOUND", { escrow: id });
  return escrow;
};

/** The milestone row, or NOT_FOUND. */
exports.getMilestone = (ctx, id, no) => {
  const milestone = ctx.db.get("milestones", [id, no]);
  if (milestone === null) refuse(ctx, "NOT_FOUND", { escrow: id, milestone: no });
  return milestone;
};

/** The caller must be `account`. */
exports.demandCaller = (ctx, account) => {
  demand(ctx, ctx.sender === account, "ROLE", { caller: ctx.sender, needed: account });
};

/** A row must be in one of `states`. */
exports.demandState = (ctx, row, states) => {
  demand(ctx, states.includes(row.state), "STATE", { state: row.state });
};

/** What of a milestone is neither released nor refunded. */
exports.unreleased = (milestone) => milestone.amount - milestone.released - milestone.refunded;
