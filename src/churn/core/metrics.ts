/** Predictions, and for each whether it came true (1 or 0). */
export interface Judged {
  predicted: Float64Array;
  actual: Float64Array;
}

/** One tenth of the users, from the least to the most likely. */
export interface CalibrationBin {
  users: number;
  /** Mean of the predictions. */
  predicted: number;
  /** Mean of what happened. */
  actual: number;
}

const BINS = 10;

/**
 * Area under the ROC curve: how often of two users, one of whom it happened to, that one has the higher prediction;
 * equal predictions count half. Null where it happened to all or to none.
 */
export function auc({ predicted, actual }: Judged): number | null {
  const order = ascending(predicted);
  let rankSum = 0;
  let positives = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let here = 0;
    while (to < order.length && valueAt(predicted, order, to) === valueAt(predicted, order, from)) {
      here += valueAt(actual, order, to);
      to++;
    }
    rankSum += here * ((from + to + 1) / 2);
    positives += here;
    from = to;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Tenths by prediction, as equal in size as can be; fewer where there are fewer users. */
export function calibrationTable({ predicted, actual }: Judged): CalibrationBin[] {
  const order = ascending(predicted);
  const bins: CalibrationBin[] = [];
  for (let bin = 0; bin < BINS; bin++) {
    const part = order.subarray(
      Math.floor((bin * order.length) / BINS),
      Math.floor(((bin + 1) * order.length) / BINS),
    );
    if (part.length > 0)
      bins.push({ users: part.length, predicted: meanAt(predicted, part), actual: meanAt(actual, part) });
  }
  return bins;
}

/**
 * How much more often it happened to the tenth with the highest predictions than to all; 1 is no better than chance.
 * Users at the border with equal predictions share its places. Null where it happened to nobody.
 */
export function liftInTopDecile({ predicted, actual }: Judged): number | null {
  const order = ascending(predicted);
  const rate = meanAt(actual, order);
  const size = Math.ceil(order.length / BINS);
  if (!(rate > 0)) return null;
  const border = valueAt(predicted, order, order.length - size);
  let above = 0;
  let hitsAbove = 0;
  let level = 0;
  let hitsLevel = 0;
  for (let i = 0; i < order.length; i++) {
    const value = predicted[i] ?? 0;
    if (value > border) {
      above++;
      hitsAbove += actual[i] ?? 0;
    } else if (value === border) {
      level++;
      hitsLevel += actual[i] ?? 0;
    }
  }
  const hits = hitsAbove + (hitsLevel * (size - above)) / level;
  return hits / size / rate;
}

function ascending(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
}

function valueAt(values: Float64Array, order: Uint32Array, place: number): number {
  return values[order[place] ?? 0] ?? 0;
}

function meanAt(values: Float64Array, indexes: Uint32Array): number {
  return indexes.reduce((sum, index) => sum + (values[index] ?? 0), 0) / indexes.length;
}
