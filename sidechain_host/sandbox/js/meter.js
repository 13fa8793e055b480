// Trusted, compiler process. `this` is {table, checkShape, tree}; gives {table, checkShape, meter}. Rewrites a checked syntax tree so
// that it pays for what it does. The tree is rebuilt, never the text, so the parser and V8 cannot read it differently.
//
// What the generated code looks like:
//   ($$g -= 12) < 0 && $$x();          every basic block pays before it runs; $$g is a closure variable of the package's factory
//   ++$$d > 512 && $$s();              every function counts its depth; `return` counts back
//   typeof ($$a1 = a) === "number" && ... ? $$a1 * $$a2 : $$mul($$a1, $$a2)      numbers go straight, the rest pays by size
//   catch ($$e) { $$d = $$q; $$c($$e, ...); ... }     a dead run is thrown on; the depth is what it was on entry ($$q)
// A block pays for all its expressions, also those behind && or ?:, and a loop's test is paid on entry and per round.
(function () {
  "use strict";
  const { table, checkShape } = this;
  const { prices: P, limits, operators: OPERATORS } = table;
  const FAST_HELPER = { "+": "$$add", "-": "$$sub", "*": "$$mul", "/": "$$div", "%": "$$mod", "<": "$$lt", ">": "$$gt", "<=": "$$le", ">=": "$$ge" };

  const { id, literal, statement, call, sequence, assign, binary, and, unary, choose, block, declare, isTypeOf, isNumberLiteral, isLiteral, isStringLiteral } = this.tree;
  const countBack = () => ({ type: "UpdateExpression", operator: "--", prefix: false, argument: id("$$d") });
  const payExpression = (n) => and(binary("<", { ...assign(id("$$g"), literal(n)), operator: "-=" }, literal(0)), call("$$x"));
  const pay = (n) => statement(payExpression(n));
  const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

  function meter(program) {
    let cost = { n: 0 }; // of the basic block being rewritten
    let frame = { inUse: 0, temporaries: 0, tried: false, result: false }; // of the function being rewritten

    // ---- temporaries: a stack, so that what an outer expression still needs is never reused by an inner one
    function temporary() {
      frame.inUse++;
      frame.temporaries = Math.max(frame.temporaries, frame.inUse);
      return `$$a${frame.inUse}`;
    }
    function release(count) { frame.inUse -= count; }
    function withTemporaries(count, build) {
      const names = Array.from({ length: count }, temporary);
      const result = build(...names);
      release(count);
      return result;
    }

    // ---- statements
    function measured(build) {
      const outer = cost;
      cost = { n: 0 };
      const result = build();
      const n = cost.n;
      cost = outer;
      return [result, n];
    }
    function paidBody(node, extra = 0) {
      const [body, n] = measured(() => (node.type === "BlockStatement" ? node.body : [node]).map(rewrite));
      return block([pay(n + extra + P.statement), ...body]);
    }

    function rewrite(s) {
      cost.n += P.statement;
      switch (s.type) {
        case "ExpressionStatement": return statement(s.expression.type === "UpdateExpression" ? update(s.expression, false) : expression(s.expression));
        case "VariableDeclaration": return declaration(s);
        case "ReturnStatement": return returning(s);
        case "IfStatement": return { ...s, test: expression(s.test), consequent: paidBody(s.consequent), alternate: s.alternate && paidBody(s.alternate) };
        case "ForStatement": return forLoop(s);
        case "WhileStatement": case "DoWhileStatement": return whileLoop(s);
        case "ForInStatement": return { ...s, type: "ForOfStatement", await: false, left: loopLeft(s.left), right: call("$$keys", expression(s.right)), body: paidBody(s.body, P.forOfStep) };
        case "ForOfStatement": return { ...s, left: loopLeft(s.left), right: expression(s.right), body: paidBody(s.body, P.forOfStep) };
        case "BlockStatement": return block(s.body.map(rewrite));
        case "TryStatement": return attempt(s);
        case "ThrowStatement": return { ...s, argument: expression(s.argument) };
        case "SwitchStatement": return { ...s, discriminant: expression(s.discriminant), cases: s.cases.map(switchCase) };
        case "FunctionDeclaration": return functionNode(s);
        case "ClassDeclaration": return classNode(s);
        case "LabeledStatement": return { ...s, body: rewrite(s.body) };
        default: return s; // break, continue, empty
      }
    }
    function declaration(s) {
      return { ...s, declarations: s.declarations.map((d) => {
        cost.n += P.expression;
        return { ...d, id: pattern(d.id), init: d.init && expression(d.init) };
      }) };
    }
    function loopLeft(left) { return left.type === "VariableDeclaration" ? declaration(left) : pattern(left); }
    function forLoop(s) {
      const init = s.init && (s.init.type === "VariableDeclaration" ? declaration(s.init) : expression(s.init));
      const [[test, step], n] = measured(() => [
        s.test && expression(s.test),
        s.update && (s.update.type === "UpdateExpression" ? update(s.update, false) : expression(s.update)),
      ]);
      cost.n += n;
      return { ...s, init, test, update: step, body: paidBody(s.body, n) };
    }
    function whileLoop(s) {
      const [test, n] = measured(() => expression(s.test));
      cost.n += n;
      return { ...s, test, body: paidBody(s.body, n) };
    }
    function switchCase(c) {
      const test = c.test && expression(c.test);
      const [body, n] = measured(() => c.consequent.map(rewrite));
      return { ...c, test, consequent: [pay(n + P.statement), ...body] };
    }
    function returning(s) {
      if (s.argument === null) return block([statement(countBack()), { ...s }]);
      const value = expression(s.argument);
      if (value.type === "Literal" || value.type === "Identifier") return { ...s, argument: sequence(countBack(), value) };
      frame.result = true;
      return { ...s, argument: sequence(assign(id("$$r"), value), countBack(), id("$$r")) };
    }
    function attempt(s) {
      frame.tried = true;
      return { ...s, block: block(s.block.body.map(rewrite)), handler: s.handler && handler(s.handler), finalizer: s.finalizer && finalizer(s.finalizer) };
    }
    function handler(h) {
      const [[bound, body], n] = measured(() => [h.param && pattern(h.param), h.body.body.map(rewrite)]);
      return { ...h, param: id("$$e"), body: block([
        statement(assign(id("$$d"), id("$$q"))),
        statement(call("$$c", id("$$e"), literal(P.caught), id("$$ct"))),
        pay(n + P.statement),
        ...(bound ? [{ type: "VariableDeclaration", kind: "let", declarations: [{ type: "VariableDeclarator", id: bound, init: id("$$e") }] }] : []),
        block(body),
      ]) };
    }
    // On an error the depth is still the thrower's, on `return` already the caller's; both are put back afterwards.
    function finalizer(f) {
      const [body, n] = measured(() => f.body.map(rewrite));
      return block([declare("const", "$$f", id("$$d")), statement(assign(id("$$d"), id("$$q"))), pay(n + P.statement), block(body), statement(assign(id("$$d"), id("$$f")))]);
    }

    // ---- functions and classes
    function functionNode(f) {
      cost.n += P.closure;
      const outerFrame = frame, outerCost = cost;
      frame = { inUse: 0, temporaries: 0, tried: false, result: false };
      cost = { n: P.functionEntry };
      const params = f.params.map(pattern);
      const statements = f.body.type === "BlockStatement" ? f.body.body.filter((s) => s.directive === undefined) : [{ type: "ReturnStatement", argument: f.body, loc: f.body.loc }];
      const body = functionBody(statements.map(rewrite));
      frame = outerFrame;
      cost = outerCost;
      return { ...f, params, body, expression: false };
    }
    function functionBody(statements) {
      const names = Array.from({ length: frame.temporaries }, (_, i) => `$$a${i + 1}`);
      if (frame.result) names.push("$$r");
      const last = statements[statements.length - 1];
      return block([
        pay(cost.n),
        statement(and(binary(">", { type: "UpdateExpression", operator: "++", prefix: true, argument: id("$$d") }, literal(limits.depth)), call("$$s"))),
        ...(names.length ? [{ type: "VariableDeclaration", kind: "let", declarations: names.map((name) => ({ type: "VariableDeclarator", id: id(name), init: null })) }] : []),
        ...(frame.tried ? [declare("const", "$$q", id("$$d"))] : []),
        ...statements,
        ...(last && last.type === "ReturnStatement" ? [] : [statement(countBack())]),
      ]);
    }
    function classNode(c) {
      cost.n += P.classBase + P.classMember * c.body.body.length;
      const superClass = c.superClass && call("$$ext", expression(c.superClass));
      return { ...c, superClass, body: { ...c.body, body: c.body.body.map(classMember) } };
    }
    function classMember(m) {
      const key = m.computed ? readKey(expression(m.key)) : normalKey(m.key);
      if (m.type === "MethodDefinition") return { ...m, key, value: functionNode(m.value) };
      const [value, n] = measured(() => (m.value ? expression(m.value) : unary("void", literal(0))));
      // An instance field is evaluated by every construction, so it pays by itself.
      return { ...m, key, value: sequence(payExpression(n + P.expression), value) };
    }

    // ---- targets
    function pattern(p) {
      cost.n += P.expression;
      switch (p.type) {
        case "MemberExpression": return member(p, (m) => m);
        case "ObjectPattern": return { ...p, properties: p.properties.map((q) => ({ ...q, key: q.computed ? readKey(expression(q.key)) : normalKey(q.key), value: pattern(q.value), shorthand: false })) };
        case "ArrayPattern": return { ...p, elements: p.elements.map((x) => x && pattern(x)) };
        case "AssignmentPattern": return { ...p, left: pattern(p.left), right: expression(p.right) };
        case "RestElement": cost.n += P.spread; return { ...p, argument: pattern(p.argument) };
        default: return p;
      }
    }
    function normalKey(key) { return key.type === "Literal" ? literalNode(key) : key; }
    function literalNode(n) { return { ...literal(n.bigint ? BigInt(n.bigint) : n.value), loc: n.loc }; }

    // ---- keys
    function readKey(key, helper = "$$kr") {
      if (isLiteral(key)) return longLiteral(key);
      return withTemporaries(1, (t) => choose(isTypeOf(assign(id(t), key), "number"), id(t), call(helper, id(t))));
    }
    function longLiteral(n) {
      if (isStringLiteral(n)) cost.n += n.value.length >> P.literalCharsShift;
      return n;
    }
    const objectOf = (m) => (m.object.type === "Super" ? m.object : expression(m.object));
    function read(m) {
      return { ...m, object: objectOf(m), property: m.computed ? readKey(expression(m.property)) : m.property };
    }
    // A property to be written: `use` gets the member expression, and for a computed one a guard for the value.
    function member(m, use) {
      if (!m.computed) return use({ ...m, object: objectOf(m) }, (value) => value);
      return withTemporaries(3, (owner, key, value) => {
        const object = assign(id(owner), expression(m.object)), written = expression(m.property);
        const property = isLiteral(written) ? longLiteral(written)
          : choose(isTypeOf(assign(id(key), written), "number"), id(key), call("$$k", id(owner), id(key)));
        return use({ ...m, object, property }, (x) => guarded(x, owner, value));
      });
    }
    function guarded(x, owner, t) {
      if (x.type === "Literal" && typeof x.value !== "string") return x;
      return choose(isTypeOf(assign(id(t), x), "number"), id(t), call("$$w", id(owner), id(t)));
    }
    // The owner and key of a property that is read and then written: both evaluated once.
    function twice(m, build) {
      return withTemporaries(2, (owner, key) => {
        const setup = [assign(id(owner), expression(m.object))];
        if (m.computed) {
          const written = expression(m.property);
          setup.push(assign(id(key), isLiteral(written) ? longLiteral(written) : call("$$k", id(owner), written)));
        }
        const place = () => ({ type: "MemberExpression", object: id(owner), property: m.computed ? id(key) : m.property, computed: m.computed, optional: false });
        return sequence(...setup, ...build(place, owner));
      });
    }

    // ---- operators. `a` and `b` are rewritten already; ta and tb are free temporaries
    function arithmetic(operator, a, b, ta, tb) {
      if (operator === "in") return binary("in", a.type === "PrivateIdentifier" ? a : readKey(a), b);
      if (operator === "instanceof") return binary(operator, a, b);
      if (operator === "**") return call("$$pow", a, b);
      if (operator === "===" || operator === "!==") return identity(operator, a, b, ta, tb);
      if (isNumberLiteral(a) && isNumberLiteral(b)) return binary(operator, a, b);
      const fast = FAST_HELPER[operator];
      const slow = (x, y) => (fast ? call(fast, x, y) : call("$$ar", literal(OPERATORS.indexOf(operator)), x, y));
      if (isNumberLiteral(b)) return choose(isTypeOf(assign(id(ta), a), "number"), binary(operator, id(ta), b), slow(id(ta), b));
      if (isNumberLiteral(a)) return choose(isTypeOf(assign(id(tb), b), "number"), binary(operator, a, id(tb)), slow(a, id(tb)));
      if (isLiteral(a) || isLiteral(b)) return slow(longLiteral(a), longLiteral(b));
      return sequence(assign(id(ta), a), choose(and(isTypeOf(assign(id(tb), b), "number"), isTypeOf(id(ta), "number")), binary(operator, id(ta), id(tb)), slow(id(ta), id(tb))));
    }
    function identity(operator, a, b, ta, tb) {
      if (isLiteral(a) || isLiteral(b)) return binary(operator, longLiteral(a), longLiteral(b));
      const equal = call("$$eq", id(ta), id(tb));
      return sequence(assign(id(ta), a), assign(id(tb), b), choose(isTypeOf(id(ta), "string"), operator === "===" ? equal : unary("!", equal), binary(operator, id(ta), id(tb))));
    }
    function binaryNode(e) {
      return withTemporaries(2, (ta, tb) => {
        const a = e.left.type === "PrivateIdentifier" ? e.left : expression(e.left);
        return arithmetic(e.operator, a, expression(e.right), ta, tb);
      });
    }
    function unaryNode(e) {
      if (e.operator === "delete") return { ...e, argument: deletion(e.argument) };
      const argument = expression(e.argument);
      if (isLiteral(argument) || !["+", "-", "~"].includes(e.operator)) return { ...e, argument };
      const helper = e.operator === "+" ? "$$n" : "$$n2";
      return withTemporaries(1, (t) => unary(e.operator, choose(isTypeOf(assign(id(t), argument), "number"), id(t), call(helper, id(t)))));
    }
    function deletion(m) {
      cost.n += P.keyDelete;
      return { ...m, object: objectOf(m), property: m.computed ? readKey(expression(m.property), "$$kd") : m.property };
    }
    function assignment(e) {
      if (e.operator === "=" || ["&&=", "||=", "??="].includes(e.operator)) {
        if (e.left.type === "MemberExpression") {
          cost.n += P.expression;
          return member(e.left, (left, guard) => ({ ...e, left, right: guard(expression(e.right)) }));
        }
        return { ...e, left: pattern(e.left), right: expression(e.right) };
      }
      const operator = e.operator.slice(0, -1);
      cost.n += P.expression;
      if (e.left.type === "Identifier") {
        return withTemporaries(2, (ta, tb) => assign(e.left, arithmetic(operator, { ...e.left }, expression(e.right), ta, tb)));
      }
      return twice(e.left, (place, owner) => withTemporaries(3, (ta, tb, t) => {
        const value = arithmetic(operator, place(), expression(e.right), ta, tb);
        return [assign(place(), e.left.computed ? guarded(value, owner, t) : value)];
      }));
    }
    function update(e, used) {
      cost.n += 2 * P.expression;
      if (e.argument.type === "Identifier") {
        const guard = { type: "LogicalExpression", operator: "||", left: isTypeOf({ ...e.argument }, "number"), right: call("$$u", { ...e.argument }) };
        return sequence(guard, { ...e });
      }
      const operator = e.operator[0];
      return twice(e.argument, (place) => withTemporaries(1, (t) => {
        const next = choose(isTypeOf(id(t), "bigint"), binary(operator, id(t), literal(1n)), binary(operator, id(t), literal(1)));
        const old = assign(id(t), choose(isTypeOf(assign(id(t), place()), "number"), id(t), call("$$num", id(t))));
        return [old, assign(place(), next), ...(used && !e.prefix ? [id(t)] : [])];
      }));
    }

    // ---- expressions
    function expression(e) {
      cost.n += P.expression;
      switch (e.type) {
        case "Literal": return literalNode(e);
        case "ArrayExpression": return { ...e, elements: e.elements.map(arrayElement) };
        case "ObjectExpression": cost.n += P.object; return { ...e, properties: e.properties.map(property) };
        case "FunctionExpression": case "ArrowFunctionExpression": return functionNode(e);
        case "ClassExpression": return classNode(e);
        case "UnaryExpression": return unaryNode(e);
        case "UpdateExpression": return update(e, true);
        case "BinaryExpression": return binaryNode(e);
        case "LogicalExpression": return { ...e, left: expression(e.left), right: expression(e.right) };
        case "ConditionalExpression": return { ...e, test: expression(e.test), consequent: expression(e.consequent), alternate: expression(e.alternate) };
        case "AssignmentExpression": return assignment(e);
        case "SequenceExpression": return { ...e, expressions: e.expressions.map(expression) };
        case "MemberExpression": return read(e);
        case "ChainExpression": return { ...e, expression: expression(e.expression) };
        case "CallExpression": cost.n += P.call; return { ...e, callee: e.callee.type === "Super" ? e.callee : expression(e.callee), arguments: e.arguments.map(argument) };
        case "NewExpression": cost.n += P.construct; return { ...e, callee: expression(e.callee), arguments: e.arguments.map(argument) };
        case "TemplateLiteral": return template(e);
        default: return e; // names, this, new.target
      }
    }
    function arrayElement(x) {
      if (x === null) {
        cost.n += P.expression; // a hole takes a slot too
        return null;
      }
      if (x.type !== "SpreadElement") return expression(x);
      cost.n += P.spread;
      return { ...x, argument: call("$$sp", expression(x.argument)) };
    }
    function argument(x) {
      if (x.type !== "SpreadElement") return expression(x);
      cost.n += P.spread;
      return { ...x, argument: call("$$sa", expression(x.argument)) };
    }
    function property(p) {
      cost.n += P.expression;
      if (p.type === "SpreadElement") return { ...p, argument: call("$$so", expression(p.argument)) };
      if (p.computed) cost.n += P.keyComputed;
      const key = p.computed ? readKey(expression(p.key)) : normalKey(p.key);
      return { ...p, key, shorthand: false, value: FUNCTIONS.has(p.value.type) ? functionNode(p.value) : expression(p.value) };
    }
    // A template is the concatenation of its parts, each made text first.
    function template(e) {
      const cooked = (i) => literal(e.quasis[i].value.cooked);
      if (e.expressions.length === 0) return cooked(0);
      cost.n += P.template * e.expressions.length;
      const parts = e.expressions.flatMap((x, i) => [call("$$str", expression(x)), cooked(i + 1)]);
      return call("$$t", parts.reduce((text, part) => binary("+", text, part), cooked(0)));
    }

    const body = functionBodyOf(program);
    // A block, so that a file's `const exports` or `let module` does not meet the parameters of the same name.
    function functionBodyOf(p) {
      cost = { n: P.functionEntry };
      const statements = p.body.filter((s) => s.directive === undefined).map(rewrite);
      return functionBody([block(statements)]);
    }
    return body;
  }

  return { table, checkShape, meter };
})
