/** Starts processes in every way that Node knows, while a run is in flight, and computes in those that can. */
import { exec, execFileSync, fork, spawn, spawnSync } from 'node:child_process';
import cluster from 'node:cluster';
import { promisify } from 'node:util';
import { execArgv } from './execution';
import { outcome, trainForever } from './training';

const steps = 20;

const said = (child: { once(event: 'message', listener: (message: unknown) => void): unknown }): Promise<unknown> =>
  new Promise((resolve) => child.once('message', resolve));

async function main(): Promise<void> {
  const alone = await outcome(steps);
  await new Promise<void>((began) => trainForever(began));
  const forked = fork(__filename, ['child'], { execArgv });
  const other = cluster.fork();
  const answers = [said(forked), said(other)];
  const { stdout } = await promisify(exec)('echo exec');
  const spawned = spawn('sleep', ['10']);
  const ended = new Promise((resolve) => spawned.once('exit', (_, signal) => resolve(signal)));
  spawned.kill();
  const words = [
    execFileSync('echo', ['execFileSync']).toString().trim(),
    spawnSync('sh', ['-c', 'echo spawnSync']).stdout.toString().trim(),
    stdout.trim(),
    await ended,
    ...(await Promise.all(answers)).map((answer) => answer === alone),
  ];
  console.log(JSON.stringify([...words, (await outcome(steps)) === alone]));
  process.exit(0);
}

if (cluster.isPrimary && process.argv[2] !== 'child') {
  cluster.setupPrimary({ execArgv });
  main();
} else {
  outcome(steps).then((text) => process.send?.(text, () => process.exit(0)));
}
