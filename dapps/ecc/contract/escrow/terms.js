"use strict";
// What the terms of an escrow must keep to, whoever opens it.

const { isAmount } = require("schema");
const { sum } = require("bignum");
const { now } = require("../clock");
const { demand } = require("../errors");

/** The parties differ, and the times fit each other and the limits of the chain. */
exports.demandTerms = (ctx, { payer, payee, accept_by, milestones }) => {
  demand(ctx, payer !== payee, "ARG", { payer, payee });
  const { silence_secs_min, deadline_secs_max } = ctx.params;
  // Keeps every sum of times exact, and catches milliseconds given for seconds.
  const latest = now(ctx) + deadline_secs_max;
  milestones.forEach(({ deliver_by, confirm_secs }, no) => {
    const isOrdered = accept_by <= deliver_by && deliver_by <= latest;
    demand(ctx, isOrdered, "ARG", { no, deliver_by, accept_by, latest });
    const isClear = silence_secs_min <= confirm_secs && confirm_secs <= deadline_secs_max;
    demand(ctx, isClear, "ARG", { no, confirm_secs, silence_secs_min, deadline_secs_max });
  });
};

/** The amount of the whole escrow: every part above 0, the sum an amount itself. */
exports.totalOf = (ctx, milestones) => {
  milestones.forEach(({ amount }, no) => demand(ctx, amount > 0n, "AMOUNT", { no, amount }));
  const total = sum(milestones.map(({ amount }) => amount));
  demand(ctx, isAmount(total), "AMOUNT", { total });
  return total;
};
