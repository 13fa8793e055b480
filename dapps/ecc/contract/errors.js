"use strict";
// The refusals of the DApp. Numbers never change meaning; docs/spec/14-ecc.md has the same table.

const CODES = {
  ARG: "ECC-01",
  NOT_FOUND: "ECC-02",
  ROLE: "ECC-03",
  STATE: "ECC-04",
  EARLY: "ECC-05",
  LATE: "ECC-06",
  FUNDS: "ECC-07",
  AMOUNT: "ECC-12",
  MISMATCH: "ECC-13",
  DUPLICATE: "ECC-19",
};

/** End the call with one of the codes above. */
const refuse = (ctx, name, values) => ctx.refuse(CODES[name], values);

/** Refuse unless `holds`. */
const demand = (ctx, holds, name, values) => {
  if (!holds) refuse(ctx, name, values);
};

module.exports = { refuse, demand };
