/**
 * Rows of one length, so many at a time, out of bytes that come in any pieces.
 * @throws where the bytes end within a row
 */
export async function* splitRows(
  chunks: AsyncIterable<Uint8Array>,
  { rowBytes, rows }: { rowBytes: number; rows: number },
): AsyncGenerator<Uint8Array> {
  const wanted = rowBytes * rows;
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    size += chunk.byteLength;
    if (size < wanted) continue;
    let bytes = Buffer.concat(held);
    for (; bytes.byteLength >= wanted; bytes = bytes.subarray(wanted)) yield bytes.subarray(0, wanted);
    held = [bytes];
    size = bytes.byteLength;
  }
  if (size % rowBytes !== 0) throw new Error('The rows end within a row.');
  if (size > 0) yield Buffer.concat(held);
}
