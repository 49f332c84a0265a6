/** A program and its arguments, run inside the image while it is built; never a line for a shell. */
export type Argv = readonly [string, ...string[]];

/**
 * A user that a package would otherwise create with whatever number is free. Spools and volumes outlive images, so the
 * number is part of the recipe: two versions of an image own the same files.
 */
export interface RecipeUser {
  readonly name: string;
  /** uid and gid. Below 1000; 1000 is the site's own user and owns nothing inside an image. */
  readonly id: number;
  readonly home: string;
  readonly shell?: string;
  /** Groups besides the one of the same name; they exist already. */
  readonly groups?: readonly string[];
}

/** An empty folder of the image, usually a mount point: git keeps none. */
export interface RecipeFolder {
  readonly path: string;
  /** Default 0o755. */
  readonly mode?: number;
  /** uid and gid, default 0. */
  readonly owner?: number;
}

/** What the image says about the process that it is made for; the agent writes the container's real settings. */
export interface RecipeProcess {
  readonly argv: Argv;
  /** `uid:gid` */
  readonly user: string;
  readonly folder: string;
}

/**
 * How one kind of image is made, as data. The folder of a recipe holds `recipe.ts` and, next to it, `files/`: a tree that
 * is laid over the packages (owned by root, mode 0755 where executable, else 0644).
 */
export interface Recipe {
  readonly kind: string;
  /** The kind below this one, whose packages and users it starts from; null for a base itself. */
  readonly base: string | null;
  /** Debian's code name. */
  readonly suite: string;
  /** Debian's name of the processor, or `native`: that of the machine that builds. */
  readonly architecture: string;
  /** Names only: versions are resolved when the image is built and recorded in its lock. */
  readonly packages: readonly string[];
  readonly users: readonly RecipeUser[];
  /** Run in the image after its packages are installed, without network, before `files/` is laid over. */
  readonly configure: readonly Argv[];
  /** Globs, relative to the image's root, of what is deleted after configuring. */
  readonly removals: readonly string[];
  readonly folders: readonly RecipeFolder[];
  /** Run in the finished image, whose changes are thrown away: each must exit 0. */
  readonly checks: readonly Argv[];
  /** Globs of what must not exist in the finished image, besides what no image may hold. */
  readonly forbidden: readonly string[];
  readonly process: RecipeProcess | null;
}
