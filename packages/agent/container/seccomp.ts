/** The filter of system calls of a container, compiled from the table in `seccomp-rules.ts`. Pure. */
import {
  ARCHITECTURE_OFFSET,
  and,
  assemble,
  type Instruction,
  ifEqual,
  ifGreater,
  load,
  lowHalfOffset,
  NUMBER_OFFSET,
  RETURN,
  ret,
  unlessEqual,
} from './bpf.ts';
import type { InstancePlan } from './instance.ts';
import { type Answer, ARGUMENT_RULES, type ArgumentRule, CALL_RULES, ERRORS, type Test } from './seccomp-rules.ts';
import { AUDIT_ARCHITECTURE, callNumber, LAST_KNOWN_CALL, type Processor } from './syscall-numbers.ts';

export type SeccompProfile = 'site' | 'service';

/**
 * The program: a foreign calling convention ends the process; unknown calls do not exist (this includes x32, whose
 * numbers are large); then the calls decided by arguments, then those refused; the rest is allowed. The kernel remembers
 * which calls are allowed whatever their arguments, so those cost nothing.
 */
export function seccompProgram(profile: SeccompProfile, processor: Processor): readonly Instruction[] {
  const refused = CALL_RULES.filter((rule) => profile === 'site' || rule.sitesOnly !== true);
  return [
    load(ARCHITECTURE_OFFSET),
    unlessEqual(AUDIT_ARCHITECTURE[processor], 1),
    ret(RETURN.killProcess),
    load(NUMBER_OFFSET),
    ifGreater(LAST_KNOWN_CALL, 1),
    ret(value('ENOSYS')),
    ...ARGUMENT_RULES.flatMap((rule) => argumentRule(rule, processor)),
    ...refused.flatMap(({ calls, answer }) =>
      calls.flatMap((call) => forCall(callNumber(call, processor), [ret(value(answer))])),
    ),
    ret(RETURN.allow),
  ];
}

function argumentRule({ call, cases, otherwise }: ArgumentRule, processor: Processor): Instruction[] {
  const body = [...cases.flatMap(({ when, answer }) => oneCase(when, answer)), ret(value(otherwise))];
  return forCall(callNumber(call, processor), body);
}

/** The body for one call; the number is loaded before and, when it is another, after. */
function forCall(number: number | null, body: readonly Instruction[]): Instruction[] {
  return number === null ? [] : [ifEqual(number, body.length), ...body];
}

/** Returns the answer when all tests hold, else goes on behind. */
function oneCase(tests: readonly Test[], answer: Answer): Instruction[] {
  let code = [ret(value(answer))];
  for (const { argument, mask, equals } of tests.toReversed()) {
    const masked = mask === undefined ? [] : [and(mask)];
    code = [load(lowHalfOffset(argument)), ...masked, ifEqual(equals, code.length), ...code];
  }
  return code;
}

function value(answer: Answer): number {
  return answer === 'allow' ? RETURN.allow : RETURN.error | ERRORS[answer];
}

const compiled = new Map<SeccompProfile, Uint8Array>();

/** The filter for an instance on this machine's processor. Throws on a processor that we know no calls of. */
export function seccompFilter(kind: InstancePlan['kind']): Uint8Array {
  const profile = kind === 'site' ? 'site' : 'service';
  const known = compiled.get(profile) ?? assemble(seccompProgram(profile, thisProcessor()));
  compiled.set(profile, known);
  return known;
}

function thisProcessor(): Processor {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch;
  throw new RangeError(`no table of system calls for the processor ${process.arch}`);
}
