// Arithmetic on amounts (bigint), rounding always named.
function amount(x) { if (typeof x !== "bigint") throw new TypeError("bigint required"); return x; }
function floorDiv(a, b) {
  if (b <= 0n || a < 0n) throw new RangeError("mulDiv takes unsigned amounts and a divisor above 0");
  return a / b;
}
exports.min = (a, b) => (amount(a) < amount(b) ? a : b);
exports.max = (a, b) => (amount(a) > amount(b) ? a : b);
// a * b / c, rounded down, or up.
exports.mulDivFloor = (a, b, c) => floorDiv(amount(a) * amount(b), amount(c));
exports.mulDivCeil = (a, b, c) => floorDiv(amount(a) * amount(b) + amount(c) - 1n, c);
// n basis points of an amount, rounded down.
exports.bps = (a, n) => floorDiv(amount(a) * BigInt(n), 10000n);
exports.sum = (list) => {
  let total = 0n;
  for (let i = 0; i < list.length; i++) total += amount(list[i]);
  return total;
};
