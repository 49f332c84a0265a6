import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImages } from '#images/build.ts';
import { environmentOptions } from '#images/environment.ts';
import { imageFolders } from '#images/folders.ts';
import { Resident } from '../support/resident.ts';
import type * as house from './house.ts';
import type { HouseOrder, Visit, Wish } from './house.ts';

const HOUSE = '#test/system/container/house.ts';

type House = typeof house;
type Call = { [Name in keyof House]: House[Name] extends (...args: never[]) => unknown ? Name : never }[keyof House];
type Value<Name extends Call> = Awaited<ReturnType<House[Name]>>;

/** The sites of one node, seen from a test. */
export class Neighbours {
  readonly #resident: Resident;

  private constructor(resident: Resident) {
    this.#resident = resident;
  }

  /** Builds the image where it is not built yet. */
  static async begin(wish: Omit<HouseOrder, 'root' | 'layout' | 'digest'>): Promise<Neighbours> {
    const options = environmentOptions(process.env);
    const { 'site-php8.2': image } = await buildImages({ ...options, kinds: ['site-php8.2'] });
    if (image === undefined) throw new Error('there is no image of a site');
    const folders = imageFolders(options.cache);
    const root = await mkdtemp(join(options.cache, 'test-house-'));
    const resident = await Resident.start(['unshare', '--mount', '--propagation', 'private', '--']);
    const neighbours = new Neighbours(resident);
    try {
      await neighbours.call('begin', { ...wish, root, layout: folders.layout, digest: image.digest });
      return neighbours;
    } catch (error) {
      await resident.end();
      await rm(root, { recursive: true, force: true });
      throw error;
    }
  }

  /** What is left over. */
  async end(): Promise<readonly string[]> {
    const left = await this.call('end');
    await this.#resident.end();
    return left;
  }

  async call<Name extends Call>(name: Name, ...args: Parameters<House[Name]>): Promise<Value<Name>> {
    return (await this.#resident.call(HOUSE, name, ...args)) as Value<Name>;
  }

  /** Enters site 0 unless another is named. */
  async enter(argv: readonly string[], more: Omit<Wish, 'argv'> = {}): Promise<Visit> {
    return await this.call('enter', { ...more, argv });
  }

  /** What a shell script inside prints; it must end well. */
  async say(script: string, site = 0): Promise<string> {
    const { outcome, stdout, stderr } = await this.enter(['sh', '-c', script], { site });
    if (outcome.kind === 'exited' && outcome.status === 0) return stdout.trim();
    throw new Error(`${script}: ${JSON.stringify(outcome)} ${stderr}`);
  }

  /** What a Perl program inside prints: perl-base has `syscall`, and is in every image. */
  async perl(program: string, site = 0): Promise<string> {
    const { outcome, stdout, stderr } = await this.enter(['perl', '-e', program], { site });
    if (outcome.kind === 'exited' && outcome.status === 0) return stdout.trim();
    throw new Error(`${program}: ${JSON.stringify(outcome)} ${stderr}`);
  }
}

/** Polls until the value is there. */
export async function until<T>(look: () => Promise<T | undefined | false>, deadlineMs = 10_000): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
