/** Runs a script of this folder in a process of its own, from TypeScript. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { execArgv } from './execution';

/** How a process ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From its last word, or from the signal that it was sent, to its end. */
  readonly milliseconds: number;
}

/** Runs `script` to its end; with a `signal` to that, which is sent when it has said its first word. */
export function ending(script: string, parameters: readonly string[] = [], signal?: NodeJS.Signals): Promise<Ending> {
  // A small young generation, so that memory is ours and not what V8 likes to keep.
  const flags = ['--expose-gc', '--max-semi-space-size=1', ...execArgv];
  const child = spawn(process.execPath, [...flags, join(__dirname, script), ...parameters]);
  const said = { stdout: '', stderr: '' };
  let since = performance.now();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (text) => {
      said[stream] += text;
      since = performance.now();
      if (signal) child.kill(signal);
    });
  }
  return new Promise((resolve) =>
    child.on('close', (code, by) =>
      resolve({
        code,
        signal: by,
        stdout: said.stdout.trim(),
        stderr: said.stderr.trim(),
        milliseconds: performance.now() - since,
      }),
    ),
  );
}
