/** Classic BPF (the kernel's filter.h, seccomp(2)): instructions as data, and their bytes. Pure. */

export interface Instruction {
  readonly code: number;
  /** How many instructions to skip when a comparison holds, and when it does not. */
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

export const BPF = {
  /** Load the 32-bit word at an offset of `seccomp_data`. */
  load: 0x20,
  and: 0x54,
  jumpEqual: 0x15,
  jumpGreater: 0x25,
  return: 0x06,
} as const;

/** Offsets in `seccomp_data`. Both processors are little-endian: the low half of an argument comes first. */
export const NUMBER_OFFSET = 0;
export const ARCHITECTURE_OFFSET = 4;

export function lowHalfOffset(argument: number): number {
  return 16 + argument * 8;
}

export const RETURN = {
  allow: 0x7fff_0000,
  killProcess: 0x8000_0000,
  /** With the error's number in the low 16 bits. */
  error: 0x0005_0000,
} as const;

export function load(offset: number): Instruction {
  return { code: BPF.load, jumpTrue: 0, jumpFalse: 0, operand: offset };
}

export function and(mask: number): Instruction {
  return { code: BPF.and, jumpTrue: 0, jumpFalse: 0, operand: mask };
}

export function ret(value: number): Instruction {
  return { code: BPF.return, jumpTrue: 0, jumpFalse: 0, operand: value };
}

/** Goes on with the next instruction when the word equals `value`, else skips `otherwise` instructions. */
export function ifEqual(value: number, otherwise: number): Instruction {
  return jump(BPF.jumpEqual, value, 0, otherwise);
}

/** Goes on with the next instruction when the word is another than `value`, else skips `otherwise` instructions. */
export function unlessEqual(value: number, otherwise: number): Instruction {
  return jump(BPF.jumpEqual, value, otherwise, 0);
}

/** Goes on with the next instruction when the word is greater (unsigned), else skips `otherwise` instructions. */
export function ifGreater(value: number, otherwise: number): Instruction {
  return jump(BPF.jumpGreater, value, 0, otherwise);
}

function jump(code: number, operand: number, jumpTrue: number, jumpFalse: number): Instruction {
  if (Math.max(jumpTrue, jumpFalse) > 255) throw new RangeError('a jump of classic BPF reaches 255 instructions');
  return { code, jumpTrue, jumpFalse, operand };
}

/** The kernel's limit of one program. */
const INSTRUCTIONS_MAX = 4096;

/** An array of `struct sock_filter`, as crun's annotation wants it. */
export function assemble(program: readonly Instruction[]): Uint8Array {
  if (program.length > INSTRUCTIONS_MAX) throw new RangeError(`the filter has ${program.length} instructions`);
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, jumpTrue, jumpFalse, operand }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jumpTrue, index * 8 + 2);
    bytes.writeUInt8(jumpFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4);
  }
  return bytes;
}
