/**
 * A compiled program in words: one line per step; `+` marks a group that follows the step before it range by range, and the
 * steps of a loop are indented. */
import { bytesOf, showType } from '../graph/tensor';
import type { Plan, PlanBuffer } from './plan';

const place = ({ region, location, offset, moves, ...type }: PlanBuffer): string => {
  const isBlock = region === 'arena' || region === 'constant';
  const at = isBlock ? `${region}+${location + offset}` : `${region} ${location}${offset ? `+${offset}` : ''}`;
  const way = moves.map(({ stride }) => ` ${stride < 0 ? '-' : '+'}= ${Math.abs(stride)}`).join('');
  return `${showType(type)} @${at}${way}`;
};

/**
 * One line per step (kernel, operands with type and place, what was fused), and a summary.
 *
 * @example console.log(explain(plan))
 */
export function explain(plan: Plan): string {
  const buffer = (i: number) => place(plan.buffers[i] as PlanBuffer);
  const lines = plan.steps.map(({ kernel, inputs, outputs, label, isTail }, i) => {
    const around = plan.loops.filter(({ begin, end }) => begin <= i && i < end);
    const indent = '  '.repeat(around.length);
    const begins = around.filter(({ begin }) => begin === i);
    const depth = around.length - begins.length;
    const loops = begins.map(({ count }, j) => `    ${'  '.repeat(depth + j)}${count} times:\n`).join('');
    const write = i === plan.firstWrite ? '-- from here on states are written --\n' : '';
    return `${loops}${write}${String(i).padStart(3)} ${indent}${(isTail ? `+ ${kernel}` : kernel).padEnd(20)} ${inputs.map(buffer).join(', ')} -> ${outputs.map(buffer).join(', ')}  [${label}]`;
  });
  const stateBytes = plan.states.reduce((total, state) => total + bytesOf(state), 0);
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  lines.push(
    `${plan.steps.length} steps, arena ${kib(plan.arenaBytes)}, states ${kib(stateBytes)}, constants ${kib(plan.constants.length)}`,
  );
  return lines.join('\n');
}
