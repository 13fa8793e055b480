"use strict";
// Time passing: anyone may end a milestone whose deadline is over.

const { now } = require("../clock");
const { demand } = require("../errors");
const { payOut } = require("./funds");
const { demandState, getMilestone, unreleased } = require("./records");

exports.expire = (ctx, { id, no }) => {
  const { escrow, milestone } = getMilestone(ctx, id, no);
  demandState(ctx, escrow, ["FUNDED"]);
  demandState(ctx, milestone, ["WAITING", "DELIVERED"]);
  const isDelivered = milestone.state === "DELIVERED";
  const deadline = isDelivered ? milestone.confirm_by : milestone.deliver_by;
  const time = now(ctx);
  demand(ctx, time > deadline, "EARLY", { deadline, now: time });
  // Undelivered is the payee's fault; after delivery the parties agreed what silence means.
  const side = isDelivered && escrow.silence === "release" ? "released" : "refunded";
  const amount = unreleased(milestone);
  const paid = payOut(ctx, escrow, milestone, side, amount);
  ctx.emit("EscrowExpired", { id, no, amount, ...paid });
};
