"use strict";
// Finding and checking escrow rows, in the order every method keeps: exists, role, state, time.

const { now } = require("../clock");
const { demand } = require("../errors");

/** The escrow row, or NOT_FOUND. */
const getEscrow = (ctx, id) => {
  const escrow = ctx.db.get("escrows", id);
  demand(ctx, escrow !== null, "NOT_FOUND", { escrow: id });
  return escrow;
};

/** A milestone row with its escrow's, or NOT_FOUND. Numbers count from 0. */
const getMilestone = (ctx, id, no) => {
  const escrow = getEscrow(ctx, id);
  const milestone = ctx.db.get("milestones", [id, no]);
  demand(ctx, milestone !== null, "NOT_FOUND", { escrow: id, milestone: no });
  return { escrow, milestone };
};

/** The caller must be `account`. */
const demandCaller = (ctx, account) => {
  demand(ctx, ctx.sender === account, "ROLE", { caller: ctx.sender, needed: account });
};

/** A row must be in one of `states`. */
const demandState = (ctx, row, states) => {
  demand(ctx, states.includes(row.state), "STATE", { state: row.state });
};

/** A deadline, named for the refusal, must not have passed. */
const demandInTime = (ctx, name, deadline) => {
  const time = now(ctx);
  demand(ctx, time <= deadline, "LATE", { [name]: deadline, now: time });
};

/** What of a milestone is neither released nor refunded. */
const unreleased = (milestone) => milestone.amount - milestone.released - milestone.refunded;

module.exports = { getEscrow, getMilestone, demandCaller, demandState, demandInTime, unreleased };
