import { toTrackable, trackMessage } from './track-message.js';
import { markLink } from './tracked-text.js';

const CONTENT = {
  subject: 'Hi',
  html: '<body><a href="https://a.example/x">x</a> <a href="https://a.example/x">again</a></body>',
  text: `Open ${markLink(0)} or ${markLink(1)}.`,
  textLinks: ['https://a.example/x', 'https://a.example/y'],
};

describe('tracking a message', () => {
  it('asks for every target once', () => {
    expect(toTrackable(CONTENT).targets).toEqual(['https://a.example/x', 'https://a.example/y']);
  });

  it('puts the short links into html and text', () => {
    const short = new Map([
      ['https://a.example/x', 'https://s.example/1'],
      ['https://a.example/y', 'https://s.example/2'],
    ]);
    const { html, text } = trackMessage(toTrackable(CONTENT), short, 'https://s.example/o');
    expect(html).toContain(
      '<a href="https://s.example/1">x</a> <a href="https://s.example/1">again</a><img src="https://s.example/o"',
    );
    expect(text).toBe('Open https://s.example/1 or https://s.example/2.');
  });

  it('leaves the targets of a preview as they are', () => {
    const { html, text } = trackMessage(toTrackable(CONTENT), new Map(), null);
    expect(html).toBe(CONTENT.html);
    expect(text).toBe('Open https://a.example/x or https://a.example/y.');
  });

  it('gives a message without html no pixel', () => {
    const content = { ...CONTENT, html: ' \n' };
    expect(trackMessage(toTrackable(content), new Map(), 'https://s.example/o').html).toBe('');
  });
});
