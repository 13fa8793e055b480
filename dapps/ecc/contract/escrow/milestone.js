"use strict";
// What the two parties do with a milestone of a funded escrow.

const { now } = require("../clock");
const { demand } = require("../errors");
const { payOut } = require("./funds");
const { demandCaller, demandInTime, demandState, getMilestone, unreleased } = require("./records");

exports.deliver = (ctx, { id, no, proof_hash }) => {
  const { escrow, milestone } = getMilestone(ctx, id, no);
  demandCaller(ctx, escrow.payee);
  demandState(ctx, escrow, ["FUNDED"]);
  demandState(ctx, milestone, ["WAITING"]);
  demandInTime(ctx, "deliver_by", milestone.deliver_by);
  const confirm_by = now(ctx) + milestone.confirm_secs;
  ctx.db.update("milestones", [id, no], { state: "DELIVERED", proof_hash, confirm_by });
  ctx.emit("EscrowDelivered", { id, no, proof_hash, confirm_by });
};

exports.confirm = (ctx, { id, no, amount }) => {
  const { escrow, milestone } = getMilestone(ctx, id, no);
  demandPayable(ctx, escrow, milestone, escrow.payer, amount);
  const paid = payOut(ctx, escrow, milestone, "released", amount);
  ctx.emit("EscrowConfirmed", { id, no, amount, ...paid });
};

exports.refund = (ctx, { id, no, amount }) => {
  const { escrow, milestone } = getMilestone(ctx, id, no);
  demandPayable(ctx, escrow, milestone, escrow.payee, amount);
  const paid = payOut(ctx, escrow, milestone, "refunded", amount);
  ctx.emit("EscrowRefunded", { id, no, amount, ...paid });
};

function demandPayable(ctx, escrow, milestone, caller, amount) {
  demandCaller(ctx, caller);
  demandState(ctx, escrow, ["FUNDED"]);
  demandState(ctx, milestone, ["WAITING", "DELIVERED"]);
  const left = unreleased(milestone);
  demand(ctx, amount > 0n && amount <= left, "AMOUNT", { amount, unreleased: left });
}
