"use strict";
// The other party's answer to an offer or a quote, and taking it back.

const { now } = require("../clock");
const { demand } = require("../errors");
const { lockAll } = require("./open");
const { demandCaller, demandState, getEscrow } = require("./records");

/** Both sides must mean the same document, and answer in time. */
function demandAgreement(ctx, escrow, agreement_hash) {
  const time = now(ctx);
  demand(ctx, time <= escrow.accept_by, "LATE", { accept_by: escrow.accept_by, now: time });
  demand(ctx, agreement_hash === escrow.agreement_hash, "MISMATCH", { expected: escrow.agreement_hash });
}

exports.fund = (ctx, { id, agreement_hash }) => {
  const escrow = getEscrow(ctx, id);
  demandCaller(ctx, escrow.payer);
  demandState(ctx, escrow, ["QUOTED"]);
  demandAgreement(ctx, escrow, agreement_hash);
  const { asset, amount } = escrow;
  const lock = lockAll(ctx, { asset, amount, id });
  ctx.db.update("escrows", id, { state: "FUNDED", held: amount, lock });
  ctx.emit("EscrowFunded", { id, payer: escrow.payer, payee: escrow.payee, asset, amount });
};

exports.accept = (ctx, { id, agreement_hash }) => {
  const escrow = getEscrow(ctx, id);
  demandCaller(ctx, escrow.payee);
  demandState(ctx, escrow, ["OFFERED"]);
  demandAgreement(ctx, escrow, agreement_hash);
  ctx.db.update("escrows", id, { state: "FUNDED" });
  ctx.emit("EscrowAccepted", { id, payer: escrow.payer, payee: escrow.payee });
};

exports.withdraw = (ctx, { id }) => {
  const escrow = getEscrow(ctx, id);
  const isOver = now(ctx) > escrow.accept_by;
  if (!isOver) demandCaller(ctx, escrow.opener);
  demandState(ctx, escrow, ["QUOTED", "OFFERED"]);
  if (escrow.lock !== null) ctx.assets.unlock(escrow.lock);
  ctx.db.update("escrows", id, { state: "WITHDRAWN", held: 0n, lock: null });
  ctx.emit("EscrowWithdrawn", { id, returned: escrow.held });
};
