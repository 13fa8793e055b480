// Texts: lengths, hexadecimal, amounts as people write them.
exports.utf8Length = (s) => {
  let bytes = s.length;
  for (let i = 0; i < s.length; i++) {
    const unit = s.charCodeAt(i);
    if (unit < 128) continue;
    if (unit < 2048) bytes += 1;
    else { bytes += 2; if (unit >= 55296 && unit < 56320) i += 1; }
  }
  return bytes;
};
exports.isHex = (s, bytes) => {
  if (typeof s !== "string" || s.length !== 2 * bytes) return false;
  for (let i = 0; i < s.length; i++) if (!"0123456789abcdef".includes(s[i])) return false;
  return true;
};
// 1500000n with 6 decimals is "1.5".
exports.formatUnits = (amount, decimals) => {
  const digits = amount.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  let end = digits.length;
  while (end > whole.length && digits[end - 1] === "0") end -= 1;
  const fraction = digits.slice(whole.length, end);
  return fraction === "" ? whole : whole + "." + fraction;
};
// "1.5" with 6 decimals is 1500000n; null for what is no unsigned decimal of that precision.
exports.parseUnits = (s, decimals) => {
  const parts = s.split(".");
  const fraction = parts.length === 2 ? parts[1] : "";
  if (parts.length > 2 || (parts.length === 2 && fraction === "") || fraction.length > decimals || parts[0] === "") return null;
  const digits = parts[0] + fraction.padEnd(decimals, "0");
  for (let i = 0; i < digits.length; i++) if (!"0123456789".includes(digits[i])) return null;
  return digits.length > 30 ? null : BigInt(digits);
};
