import { nodeFolders } from '#agent/node/folders.ts';
import { insideNode } from '#agent/node/namespaces.ts';
import { NODE_NAME } from '#platform/settings.ts';
import { Resident } from '../resident/resident.ts';
import type { Stage } from '../stage.ts';
import type { NodeFunctions } from './inside.ts';

const INSIDE = new URL('./inside.ts', import.meta.url).href;

/** A process in the network and (in a copy of) the mount namespace of the node. */
export class NodeSide {
  readonly #resident: Resident<NodeFunctions>;

  private constructor(resident: Resident<NodeFunctions>) {
    this.#resident = resident;
  }

  static async begin({ folders, slot, limits }: Pick<Stage, 'folders' | 'slot' | 'limits'>): Promise<NodeSide> {
    const root = folders.node(NODE_NAME);
    const prefix = [...insideNode(nodeFolders(root)), 'unshare', '--mount', '--propagation=private', '--'];
    const resident = await Resident.start<NodeFunctions>(prefix, INSIDE);
    const side = new NodeSide(resident);
    try {
      await resident.call('open', { root, slot, name: NODE_NAME, limits });
      return side;
    } catch (error) {
      await side.end();
      throw error;
    }
  }

  get call(): Resident<NodeFunctions>['call'] {
    return this.#resident.call.bind(this.#resident);
  }

  async end(): Promise<void> {
    await this.#resident.call('close').catch(() => undefined);
    await this.#resident.end();
  }
}
