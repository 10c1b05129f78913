import type { AdNetwork } from '../core/ad-network.js';
import { oceanEngine } from './ocean-engine/ocean-engine.js';

/** Every ad network. A new one is a folder beside this file and a line here. */
export const AD_NETWORKS: readonly AdNetwork[] = [oceanEngine];

/** The network of that name; null where there is none. */
export function findAdNetwork(name: string): AdNetwork | null {
  return AD_NETWORKS.find((network) => network.name === name) ?? null;
}
