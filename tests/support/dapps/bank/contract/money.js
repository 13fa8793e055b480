exports.methods = {
  pay(ctx, { to, asset, amount, from }) {
    ctx.assets.transfer({ from, to, asset, amount });
    ctx.emit("Paid", { to, left: ctx.assets.balance(ctx.sender, asset) });
  },
  "lock.open"(ctx, { asset, amount }) {
    ctx.emit("Locked", { id: ctx.assets.lock({ asset, amount, kind: "test", ref: 7 }) });
  },
  "lock.pay"(ctx, { id, to, amount }) {
    ctx.emit("Released", { left: ctx.assets.release(id, amount, to), lock: ctx.assets.getLock(id) });
  },
  "lock.close"(ctx, { id }) {
    ctx.emit("Unlocked", { amount: ctx.assets.unlock(id) });
  },
  withdraw(ctx, { to, asset, amount, fee }) {
    ctx.emit("Sent", { seq: ctx.bridge.withdraw({ to, asset, amount, fee, memo: "out" }) });
  },
  "deposit.open"(ctx, { to, refuse }) {
    const { deposit } = ctx;
    if (refuse) ctx.refuse("NOT_WANTED");
    const id = ctx.assets.lock({ asset: deposit.asset, amount: deposit.amount, kind: "escrow", ref: "d", fallback: to });
    ctx.emit("Opened", { id, from: deposit.from, amount: deposit.amount, sender: ctx.sender, signers: ctx.signers });
  },
};
