import type { DebianMirror } from '../debian.ts';
import type { Inspection } from '../inspect.ts';
import type { Descriptor } from '../layout.ts';
import type { LockedPackage } from '../lock.ts';
import type { Argv, RecipeFolder, RecipeUser } from '../recipe.ts';

/** What one stage, a process of its own in namespaces of its own, has to make: one layer. */
export interface StageSpec {
  /** Folder of this stage alone. */
  readonly work: string;
  readonly layout: string;
  readonly log: string;
  readonly architecture: string;
  /** Trees of the layers below, nearest first. */
  readonly lowers: readonly string[];
  /** Seconds since 1970 of the newest file below; 0 for a base. */
  readonly newestBelow: number;
  readonly layer: BaseLayer | PackagesLayer | FilesLayer;
}

export interface AptSource {
  readonly suite: string;
  readonly mirror: DebianMirror;
  readonly lists: string;
  readonly archives: string;
  readonly lock: string;
  readonly proxies: Readonly<Record<string, string>>;
}

/** mmdebstrap from nothing. */
export interface BaseLayer extends Installation {
  readonly type: 'base';
  readonly apt: AptSource;
}

/** Packages of a kind over its base. */
export interface PackagesLayer extends Installation {
  readonly type: 'packages';
  readonly apt: AptSource;
}

interface Installation {
  readonly packages: readonly string[];
  readonly users: readonly RecipeUser[];
  readonly configure: readonly Argv[];
  readonly removals: readonly string[];
}

/** The overlay files of a kind, and the check of the whole. */
export interface FilesLayer {
  readonly type: 'files';
  readonly files: string | null;
  readonly folders: readonly RecipeFolder[];
  readonly checks: readonly Argv[];
  readonly forbidden: readonly string[];
  readonly users: readonly string[];
}

export interface StageResult {
  readonly layer: Descriptor;
  readonly newest: number;
  readonly packages: readonly LockedPackage[];
  /** Of this layer's own files, and, for the last layer, of the whole image. */
  readonly inspection: Inspection;
}

/** What a stage says on its standard output, one JSON document a line. */
export type StageEvent =
  | { readonly type: 'step'; readonly step: string; readonly seconds: number }
  | { readonly type: 'result'; readonly result: StageResult }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly hint: string | undefined };
