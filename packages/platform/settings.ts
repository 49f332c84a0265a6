const MiB = 1024 ** 2;
const GiB = 1024 * MiB;

/** The disk of a node that `up` makes: allocated as a whole, so that it can never be full from outside. */
export const DISK_BYTES = 8 * GiB;

/** Memory that no waking site may take: for services, the platform and the machine itself. */
export const MEMORY_RESERVE_BYTES = 512 * MiB;

/** The node of a machine that has one. */
export const NODE_NAME = 'node1';
