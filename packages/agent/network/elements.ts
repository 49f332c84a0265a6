import { PUBLISHED_PORTS, type PublicService } from '#model/network/service.ts';
import { TABLE } from './ruleset.ts';

/*
 * Changes of the sets and maps of the node's ruleset, as nft(8) input: one transaction each, whose cost does not depend
 * on how many links there are.
 */

/** What a site's link may carry towards the outside. */
export interface ConnectionLimits {
  /** Connections that the site has open at the same time. */
  readonly connectionsMax: number;
  /** New connections in a second, on average. */
  readonly connectionsPerSecond: number;
}

/** The elements of one site, added in one transaction. Adding what is there already changes nothing. */
export function addSite(interfaceName: string, address: string, limits: ConnectionLimits): string {
  const { crowded, hasty } = limitElements(interfaceName, limits);
  return [
    `add element ${TABLE} sites { "${interfaceName}" . ${address} }`,
    `add element ${TABLE} live_sites { ${address} }`,
    `add element ${TABLE} crowded { ${crowded} }`,
    `add element ${TABLE} hasty { ${hasty} }`,
    '',
  ].join('\n');
}

/** Replaces the limits of a site; connections that are open now are no longer counted. */
export function changeLimits(interfaceName: string, limits: ConnectionLimits): string {
  const { crowded, hasty } = limitElements(interfaceName, limits);
  return [
    `delete element ${TABLE} crowded { "${interfaceName}" }`,
    `add element ${TABLE} crowded { ${crowded} }`,
    `delete element ${TABLE} hasty { "${interfaceName}" }`,
    `add element ${TABLE} hasty { ${hasty} }`,
    '',
  ].join('\n');
}

function limitElements(interfaceName: string, limits: ConnectionLimits): { crowded: string; hasty: string } {
  const rate = limits.connectionsPerSecond;
  return {
    crowded: `"${interfaceName}" ct count over ${limits.connectionsMax}`,
    hasty: `"${interfaceName}" limit rate over ${rate}/second burst ${2 * rate} packets`,
  };
}

/** Asks for the limits of a site; `showsLimits` reads the answer. */
export function readLimits(interfaceName: string): string {
  return ['crowded', 'hasty'].map((set) => `get element ${TABLE} ${set} { "${interfaceName}" }\n`).join('');
}

export function showsLimits(answer: string, interfaceName: string, limits: ConnectionLimits): boolean {
  const { crowded, hasty } = limitElements(interfaceName, limits);
  return answer.includes(`{ ${crowded} }`) && answer.includes(`{ ${hasty} }`);
}

export function addService(service: PublicService, interfaceName: string, address: string): string {
  return `add element ${TABLE} ${service}s { "${interfaceName}" . ${address} }\n`;
}

/**
 * Takes out everything that a link can have put in. Each element is added first, since deleting a missing one fails.
 *
 * An element of `crowded` is never added without a limit of its own: for an element that takes the set's, Linux (6.18)
 * gives back a reference to connection tracking that it never took, and a dozen of them switch tracking off for the whole
 * namespace, in silence.
 */
export function removeElements(interfaceName: string, address: string): string {
  const wire = `"${interfaceName}" . ${address}`;
  const { crowded, hasty } = limitElements(interfaceName, { connectionsMax: 1, connectionsPerSecond: 1 });
  return [
    ...['sites', 'edges', 'mails'].map((set) => addAndDelete(set, wire)),
    addAndDelete('live_sites', address),
    addAndDelete('crowded', crowded, `"${interfaceName}"`),
    addAndDelete('hasty', hasty, `"${interfaceName}"`),
  ].join('');
}

function addAndDelete(set: string, element: string, key = element): string {
  return `add element ${TABLE} ${set} { ${element} }\ndelete element ${TABLE} ${set} { ${key} }\n`;
}

/** Leads the public ports of a service to an instance, in one atomic step; `undefined`: to none, they refuse. */
export function publish(service: PublicService, address: string | undefined): string {
  const map = `${TABLE} published_${service}`;
  const flush = `flush map ${map}\n`;
  if (address === undefined) return flush;
  const elements = PUBLISHED_PORTS[service].map(({ port, target }) => `${port} : ${address} . ${target}`);
  return `${flush}add element ${map} { ${elements.join(', ')} }\n`;
}
