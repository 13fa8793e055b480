// Payments over ctx.assets.
// A transfer from the sender that skips 0.
exports.pay = (ctx, to, asset, amount) => {
  if (amount > 0n) ctx.assets.transfer({ to, asset, amount });
};
// Floor shares of an amount by weights (bigint or integer) that make up `total` (their sum by default); the first gets what
// rounding leaves.
exports.split = (amount, weights, total) => {
  let whole = 0n;
  for (let i = 0; i < weights.length; i++) whole += BigInt(weights[i]);
  if (total !== undefined) whole = BigInt(total);
  const shares = [];
  let given = 0n;
  for (let i = 0; i < weights.length; i++) {
    shares.push((amount * BigInt(weights[i])) / whole);
    given += shares[i];
  }
  shares[0] += amount - given;
  return shares;
};
