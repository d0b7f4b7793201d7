// directory: tensors declared by the headers of .safetensors and .gguf files.

import { ascii, readLittleEndian } from "./bytes.mjs";

const SAFETENSORS_DTYPES = [
  "unknown", "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "I16", "U16", "F16", "BF16", "I32", "U32",
  "F32", "F64", "I64", "U64", "F4", "F6_E2M3", "F6_E3M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ",
  "C64",
];

// ggml type: [elements, bytes] a block.
const GGML_BLOCKS = {
  0: [1, 4], 1: [1, 2], 2: [32, 18], 3: [32, 20], 6: [32, 22], 7: [32, 24], 8: [32, 34],
  9: [32, 36], 10: [256, 84], 11: [256, 110], 12: [256, 144], 13: [256, 176], 14: [256, 210],
  15: [256, 292], 16: [256, 66], 17: [256, 74], 18: [256, 98], 19: [256, 50], 20: [32, 18],
  21: [256, 110], 22: [256, 82], 23: [256, 136], 24: [1, 1], 25: [1, 2], 26: [1, 4], 27: [1, 8],
  28: [1, 8], 29: [256, 56], 30: [1, 2], 34: [256, 54], 35: [256, 66], 39: [32, 17],
  40: [64, 36], 41: [128, 18],
};

// Offsets here count from the start of the file.
function safetensors(contents) {
  const headerBytes = Number(readLittleEndian(contents.subarray(0, 8)));
  const header = JSON.parse(Buffer.from(contents.subarray(8, 8 + headerBytes)).toString("utf8"));
  return Object.entries(header).filter(([name]) => name !== "__metadata__")
    .map(([name, { dtype, shape, data_offsets: [begin, end] }]) => ({
      name: ascii(name),
      dtype: SAFETENSORS_DTYPES.indexOf(dtype),
      shape,
      offset: 8 + headerBytes + begin,
      size: end - begin,
    }));
}

class GgufReader {
  constructor(contents) {
    this.contents = contents;
    this.at = 0;
  }
  bytes(size) {
    this.at += size;
    return this.contents.subarray(this.at - size, this.at);
  }
  integer(size) { return Number(readLittleEndian(this.bytes(size))); }
  string() { return this.bytes(this.integer(8)); }
  // Types 0 … 12 of the GGUF specification; only integers matter here.
  value(type) {
    if (type === 8) return this.string();
    if (type === 9) {
      const element = this.integer(4);
      const count = this.integer(8);
      return Array.from({ length: count }, () => this.value(element));
    }
    return this.integer([1, 1, 2, 2, 4, 4, 4, 1, , , 8, 8, 8][type]);
  }
}

function gguf(contents) {
  const reader = new GgufReader(contents);
  reader.bytes(8);  // "GGUF" and the version
  const tensorCount = reader.integer(8);
  const valueCount = reader.integer(8);
  let alignment = 32;
  for (let i = 0; i < valueCount; ++i) {
    const key = Buffer.from(reader.string()).toString("utf8");
    const value = reader.value(reader.integer(4));
    if (key === "general.alignment") alignment = value;
  }
  const infos = Array.from({ length: tensorCount }, () => {
    const name = reader.string();
    const shape = Array.from({ length: reader.integer(4) }, () => reader.integer(8));
    return { name, shape, type: reader.integer(4), offset: reader.integer(8) };
  });
  const start = Math.ceil(reader.at / alignment) * alignment;
  return infos.map(({ name, shape, type, offset }) => {
    const [elements, bytes] = GGML_BLOCKS[type];
    const size = (shape.reduce((product, n) => product * n, 1) / elements) * bytes;
    return { name, dtype: 128 + type, shape, offset: start + offset, size };
  });
}

export function tensorsOf(path, contents) {
  const name = Buffer.from(path).toString("utf8");
  if (name.endsWith(".safetensors")) return safetensors(contents);
  if (name.endsWith(".gguf")) return gguf(contents);
  return [];
}
