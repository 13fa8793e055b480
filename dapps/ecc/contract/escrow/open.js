"use strict";
// Opening: the payer offers and locks, or the payee quotes.

const { sum } = require("bignum");
const { now } = require("../clock");
const { demand } = require("../errors");

exports.open = (ctx, args) => {
  const { payer, payee, asset, milestones } = args;
  const isOffer = ctx.sender === payer;
  demand(ctx, isOffer || ctx.sender === payee, "ROLE", { caller: ctx.sender });
  demand(ctx, payer !== payee, "ARG", { payer, payee });
  demandTerms(ctx, args);

  const amount = sum(milestones.map((milestone) => milestone.amount));
  const id = ctx.nextId("escrow");
  const lock = isOffer ? lockAll(ctx, { asset, amount, id }) : null;
  ctx.db.insert("escrows", {
    id,
    payer,
    payee,
    opener: ctx.sender,
    asset,
    kind: args.kind,
    silence: args.silence,
    agreement_hash: args.agreement_hash,
    accept_by: args.accept_by,
    amount,
    held: isOffer ? amount : 0n,
    lock,
    milestones: milestones.length,
    open_milestones: milestones.length,
    state: isOffer ? "OFFERED" : "QUOTED",
    height: ctx.block.height,
    tx: ctx.tx.id,
  });
  milestones.forEach((milestone, no) => insertMilestone(ctx, id, no, milestone));
  ctx.emit("EscrowOpened", { id, payer, payee, asset, amount, state: isOffer ? "OFFERED" : "QUOTED" });
};

/** Lock the whole amount out of the caller's free balance; returns the lock's id. */
function lockAll(ctx, { asset, amount, id }) {
  const balance = ctx.assets.balance(ctx.sender, asset);
  demand(ctx, balance >= amount, "FUNDS", { balance, needed: amount });
  return ctx.assets.lock({ asset, amount, kind: "escrow", ref: id });
}

exports.lockAll = lockAll;

function demandTerms(ctx, { milestones, accept_by }) {
  const time = now(ctx);
  demand(ctx, accept_by >= time, "LATE", { accept_by, now: time });
  milestones.forEach(({ amount, deliver_by, confirm_secs }, no) => {
    demand(ctx, deliver_by >= accept_by, "LATE", { milestone: no, deliver_by, accept_by });
    demand(ctx, confirm_secs >= ctx.params.silence_secs_min, "ARG", { milestone: no, confirm_secs });
    demand(ctx, amount > 0n, "AMOUNT", { milestone: no, amount });
  });
}

function insertMilestone(ctx, id, no, { amount, deliver_by, confirm_secs, title_hash }) {
  ctx.db.insert("milestones", {
    escrow: id,
    no,
    amount,
    released: 0n,
    refunded: 0n,
    deliver_by,
    confirm_secs,
    confirm_by: null,
    title_hash: title_hash === undefined ? null : title_hash,
    proof_hash: null,
    state: "WAITING",
    height: ctx.block.height,
    tx: ctx.tx.id,
  });
}
