/** How node runs the scripts of this folder: from TypeScript, or as compiled. */
import { join } from 'node:path';

export const execArgv = __filename.endsWith('.ts') ? ['-r', join(__dirname, '..', 'run-typescript.cjs')] : [];
