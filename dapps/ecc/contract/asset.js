"use strict";
// Plain movements of units: to another account, or back to the main chain.

const { demand } = require("./errors");

exports.transfer = (ctx, { to, asset, amount, memo }) => {
  demand(ctx, to !== ctx.sender, "ARG", { to });
  demand(ctx, amount > 0n, "AMOUNT", { amount });
  const balance = ctx.assets.balance(ctx.sender, asset);
  demand(ctx, balance >= amount, "FUNDS", { balance, needed: amount });
  ctx.assets.transfer({ to, asset, amount });
  ctx.emit("Transferred", { from: ctx.sender, to, asset, amount, memo: memo === undefined ? "" : memo });
};

exports.withdraw = (ctx, { to, asset, amount, fee, memo }) => {
  demand(ctx, amount > 0n, "AMOUNT", { amount });
  const note = memo === undefined ? "" : memo;
  const seq = ctx.bridge.withdraw({ to, asset, amount, fee, memo: note });
  ctx.emit("Withdrawn", { from: ctx.sender, to, asset, amount, fee, seq });
};
