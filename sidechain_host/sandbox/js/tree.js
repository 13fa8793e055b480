// Trusted, compiler process. `this` is {table, checkShape}; adds `tree`: makers of syntax tree nodes (ESTree), and questions
// about literals. Literals are printed from their value, never as they stood in the source.
(function () {
  "use strict";
  const id = (name) => ({ type: "Identifier", name });
  const literal = (value) => ({ type: "Literal", value, raw: rawOf(value) });
  const statement = (expression) => ({ type: "ExpressionStatement", expression });
  const call = (name, ...args) => ({ type: "CallExpression", callee: id(name), arguments: args, optional: false });
  const sequence = (...expressions) => ({ type: "SequenceExpression", expressions });
  const assign = (left, right) => ({ type: "AssignmentExpression", operator: "=", left, right });
  const binary = (operator, left, right) => ({ type: "BinaryExpression", operator, left, right });
  const and = (left, right) => ({ type: "LogicalExpression", operator: "&&", left, right });
  const unary = (operator, argument) => ({ type: "UnaryExpression", operator, prefix: true, argument });
  const choose = (test, consequent, alternate) => ({ type: "ConditionalExpression", test, consequent, alternate });
  const block = (body) => ({ type: "BlockStatement", body });
  const declare = (kind, name, init) => ({ type: "VariableDeclaration", kind, declarations: [{ type: "VariableDeclarator", id: id(name), init }] });
  const isTypeOf = (x, type) => binary("===", unary("typeof", x), literal(type));

  function rawOf(value) {
    switch (typeof value) {
      case "string": return JSON.stringify(value);
      case "bigint": return `${value}n`;
      case "number": return value === Infinity ? "1e999" : String(value);
      default: return String(value);
    }
  }
  const isNumberLiteral = (n) => (n.type === "Literal" && typeof n.value === "number") || (n.type === "UnaryExpression" && n.operator === "-" && isNumberLiteral(n.argument));
  const isLiteral = (n) => n.type === "Literal" || isNumberLiteral(n);
  const isStringLiteral = (n) => n.type === "Literal" && typeof n.value === "string";

  return { ...this, tree: { id, literal, statement, call, sequence, assign, binary, and, unary, choose, block, declare, isTypeOf, isNumberLiteral, isLiteral, isStringLiteral } };
})
