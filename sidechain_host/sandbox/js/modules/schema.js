// Checks of a contract's own values. Arguments and rows are checked by the host already.
const TOP = 9223372036854775807n;
const text = require("text");
exports.isAmount = (x) => typeof x === "bigint" && x >= 0n && x <= TOP;
exports.isId = (x) => typeof x === "number" && Number.isSafeInteger(x) && x >= 1;
exports.isHash = (x) => text.isHex(x, 32);
// Its shape only: the checksum is checked where the host takes it.
exports.isAccount = (x) => typeof x === "string" && x.length === 34;
const CHECKS = {
  u: exports.isAmount, id: exports.isId, hash: exports.isHash, account: exports.isAccount,
  int: (x) => typeof x === "number" && Number.isSafeInteger(x) && x >= 0,
  bool: (x) => typeof x === "boolean", text: (x) => typeof x === "string",
};
function misfit(value, shape, path) {
  if (typeof shape === "string") {
    const optional = shape.endsWith("?"), kind = optional ? shape.slice(0, -1) : shape;
    if (value === undefined || value === null) return optional ? null : path;
    return Object.hasOwn(CHECKS, kind) && CHECKS[kind](value) ? null : path;
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return path;
    for (let i = 0; i < value.length; i++) {
      const wrong = misfit(value[i], shape[0], path + "[" + i + "]");
      if (wrong !== null) return wrong;
    }
    return null;
  }
  if (value === null || typeof value !== "object") return path;
  for (const name of Object.keys(shape)) {
    const wrong = misfit(value[name], shape[name], path === "" ? name : path + "." + name);
    if (wrong !== null) return wrong;
  }
  return null;
}
// `shape`: a type name ("u", "text?"), [shape] for lists, {name: shape} for objects. Null, or the path of the first misfit.
exports.check = (value, shape) => misfit(value, shape, "");
