import type { FastifyReply } from 'fastify';

/** What a visitor sees who cannot be led anywhere; neither page tells where the link led. */
const PAGES = {
  gone: { status: 410, text: 'This link is no longer available.', chinese: '此链接已失效。' },
  unknown: { status: 404, text: 'There is no such link.', chinese: '链接不存在。' },
} as const;

export function sendPage(reply: FastifyReply, page: keyof typeof PAGES): void {
  const { status, text, chinese } = PAGES[page];
  void reply
    .status(status)
    .header('cache-control', 'no-store')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    .header('x-robots-tag', 'noindex')
    .header('content-type', 'text/html; charset=utf-8')
    .send(toHtml(text, chinese));
}

function toHtml(text: string, chinese: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text}</title>
<style>body{font:1.125rem/1.6 system-ui,sans-serif;max-width:30rem;margin:20vh auto;padding:0 1rem;color:#222;background:#fff}</style>
</head>
<body>
<p>${text}</p>
<p lang="zh">${chinese}</p>
</body>
</html>
`;
}
