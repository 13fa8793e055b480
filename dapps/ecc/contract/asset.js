"use strict";
// Plain movements of units: to another account, or home to the main chain.

const { demand } = require("./errors");

/** Refuse unless the caller holds `needed` free units. */
const demandFunds = (ctx, asset, needed) => {
  const balance = ctx.assets.balance(ctx.sender, asset);
  demand(ctx, balance >= needed, "FUNDS", { asset, balance, needed });
};

exports.demandFunds = demandFunds;

exports.transfer = (ctx, { to, asset, amount, memo }) => {
  demand(ctx, to !== ctx.sender, "ARG", { to });
  demand(ctx, amount > 0n, "AMOUNT", { amount });
  demandFunds(ctx, asset, amount);
  ctx.assets.transfer({ to, asset, amount });
  ctx.emit("Transferred", { from: ctx.sender, to, asset, amount, memo: memo ?? "" });
};

/** What the bridge itself asks for (its fee, the asset, being open) is refused with the host's codes. */
exports.withdraw = (ctx, { to, asset, amount, fee, memo }) => {
  demand(ctx, amount > 0n && fee > 0n, "AMOUNT", { amount, fee });
  const isFeeAsset = asset === "ACC";
  demandFunds(ctx, "ACC", isFeeAsset ? amount + fee : fee);
  if (!isFeeAsset) demandFunds(ctx, asset, amount);
  const seq = ctx.bridge.withdraw({ to, asset, amount, fee, memo: memo ?? "" });
  ctx.emit("Withdrawn", { from: ctx.sender, to, asset, amount, fee, seq });
};
