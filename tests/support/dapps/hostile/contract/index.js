function loop() {
  for (;;);
}

function memory() {
  const all = [];
  for (;;) all.push("x".repeat(100000) + all.length);
}

exports.methods = {
  loop: () => loop(),
  memory: () => memory(),
  recursion: () => (function again() { again(); })(),
  fs: () => require("fs").readFileSync("/etc/passwd"),
  outside: () => require("../../../../etc/passwd"),
  socket: () => require("net").connect(80, "127.0.0.1"),
  topLevel: () => require("./forever"),
  still: (ctx) => ctx.emit("Still", {}),
};

exports.queries = {
  loop: () => loop(),
  memory: () => memory(),
};
