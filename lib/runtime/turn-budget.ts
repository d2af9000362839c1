/**
 * Which runs are done at once, on the JavaScript thread: those that take less time than waking another thread and being
 * woken by it. In each turn of the event loop only so many, so that timers and sockets never wait for long.
 */

/** Milliseconds of a run that is not worth another thread. */
const longest = 0.3;

/** Milliseconds of such runs in one turn of the event loop. */
const perTurn = 1;

let spent = 0;
let isTurnNoted = false;

/** True when a run of so many milliseconds may be done at once. */
export const mayRunAtOnce = (milliseconds: number): boolean => milliseconds < longest && spent + milliseconds < perTurn;

/** Notes a run that was done at once. */
export function noteRunAtOnce(milliseconds: number): void {
  spent += milliseconds;
  if (isTurnNoted) return;
  isTurnNoted = true;
  setImmediate(() => {
    spent = 0;
    isTurnNoted = false;
  });
}
