#!/usr/bin/env node
// Makes prebuilds/<platform>-<arch>/convolt.node. prebuildify knows only node-gyp, so this file stands in for it too:
// prebuildify calls it back with 'rebuild', and it builds through CMake.
import { join } from 'node:path';
import { root, show } from './command.mjs';

const calledBack = process.argv[2] === 'rebuild';
process.exit(
  calledBack
    ? show(process.execPath, 'scripts/build.mjs')
    : show(
        process.execPath,
        'node_modules/prebuildify/bin.js',
        '--napi',
        '--node-gyp',
        join(root, 'scripts/prebuild.mjs'),
      ),
);
