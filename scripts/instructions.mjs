// Which processor an instruction asks for, and which processor a unit of code may ask for.

const prefixes = new Set([
  'lock',
  'rep',
  'repz',
  'repnz',
  'bnd',
  'notrack',
  'data16',
  'addr32',
  'cs',
  'ds',
  'es',
  'fs',
  'gs',
  'ss',
  'rex.W',
]);
const beyondVectors =
  /^((andn|bextr|blsi|blsmsk|blsr|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx|lzcnt|adcx|adox|rdrand|rdseed|rdpid)[wlq]?|(movbe|sha(1|256)|aes|pclmul|gf2p8|clwb|clflushopt|movnts[sd]|xbegin|movdir|tpause|umwait|umonitor).*|extrq|insertq)$/;
const masks = /^k(add|andn?|mov|not|ortest|or|shift[lr]|test|unpck|xnor|xor)/;
const avx2 =
  /^v(fn?m(add|sub)|gather|pgather|pbroadcast|broadcasti|inserti128|extracti128|perm2i128|perm(d|q|ps|pd)$|ps[lr][la]v|pmaskmov|pblendd|cvtph2ps|cvtps2ph)/;

/** What an x86-64 instruction asks for beyond x86-64-v2: '' for nothing. `bytes` in hexadecimal, `text` as objdump has it. */
function ofX64(bytes, text) {
  const words = text.split(/\s+/);
  const at = words.findIndex((word) => !prefixes.has(word));
  const name = words[Math.max(at, 0)];
  if (/^vpdp/.test(name)) return 'vnni';
  if (/^vpopcnt[dq]/.test(name)) return 'vpopcntdq';
  const first = /^(?:(?:26|2e|36|3e|64|65|66|67) )*(..)/.exec(bytes)?.[1];
  if (first === '62' || masks.test(name)) return 'avx512';
  if (beyondVectors.test(name)) return 'others';
  if (first !== 'c4' && first !== 'c5') return '';
  const wideWhole = /%ymm/.test(text) && /^vp(?!test|ermil|erm2f)/.test(name);
  return avx2.test(name) || wideWhole ? 'avx2' : 'avx';
}

const armBeyond =
  /^(sdot|udot|usdot|bf(cvt|dot|mlal|mmla)|fmlal|fmlsl|smmla|ummla|rdffr|whilel|ptrue|cnt[bhwd]$|ld1r?[qo]|aes|sha|pmull|crc32|casp?|ldadd|ldset|ldclr|ldeor|swp)/;

/** What an arm64 instruction asks for beyond ARMv8-A: '' for nothing. */
function ofArm64(_bytes, text) {
  const [name, ...operands] = text.split(/\s+/);
  return armBeyond.test(name) || operands.some((operand) => /^\{?[zp]\d+[./]/.test(operand)) ? 'others' : '';
}

const ofCores = {
  SANDYBRIDGE: ['avx'],
  HASWELL: ['avx', 'avx2', 'others'],
  ZEN: ['avx', 'avx2', 'others'],
  SKYLAKEX: ['avx', 'avx2', 'avx512', 'others'],
};

const byObject = [
  [/int8-vnni\.cc\.o/, 'vnni'],
  [/bit-popcount\.cc\.o/, 'vpopcntdq'],
];

/** What the code of one section of one object may ask for: more than nothing only where it is chosen when the process runs. */
export function allowed(section, object) {
  const core = /openblas[^(]*\([^)]*_([A-Z][A-Z0-9]+)\.o\)$/.exec(object)?.[1];
  if (core) return ofCores[core] ?? (core === 'NEHALEM' ? [] : ['others']);
  // libgcc asks the processor before it runs these.
  if (/libgcc\.a\((cas|swp|ld(add|clr|eor|set))_\d+_\d\.o\)/.test(object)) return ['others'];
  if (/_GLOBAL__sub_I_/.test(section)) return []; // runs when the library is loaded
  if (section.includes('7convolt4avx2')) return ['avx', 'avx2'];
  if (!section.includes('7convolt6avx512')) return [];
  return ['avx', 'avx2', 'avx512', ...byObject.filter(([name]) => name.test(object)).map(([, feature]) => feature)];
}

/** Per machine as readelf calls it: the program that disassembles, and what an instruction asks for. */
export const machines = {
  'Advanced Micro Devices X86-64': { objdump: 'x86_64-linux-gnu-objdump', baseline: 'x86-64-v2', asks: ofX64 },
  AArch64: { objdump: 'aarch64-linux-gnu-objdump', baseline: 'ARMv8-A', asks: ofArm64 },
};
