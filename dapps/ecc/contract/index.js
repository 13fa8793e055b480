"use strict";
// ECC: what the chain can do. One file per concern; a new method is one line here and one in dapp.json.

const asset = require("./asset");
const escrow = require("./escrow");
const queries = require("./queries");
const { once } = require("./refs");

exports.methods = {
  transfer: once("transfer", asset.transfer),
  withdraw: once("withdraw", asset.withdraw),
  "escrow.open": once("escrow.open", escrow.open),
  "escrow.fund": once("escrow.fund", escrow.fund),
  "escrow.accept": once("escrow.accept", escrow.accept),
  "escrow.withdraw": once("escrow.withdraw", escrow.withdraw),
  "escrow.deliver": once("escrow.deliver", escrow.deliver),
  "escrow.confirm": once("escrow.confirm", escrow.confirm),
  "escrow.refund": once("escrow.refund", escrow.refund),
  "escrow.expire": once("escrow.expire", escrow.expire),
};

exports.queries = queries;
