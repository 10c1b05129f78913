/**
 * Java's `String.hashCode`: 31·h + code unit, wrapped to a signed 32-bit number.
 * The mobile SDKs send it as `crc` over the decoded parameter text.
 *
 * Source: java.lang.String.hashCode, JDK 8 documentation.
 */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
