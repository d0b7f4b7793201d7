// README, "Field", "Roots of unity", "Bit reversal"; transforms over any module of Fr.

import { bigEndian, readBigEndian } from "./bytes.mjs";

export const R = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

export const mod = (a) => ((a % R) + R) % R;
export const add = (a, b) => (a + b) % R;
export const sub = (a, b) => (a - b + R) % R;
export const mul = (a, b) => (a * b) % R;

export function pow(base, exponent) {
  let result = 1n;
  for (let square = base, e = BigInt(exponent); e > 0n; e >>= 1n, square = mul(square, square))
    if (e & 1n) result = mul(result, square);
  return result;
}
export const inverse = (a) => {
  if (a === 0n) throw new RangeError("zero has no inverse");
  return pow(a, R - 2n);
};

// Of all at once: one exponentiation (Montgomery).
export function inverses(values) {
  const before = [];
  let product = 1n;
  for (const value of values) {
    before.push(product);
    product = mul(product, value);
  }
  let rest = inverse(product);
  const out = new Array(values.length);
  for (let i = values.length - 1; i >= 0; --i) {
    out[i] = mul(rest, before[i]);
    rest = mul(rest, values[i]);
  }
  return out;
}

export const toBytes = (a) => bigEndian(a, 32);
export function fromBytes(bytes) {
  const value = readBigEndian(bytes);
  if (bytes.length !== 32 || value >= R) throw new RangeError("not a field element");
  return value;
}
// "X mod r" of a digest.
export const fromDigest = (bytes) => readBigEndian(bytes) % R;

// ω_N for N a power of two.
export const rootOfUnity = (n) => pow(7n, (R - 1n) / BigInt(n));

export const log2 = (n) => Math.round(Math.log2(n));

export function reverseBits(value, bits) {
  let out = 0;
  for (let i = 0; i < bits; ++i, value >>>= 1) out = (out << 1) | (value & 1);
  return out >>> 0;
}

export const FR = { zero: 0n, add, sub, scale: mul, isZero: (a) => a === 0n };

function powers(root, count) {
  const out = [1n];
  while (out.length < count) out.push(mul(out.at(-1), root));
  return out;
}

const scale = (module, element, factor) =>
  factor === 1n || module.isZero(element) ? element : module.scale(element, factor);

// Coefficients of the polynomial of degree < N whose value at ω_N^rev(n) is values[n].
// Decimation in time takes this bit-reversed order and leaves the coefficients in their own.
export function coefficients(module, values) {
  const n = values.length;
  const out = [...values];
  const twiddles = powers(inverse(rootOfUnity(n)), n / 2);
  for (let half = 1; half < n; half *= 2)
    for (let start = 0; start < n; start += 2 * half)
      for (let i = 0; i < half; ++i) {
        const a = out[start + i];
        const b = scale(module, out[start + half + i], twiddles[(i * n) / (2 * half)]);
        out[start + i] = module.add(a, b);
        out[start + half + i] = module.sub(a, b);
      }
  const share = inverse(BigInt(n));
  return out.map((value) => scale(module, value, share));
}

// The inverse of coefficients(): result[n] is the value at ω_N^rev(n).
export function evaluate(module, coefficientList) {
  const n = coefficientList.length;
  const out = [...coefficientList];
  const twiddles = powers(rootOfUnity(n), n / 2);
  for (let half = n / 2; half >= 1; half /= 2)
    for (let start = 0; start < n; start += 2 * half)
      for (let i = 0; i < half; ++i) {
        const a = out[start + i];
        const b = out[start + half + i];
        out[start + i] = module.add(a, b);
        out[start + half + i] =
          scale(module, module.sub(a, b), twiddles[(i * n) / (2 * half)]);
      }
  return out;
}

// object-code, "Codeword": the values at positions D … 2D−1 from those at 0 … D−1.
// Position D + m stands for ω_{2D}·ω_D^rev(m): the coset, so coefficient k takes ω_{2D}^k.
export function extend(module, values) {
  const shift = powers(rootOfUnity(2 * values.length), values.length);
  return evaluate(module,
    coefficients(module, values).map((value, k) => scale(module, value, shift[k])));
}
