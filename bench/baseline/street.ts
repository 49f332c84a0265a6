import { holdNamespace } from '#agent/container/held-namespace.ts';
import { run } from '#host/run.ts';

/** Where visitors come from, and the address at which they find the software without containers. */
const ADDRESSES = { visitors: '10.62.0.1', server: '10.62.0.2', prefix: 30 } as const;

/** Of a wire outside: the link between the machine and a node has the same. */
const MTU = 1500;

/**
 * Visitors of the software without containers: a network namespace of their own, joined by a wire. Nobody visits a website
 * over the loopback device, which carries an answer in one piece where a wire needs several; a node is visited over a wire too.
 */
export class Street {
  readonly server = ADDRESSES.server;
  /** The beginning of a command that runs there. */
  readonly place: readonly string[];

  private constructor(pid: number) {
    this.place = ['nsenter', `--target=${pid}`, '--net', '--'];
  }

  /** The namespace ends with a process that ends with the baseline's pid namespace. */
  static async pave(): Promise<Street> {
    const { pid } = await holdNamespace(['unshare', '--net', '--'], 'net');
    const street = new Street(pid);
    await run([
      'ip',
      'link',
      'add',
      'name',
      'street0',
      'mtu',
      `${MTU}`,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      `${pid}`,
    ]);
    await openEnd([], 'street0', ADDRESSES.server);
    await openEnd(street.place, 'eth0', ADDRESSES.visitors);
    return street;
  }
}

async function openEnd(place: readonly string[], name: string, address: string): Promise<void> {
  for (const args of [
    ['link', 'set', 'dev', name, 'mtu', `${MTU}`, 'up'],
    ['address', 'add', `${address}/${ADDRESSES.prefix}`, 'dev', name],
  ]) {
    const [program = 'ip', ...rest] = [...place, 'ip', ...args];
    await run([program, ...rest]);
  }
}
