/**
 * The state of a site as a node sees it.
 *
 * - `asleep`: everything is prepared, no process runs; the next request or entry wakes it.
 * - `starting`: a container is being started and has not yet answered its ready probe.
 * - `running`: the container answered its ready probe.
 * - `suspended`: an operator stopped it; requests get 503, mail 4xx, nothing wakes it.
 * - `failed`: the last start did not become ready; the reason is given, the next try waits for the back-off.
 */
export const SITE_STATES = ['asleep', 'starting', 'running', 'suspended', 'failed'] as const;
export type SiteState = (typeof SITE_STATES)[number];
