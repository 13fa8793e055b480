"use strict";
// Read-only answers over HTTP: GET /api/v1/chains/ecc/queries/{name}.

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;

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
  if (escrow === null) return null;
  return { ...escrow, milestones: ctx.db.find("milestones", { prefix: id, limit: 20 }) };
};

exports.escrows = (ctx, { payer, payee, state, limit, cursor, order }) => {
  const page = { limit: Math.min(limit === undefined ? LIMIT_DEFAULT : limit, LIMIT_MAX) };
  if (cursor !== undefined) page.after = cursor;
  if (order === "desc") page.reverse = true;
  if (payer !== undefined) return ctx.db.page("escrows", { index: "by_payer", prefix: payer, ...page });
  if (payee !== undefined) return ctx.db.page("escrows", { index: "by_payee", prefix: payee, ...page });
  if (state !== undefined) return ctx.db.page("escrows", { index: "by_state", prefix: state, ...page });
  return ctx.db.page("escrows", page);
};
