// Tests run from TypeScript directly; swc only strips the types, `npm run check` looks at them.
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  setupFiles: ['<rootDir>/test/without-advice.ts'],
  testTimeout: 60_000, // tests of whole trainings share two processors with each other
  watchman: false,
  maxWorkers: 2,
};
