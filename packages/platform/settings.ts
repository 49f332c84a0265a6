const GiB = 1024 ** 3;

/** The disk of a node that `up` makes: allocated as a whole, so that it can never be full from outside. */
export const DISK_BYTES = 8 * GiB;

/** The node of a machine that has one. */
export const NODE_NAME = 'node1';
