/**
 * Days since the last active day, divided by the customer's own usual gap: the mean days between active days.
 * 1 is usual, 3 is three times as long as usual. NaN where there is no usual gap: fewer than two active days.
 * @param activeDays days with activity
 * @param spanDays days from the first active day to the last
 */
export function gapRatio(daysSinceLast: number, activeDays: number, spanDays: number): number {
  return activeDays < 2 ? Number.NaN : daysSinceLast / (spanDays / (activeDays - 1));
}
