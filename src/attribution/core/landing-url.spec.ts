import { toLandingUrl } from './landing-url.js';

describe('toLandingUrl', () => {
  it('adds UTM parameters and the click, and keeps what the page has', () => {
    const url = toLandingUrl(
      'https://shop.example.com/p?a=1&utm_source=own#top',
      { utm_source: 'ocean', utm_campaign: 'spring sale' },
      'adc_1',
    );
    expect(url).toBe(
      'https://shop.example.com/p?a=1&utm_source=own&utm_campaign=spring+sale&ad_click_id=adc_1#top',
    );
  });
});
