/**
 * Plans the arena: every temporary gets an offset such that no two that live at the same time overlap
 * (greedy by size; Pisarchyk and Lee 2020). An output takes over an operand's memory where that operand dies.
 */
import { bytesOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { type Alias, aliasesOf, type Step, storageOf } from './step';

/** A block of the arena and the steps during which it holds something. */
export interface Block {
  bytes: number;
  readonly first: number;
  last: number;
  offset: number;
}

export interface Arena {
  readonly bytes: number;
  /** The block of every temporary; values that follow each other in place share one. */
  readonly blocks: ReadonlyMap<Value, Block>;
}

const alignment = 64;
const aligned = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / alignment) * alignment;

/** The last step that reads each storage, or a part of it. */
function lastReads(steps: readonly Step[], aliases: ReadonlyMap<Value, Alias>): Map<Value, number> {
  const last = new Map<Value, number>();
  steps.forEach((step, i) => {
    for (const storage of step.inputs.map(storageOf)) last.set(aliases.get(storage)?.owner ?? storage, i);
  });
  return last;
}

/** The operand whose memory `output` may take over at step `i`, if one dies there. */
function dyingOperand(
  step: Step,
  i: number,
  position: number,
  last: ReadonlyMap<Value, number>,
  blocks: ReadonlyMap<Value, Block>,
  taken: ReadonlySet<Block>,
): Block | undefined {
  for (const [output, input] of step.inPlace) {
    const operand = step.inputs[input] as Value;
    const block = blocks.get(storageOf(operand));
    if (output !== position || !block || taken.has(block) || last.get(storageOf(operand)) !== i) continue;
    if (block.last > i || step.inputs.some((other, j) => j !== input && storageOf(other) === storageOf(operand)))
      continue;
    return block;
  }
  return undefined;
}

/** Gives every temporary a block; offsets are still open. */
function makeBlocks(steps: readonly Step[], isTemporary: (value: Value) => boolean): Map<Value, Block> {
  const aliases = aliasesOf(steps);
  const last = lastReads(steps, aliases);
  const blocks = new Map<Value, Block>();
  steps.forEach((step, i) => {
    const taken = new Set<Block>();
    step.outputs.forEach((output, position) => {
      if (!isTemporary(output) || aliases.has(output)) return;
      const end = Math.max(i, last.get(output) ?? i);
      const bytes = aligned(bytesOf(output));
      const reused = dyingOperand(step, i, position, last, blocks, taken);
      const block = reused && reused.bytes === bytes ? reused : { bytes, first: i, last: end, offset: -1 };
      block.last = end;
      taken.add(block);
      blocks.set(output, block);
    });
  });
  return blocks;
}

/** Places the largest blocks first, each into the smallest gap between the blocks that live at the same time. */
function place(blocks: readonly Block[]): number {
  const placed: Block[] = []; // sorted by offset
  let total = 0;
  for (const block of [...blocks].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let best = -1;
    let bestGap = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const other of placed) {
      if (other.last < block.first || other.first > block.last) continue;
      const gap = other.offset - end;
      if (gap >= block.bytes && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = Math.max(end, other.offset + other.bytes);
    }
    block.offset = best < 0 ? end : best;
    total = Math.max(total, block.offset + block.bytes);
    const at = placed.findIndex((other) => other.offset > block.offset);
    placed.splice(at < 0 ? placed.length : at, 0, block);
  }
  return total;
}

/**
 * Plans the arena of a program.
 *
 * @param isTemporary false for values that stand elsewhere (states written directly, fetched values)
 */
export function planArena(steps: readonly Step[], isTemporary: (value: Value) => boolean): Arena {
  const blocks = makeBlocks(steps, isTemporary);
  return { bytes: place([...new Set(blocks.values())]), blocks };
}
