/** Least contrast between modules and ground that cameras read without trouble. */
export const MIN_QR_CONTRAST = 3;

/**
 * Whether cameras can read such a code: dark on light, and far enough apart.
 * Contrast is that of WCAG 2.2 (relative luminance of sRGB).
 * @param color of the modules, six hex digits
 * @param background six hex digits
 */
export function isReadableQr(color: string, background: string): boolean {
  return (luminance(background) + 0.05) / (luminance(color) + 0.05) >= MIN_QR_CONTRAST;
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4);
}
