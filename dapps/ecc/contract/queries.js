"use strict";
// Read-only answers over HTTP: GET /api/v1/chains/ecc/queries/{name}.

const { demand } = require("./errors");

const LIMIT_DEFAULT = 20;

exports.info = (ctx) => ({ chain: ctx.chain, params: ctx.params });

exports.account = (ctx, { address }) => ({
  address,
  balances: {
    ACC: ctx.assets.balance(address, "ACC"),
    ECC: ctx.assets.balance(address, "ECC"),
  },
});

exports.escrow = (ctx, { id }) => {
  const escrow = ctx.db.get("escrows", id);
  // The host's own word, which the API answers with 404.
  if (escrow === null) ctx.refuse("NOT_FOUND", { escrow: id });
  return { ...escrow, milestones: ctx.db.find("milestones", { prefix: id }) };
};

exports.escrows = (ctx, { payer, payee, state, limit, cursor, order }) => {
  const filters = Object.entries({ payer, payee, state }).filter(([, value]) => value !== undefined);
  demand(ctx, filters.length <= 1, "ARG", { one_of: "payer, payee, state" });
  const range = { after: cursor, limit: limit ?? LIMIT_DEFAULT, reverse: order === "desc" };
  if (filters.length === 0) return ctx.db.page("escrows", range);
  const [field, value] = filters[0];
  return ctx.db.page("escrows", { index: "by_" + field, prefix: value, ...range });
};
