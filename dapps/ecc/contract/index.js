"use strict";
// ECC: what the chain can do. One file per concern; a new method is one line here and one entry in dapp.json.

const asset = require("./asset");
const escrow = require("./escrow");
const queries = require("./queries");
const { acceptRefs } = require("./refs");

exports.methods = acceptRefs({
  transfer: asset.transfer,
  withdraw: asset.withdraw,
  "escrow.open": escrow.open,
  "escrow.fund": escrow.fund,
  "escrow.accept": escrow.accept,
  "escrow.withdraw": escrow.withdraw,
  "escrow.deliver": escrow.deliver,
  "escrow.confirm": escrow.confirm,
  "escrow.refund": escrow.refund,
  "escrow.expire": escrow.expire,
});

exports.queries = queries;
