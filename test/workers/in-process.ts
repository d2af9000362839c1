/** Runs a script of this folder in a process of its own, from TypeScript. */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { execArgv } from './execution';

const argv = (script: string, parameters: readonly string[]): string[] => [
  '--expose-gc',
  '--max-semi-space-size=1', // so that memory is ours and not what V8 likes to keep
  ...execArgv,
  join(__dirname, script),
  ...parameters,
];

/** How a process ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Runs `script` to its end. */
export function ending(script: string, ...parameters: string[]): Promise<Ending> {
  const began = performance.now();
  return new Promise((resolve) => {
    const child = execFile(process.execPath, argv(script, parameters), (_, stdout, stderr) =>
      resolve({
        code: child.exitCode,
        signal: child.signalCode,
        stdout: stdout.trim(),
        stderr: stderr.trim(),
        milliseconds: performance.now() - began,
      }),
    );
  });
}

/** Starts `script`, and sends it `signal` when it has said its first word. */
export function signalled(script: string, signal: NodeJS.Signals, ...parameters: string[]): Promise<Ending> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, argv(script, parameters));
    let [stdout, stderr] = ['', ''];
    let sent = 0;
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.stdout.on('data', (text) => {
      stdout += text;
      if (sent > 0) return;
      sent = performance.now();
      setTimeout(() => child.kill(signal), 100);
    });
    child.on('close', (code, by) =>
      resolve({
        code,
        signal: by,
        stdout: stdout.trim(),
        stderr: stderr.trim(),
        milliseconds: performance.now() - sent,
      }),
    );
  });
}
