import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { track } from './rekindle.js';

const FILE = fileURLToPath(new URL('../fixtures/cdnow/purchases.csv', import.meta.url));

/** Rekindle takes no times before September 2001; in both pairs of years every day is as far from every other. */
const YEARS_LATER = 20;

/** The CDNOW purchases as events of twenty years later, by customer. */
export async function readCdnowEvents(): Promise<Record<string, unknown>[][]> {
  const lines = (await readFile(FILE, 'utf8')).trim().split('\n').slice(1);
  const byCustomer = new Map<string, Record<string, unknown>[]>();
  for (const line of lines) {
    const [customer = '', day = '', amount = ''] = line.split(',');
    const later = `${Number(day.slice(0, 4)) + YEARS_LATER}${day.slice(4)}`;
    const event = track(cdnowId(customer), 'purchase', { amount: Number(amount) }, Date.parse(later));
    byCustomer.set(customer, [...(byCustomer.get(customer) ?? []), event]);
  }
  return [...byCustomer.values()];
}

/** The distinct id of a customer of the file. */
export function cdnowId(customer: string): string {
  return `cdnow-${customer}`;
}
