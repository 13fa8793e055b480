function loop() {
  for (;;);
}

function memory() {
  const all = [];
  // two bytes a character, which cost as much gas as one
  const long = "\u4e00".repeat(100000);
  for (let i = 0; ; i++) all.push(long.slice(i % 1000, 60000) + i);
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
