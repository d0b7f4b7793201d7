// JSON as the committee file needs it: exact integers, and no key twice.

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(0|[1-9][0-9]*)(?![0-9.eE+-]))/y;

// Objects, arrays, strings and integers without sign, point or exponent; integers as BigInt.
export function parseJson(text) {
  TOKEN.lastIndex = 0;
  const tokens = [];
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError("not the JSON of a committee file");
    const [, sign, string, integer] = match;
    tokens.push(sign ?? { value: string === undefined ? BigInt(integer) : JSON.parse(string) });
  }

  let at = 0;
  const take = (token) => {
    if (tokens[at++] !== token) throw new SyntaxError(`expected ${token}`);
  };
  const sequence = (close, element) => {
    if (tokens[at] !== close) {
      element();
      while (tokens[at] === ",") {
        ++at;
        element();
      }
    }
    take(close);
  };
  const value = () => {
    const token = tokens[at++];
    if (token === "[") {
      const list = [];
      sequence("]", () => list.push(value()));
      return list;
    }
    if (token === "{") {
      const object = Object.create(null);
      sequence("}", () => {
        const key = value();
        if (typeof key !== "string" || Object.hasOwn(object, key)) throw new SyntaxError("key");
        take(":");
        object[key] = value();
      });
      return object;
    }
    if (token?.value === undefined) throw new SyntaxError("expected a value");
    return token.value;
  };
  const result = value();
  if (at !== tokens.length) throw new SyntaxError("more after the end");
  return result;
}
