const bignum = require("bignum");

function bump(ctx, metric) {
  const key = [ctx.sender, metric];
  const row = ctx.db.get("stats", key);
  if (row === null) ctx.db.insert("stats", { owner: ctx.sender, metric, count: 1 });
  else ctx.db.update("stats", key, { count: row.count + 1 });
}

exports.methods = {
  "note.add"(ctx, { text, size }) {
    const id = ctx.nextId("notes");
    ctx.db.insert("notes", { id, owner: ctx.sender, size, text, tags: ["new"] });
    bump(ctx, "added");
    ctx.emit("NoteAdded", { id, size });
  },
  "note.edit"(ctx, { id, text, size }) {
    const changes = { tags: ["edited"] };
    if (text !== undefined) changes.text = text;
    if (size !== undefined) changes.size = size;
    ctx.emit("NoteEdited", ctx.db.update("notes", id, changes));
  },
  "note.drop"(ctx, { id }) {
    if (!ctx.db.delete("notes", id)) ctx.refuse("NOT_FOUND");
    bump(ctx, "dropped");
    ctx.emit("NoteDropped", { id, has: ctx.db.has("notes", id) });
  },
  "note.many"(ctx, { count, text }) {
    for (let i = 0; i < count; i++) ctx.db.insert("notes", { id: ctx.nextId("notes"), owner: ctx.sender, size: BigInt(i), text: text + i, tags: [] });
  },
  "note.sum"(ctx, { owner, from, limit }) {
    const rows = ctx.db.find("notes", { index: "by_owner", prefix: [owner], from, limit });
    const back = ctx.db.find("notes", { index: "by_owner", prefix: [owner], from, limit, reverse: true });
    for (const row of rows) row.tags[0] = "changed"; // copies: nobody else sees it
    ctx.emit("Summed", { sum: bignum.sum(rows.map((row) => row.size)), ids: rows.map((row) => row.id), back: back.map((row) => row.id) });
  },
};
