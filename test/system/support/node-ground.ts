import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeNetwork, ServiceLink, SiteLink } from '#agent/network/network.ts';
import { nodeLink, SLOTS } from '#model/node/address.ts';
import { Resident } from './resident.ts';

const NETWORK = '#agent/network/network.ts';
const NODE = '#agent/network/node.ts';
const UPLINK = '#agent/network/uplink.ts';
export const ACTS = '#test/system/support/acts.ts';

/** The control plane's port on the machine's end; nobody listens there unless a test does. */
export const CONTROL_PORT = 18_443;
/** The outside, as far as these tests have one. */
export const OUTSIDE = '203.0.113.80';

/**
 * A node's network with throwaway names: a private mount namespace (as the agent has one), the machine's side, the node's
 * side. Everything is gone after `end`.
 */
export class NodeGround {
  readonly slot: number;
  readonly folder: string;
  readonly addresses: { readonly host: string; readonly node: string };
  /** In the machine's network namespace, in the private mount namespace. */
  readonly machine: Resident;
  readonly #residents: Resident[] = [];
  #links: (SiteLink | ServiceLink)[] = [];
  #node: Resident | undefined;

  private constructor(slot: number, folder: string, machine: Resident) {
    this.slot = slot;
    this.folder = folder;
    this.machine = machine;
    this.addresses = nodeLink(slot);
  }

  static async begin(): Promise<NodeGround> {
    const folder = await mkdtemp(join(tmpdir(), 'hofje-network-'));
    const machine = await Resident.start(['unshare', '--mount', '--propagation', 'private', '--']);
    const ground = new NodeGround(freeSlot(), folder, machine);
    await ground.ensureNode();
    return ground;
  }

  get network(): NodeNetwork {
    return { slot: this.slot, pin: this.pin('net'), controlPort: CONTROL_PORT };
  }

  pin(name: string): string {
    return join(this.folder, name);
  }

  async ensureNode(): Promise<void> {
    await this.machine.call(NODE, 'ensureNodeNetwork', this.network);
  }

  async removeNode(): Promise<void> {
    await this.machine.call(NODE, 'removeNodeNetwork', this.network);
  }

  /** The process that stands for the agent. */
  async node(): Promise<Resident> {
    this.#node ??= await this.inside('net');
    return this.#node;
  }

  /** A process in the pinned network namespace `name`. */
  async inside(name: string): Promise<Resident> {
    const mount = `--mount=/proc/${this.machine.pid}/ns/mnt`;
    const resident = await Resident.start(['nsenter', mount, '--', 'nsenter', `--net=${this.pin(name)}`, '--']);
    this.#residents.push(resident);
    return resident;
  }

  async site(name: string, address: string, limits: { connectionsMax?: number; connectionsPerSecond?: number } = {}) {
    const link: SiteLink = {
      pin: this.pin(name),
      interfaceName: name,
      address,
      connectionsMax: limits.connectionsMax ?? 1000,
      connectionsPerSecond: limits.connectionsPerSecond ?? 1000,
    };
    return await this.#ensure('ensureSiteLink', link);
  }

  async service(kind: 'edge' | 'mail', name: string, address: string) {
    return await this.#ensure('ensureServiceLink', { pin: this.pin(name), interfaceName: name, kind, address });
  }

  async #ensure<L extends SiteLink | ServiceLink>(call: string, link: L): Promise<L & { readonly ms: number }> {
    const { ms } = await (await this.node()).timed(NETWORK, call, link);
    this.#links = [...this.#links.filter((each) => each.pin !== link.pin), link];
    return { ...link, ms };
  }

  async remove(link: { pin: string; interfaceName: string; address: string }): Promise<void> {
    await (await this.node()).call(NETWORK, 'removeLink', link);
    this.#links = this.#links.filter((each) => each.pin !== link.pin);
  }

  async publish(kind: 'edge' | 'mail', address: string | undefined): Promise<void> {
    await (await this.node()).call(NETWORK, 'publishService', kind, ...(address === undefined ? [] : [address]));
  }

  /** A network namespace that plays the Internet. */
  async outside(): Promise<Resident> {
    const outerPin = this.pin('outside');
    await this.machine.call(UPLINK, 'ensureUplink', {
      nodePin: this.pin('net'),
      outerPin,
      outerAddresses: [OUTSIDE],
    });
    return await this.inside('outside');
  }

  /** What a tool prints in the node's namespace, or in another pinned one. */
  async tool(...argv: string[]): Promise<string> {
    return String(await (await this.node()).call(ACTS, 'tool', ...argv));
  }

  /** Takes all down, whatever became of it; the first failure is thrown when everything was tried. */
  async end(): Promise<void> {
    const steps = [
      ...this.#links.map((link) => () => this.remove(link)),
      ...this.#residents.map((resident) => () => resident.end()),
      () => this.removeNode(),
      () => this.machine.call('#agent/network/namespace.ts', 'removeNamespace', this.pin('outside')),
      // The last namespaces and pins go with this process.
      () => this.machine.end(),
      () => rm(this.folder, { recursive: true }),
    ];
    const failures: unknown[] = [];
    for (const step of steps) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

function freeSlot(): number {
  const taken = new Set(Object.keys(networkInterfaces()));
  const free = Array.from({ length: 8 }, (_, n) => SLOTS - 8 + n).filter((slot) => !taken.has(`hofje${slot}`));
  const slot = free[Math.floor(Math.random() * free.length)];
  if (slot === undefined) throw new Error('all slots for tests are taken');
  return slot;
}
