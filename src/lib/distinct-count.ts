import { hash } from "node:crypto";

const INDEX_BITS = 14;
const REGISTERS = 2 ** INDEX_BITS;
const HASH_BITS = 52;
const RANK_BITS = HASH_BITS - INDEX_BITS;
const ALPHA = 1 / (2 * Math.LN2);

/** Counts how many different hashes it has seen, to within about 0.8 %, in 16 KiB whatever their number. */
export interface DistinctCount {
  /** `hash` is one of `hash52`. */
  add(hash: number): void;
  estimate(): number;
}

/** A hash of 52 bits: the most that a number holds and a shift of bits still fits beside. */
export function hash52(text: string): number {
  return Number.parseInt(hash("sha256", text, "hex").slice(0, HASH_BITS / 4), 16);
}

/** HyperLogLog with 2^14 registers and the estimator of Ertl, which has no bias at any size (arXiv:1702.01284). */
export function createDistinctCount(): DistinctCount {
  const registers = new Uint8Array(REGISTERS);
  return {
    add: (value) => {
      const index = value % REGISTERS;
      const rank = rankOf(Math.floor(value / REGISTERS));
      if (rank > (registers[index] ?? 0)) registers[index] = rank;
    },
    estimate: () => estimate(registers),
  };
}

/** The place of the highest set bit, counted from the left of `RANK_BITS` bits; one more when there is none. */
function rankOf(bits: number): number {
  return bits === 0 ? RANK_BITS + 1 : RANK_BITS - Math.floor(Math.log2(bits));
}

function estimate(registers: Uint8Array): number {
  const count = new Float64Array(RANK_BITS + 2);
  for (const rank of registers) count[rank] = (count[rank] ?? 0) + 1;
  let sum = REGISTERS * tau(1 - (count[RANK_BITS + 1] ?? 0) / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank -= 1) sum = (sum + (count[rank] ?? 0)) / 2;
  sum += REGISTERS * sigma((count[0] ?? 0) / REGISTERS);
  return (ALPHA * REGISTERS * REGISTERS) / sum;
}

/** What registers that were never reached add. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let [x, y, z, before] = [share, 1, share, -1];
  while (z !== before) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

/** What registers that are full add. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [x, y, z, before] = [share, 1, 1 - share, -1];
  while (z !== before) {
    x = Math.sqrt(x);
    before = z;
    y /= 2;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
