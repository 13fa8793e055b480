"use strict";
// The other party's answer to an offer or a quote, and taking it back.

const { now } = require("../clock");
const { demand } = require("../errors");
const { lockAll } = require("./funds");
const { demandCaller, demandInTime, demandState, getEscrow } = require("./records");

exports.fund = (ctx, { id, agreement_hash }) => {
  const escrow = getEscrow(ctx, id);
  demandCaller(ctx, escrow.payer);
  demandState(ctx, escrow, ["QUOTED"]);
  demandAgreement(ctx, escrow, agreement_hash);
  const { payer, payee, asset, amount } = escrow;
  const lock = lockAll(ctx, escrow);
  ctx.db.update("escrows", id, { state: "FUNDED", held: amount, lock });
  ctx.emit("EscrowFunded", { id, payer, payee, asset, amount });
};

exports.accept = (ctx, { id, agreement_hash }) => {
  const escrow = getEscrow(ctx, id);
  demandCaller(ctx, escrow.payee);
  demandState(ctx, escrow, ["OFFERED"]);
  demandAgreement(ctx, escrow, agreement_hash);
  const { payer, payee, asset, amount } = escrow;
  ctx.db.update("escrows", id, { state: "FUNDED" });
  ctx.emit("EscrowAccepted", { id, payer, payee, asset, amount });
};

exports.withdraw = (ctx, { id }) => {
  const escrow = getEscrow(ctx, id);
  const isOver = now(ctx) > escrow.accept_by;
  if (!isOver) demandCaller(ctx, escrow.opener);
  demandState(ctx, escrow, ["QUOTED", "OFFERED"]);
  if (escrow.lock !== null) ctx.assets.unlock(escrow.lock);
  ctx.db.update("escrows", id, { state: "WITHDRAWN", held: 0n, lock: null });
  ctx.emit("EscrowWithdrawn", { id, payer: escrow.payer, returned: escrow.held });
};

/** Both sides answer in time and mean the same document. */
function demandAgreement(ctx, escrow, agreement_hash) {
  demandInTime(ctx, "accept_by", escrow.accept_by);
  demand(ctx, agreement_hash === escrow.agreement_hash, "MISMATCH", { expected: escrow.agreement_hash });
}
