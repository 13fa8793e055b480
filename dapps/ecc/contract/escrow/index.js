"use strict";
// Escrow with milestones (ECC white paper, payment ecosystem). States:
//   escrow     QUOTED -fund-> FUNDED   OFFERED -accept-> FUNDED   QUOTED|OFFERED -withdraw-> WITHDRAWN
//              FUNDED -> CLOSED when every milestone is final
//   milestone  WAITING -deliver-> DELIVERED     WAITING|DELIVERED -confirm-> RELEASED, -refund-> REFUNDED
//              WAITING  -deliver_by passed-> REFUNDED
//              DELIVERED -confirm_by passed-> RELEASED | REFUNDED, as `silence` says
// Every path to CLOSED needs nobody's good will: after each deadline anyone may call expire.

const { open } = require("./open");
const { fund, accept, withdraw } = require("./answer");
const { deliver, confirm, refund } = require("./milestone");
const { expire } = require("./expire");

module.exports = { open, fund, accept, withdraw, deliver, confirm, refund, expire };
