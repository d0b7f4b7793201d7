// README, "Worked example": the examples of docs/formats, and which of their keys were looked at.

import { readFileSync, readdirSync } from "node:fs";

import { fromHex } from "./bytes.mjs";

const FOLDER = new URL("../../docs/formats/", import.meta.url);

class Example {
  constructor(name, values) {
    this.name = name;
    this.values = values;
    this.unread = new Set(values.keys());
  }
  #read(key) {
    if (!this.values.has(key)) throw new Error(`example ${this.name} has no ${key}`);
    this.unread.delete(key);
    return this.values.get(key);
  }
  words(key) { return this.#read(key).split(/\s+/).filter((word) => word !== ""); }
  hex(key) { return this.words(key).join(""); }
  bytes(key) { return fromHex(this.hex(key)); }
  list(key) { return this.words(key).map(fromHex); }
  integers(key) {
    return this.words(key).map((word) => {
      if (!/^[0-9]+$/.test(word)) throw new Error(`${this.name}.${key} is not a decimal integer`);
      return Number(word);
    });
  }
  integer(key) {
    const [value, ...more] = this.integers(key);
    if (more.length > 0) throw new Error(`${this.name}.${key} is not one integer`);
    return value;
  }
  text(key) { return JSON.parse(this.#read(key).trim()); }
}

function parseBlock(block) {
  const [first, ...lines] = block.split("\n");
  const name = /^example: ([a-z0-9-]+)$/.exec(first)?.[1];
  if (name === undefined) throw new Error(`not the first line of an example: ${first}`);
  const values = new Map();
  let key;
  for (const line of lines) {
    const match = /^([a-z0-9_]+) =(.*)$/.exec(line);
    if (match !== null) {
      key = match[1];
      if (values.has(key)) throw new Error(`${name} has ${key} twice`);
      values.set(key, match[2]);
    } else if (line.startsWith("  ") && key !== undefined) {
      values.set(key, `${values.get(key)}\n${line}`);
    } else throw new Error(`${name}: ${line}`);
  }
  return new Example(name, values);
}

// All examples of all pages, by name.
export function readExamples() {
  const all = new Map();
  for (const page of readdirSync(FOLDER).filter((file) => file.endsWith(".md")).sort()) {
    const text = readFileSync(new URL(page, FOLDER), "utf8");
    for (const [, block] of text.matchAll(/^```\n(example: [^]*?)\n```$/gm)) {
      const example = parseBlock(block);
      if (all.has(example.name)) throw new Error(`two examples ${example.name}`);
      all.set(example.name, example);
    }
  }
  return all;
}
