"use strict";
// Time is block time in whole seconds; "in time" means now <= deadline.

exports.now = (ctx) => Math.floor(ctx.block.timeMs / 1000);
