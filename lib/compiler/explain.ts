/** A compiled program in words: one line per step; `+` marks a group that follows the step before it range by range. */
import { bytesOf, showType } from '../graph/tensor';
import type { Plan, PlanBuffer } from './plan';

const place = ({ region, location, ...type }: PlanBuffer): string => {
  const at = region === 'arena' || region === 'constant' ? `${region}+${location}` : `${region} ${location}`;
  return `${showType(type)} @${at}`;
};

/**
 * One line per step (kernel, operands with type and place, what was fused), and a summary.
 *
 * @example console.log(explain(plan))
 */
export function explain(plan: Plan): string {
  const buffer = (i: number) => place(plan.buffers[i] as PlanBuffer);
  const lines = plan.steps.map(({ kernel, inputs, outputs, label, isTail }, i) => {
    const write = i === plan.firstWrite ? '-- from here on states are written --\n' : '';
    return `${write}${String(i).padStart(3)} ${(isTail ? `+ ${kernel}` : kernel).padEnd(20)} ${inputs.map(buffer).join(', ')} -> ${outputs.map(buffer).join(', ')}  [${label}]`;
  });
  const stateBytes = plan.states.reduce((total, state) => total + bytesOf(state), 0);
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  lines.push(
    `${plan.steps.length} steps, arena ${kib(plan.arenaBytes)}, states ${kib(stateBytes)}, constants ${kib(plan.constants.length)}`,
  );
  return lines.join('\n');
}
