const EARLIEST_MS = 7 * 86_400_000;
const LATEST_MS = 5 * 60_000;

/**
 * The moment of a click: the network's own time where it is plausible, else when we heard of it.
 * Never later than that; a network may report a click days late, and its clock may be some minutes ahead.
 * @param given ms since 1970, or seconds as some networks send in spite of their documents
 */
export function toClickedAt(given: number | null, receivedAt: number): number {
  if (given === null || !Number.isFinite(given)) return receivedAt;
  const clickedAt = given < 100_000_000_000 ? given * 1_000 : given;
  const isPlausible = clickedAt >= receivedAt - EARLIEST_MS && clickedAt <= receivedAt + LATEST_MS;
  return isPlausible ? Math.min(Math.round(clickedAt), receivedAt) : receivedAt;
}
