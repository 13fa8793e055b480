"use strict";
// Opening: the payer offers and locks, or the payee quotes.

const { demand } = require("../errors");
const { lockAll } = require("./funds");
const { demandInTime } = require("./records");
const { demandTerms, totalOf } = require("./terms");

exports.open = (ctx, args) => {
  const { payer, payee, asset, kind, silence, agreement_hash, accept_by, milestones } = args;
  const opener = ctx.sender;
  demandTerms(ctx, args);
  demand(ctx, opener === payer || opener === payee, "ROLE", { caller: opener });
  demandInTime(ctx, "accept_by", accept_by);
  const amount = totalOf(ctx, milestones);

  const id = ctx.nextId("escrow");
  const isOffer = opener === payer;
  const state = isOffer ? "OFFERED" : "QUOTED";
  const lock = isOffer ? lockAll(ctx, { id, asset, amount }) : null;
  ctx.db.insert("escrows", {
    id,
    payer,
    payee,
    opener,
    asset,
    kind,
    silence,
    agreement_hash,
    accept_by,
    amount,
    held: isOffer ? amount : 0n,
    lock,
    milestone_count: milestones.length,
    open_milestones: milestones.length,
    state,
    height: ctx.block.height,
    tx: ctx.tx.id,
  });
  milestones.forEach((milestone, no) => insertMilestone(ctx, id, no, milestone));
  ctx.emit("EscrowOpened", { id, payer, payee, asset, amount, state });
};

function insertMilestone(ctx, escrow, no, { amount, deliver_by, confirm_secs, title_hash }) {
  ctx.db.insert("milestones", {
    escrow,
    no,
    amount,
    released: 0n,
    refunded: 0n,
    deliver_by,
    confirm_secs,
    title_hash,
    state: "WAITING",
  });
}
