import { assertChannels } from './channel.js';

describe('assertChannels', () => {
  it('accepts different well-formed names', () => {
    expect(() => assertChannels([{ name: 'email' }, { name: 'sms_2' }])).not.toThrow();
  });

  it.each([
    ['a name used twice', ['email', 'email'], 'Two channels are named "email"'],
    ['a blank name', [''], 'The channel name "" is not one'],
    ['a name with other characters', ['E-mail'], 'The channel name "E-mail" is not one'],
  ])('refuses %s and names it', (_case, names, message) => {
    expect(() => assertChannels(names.map((name) => ({ name })))).toThrow(message);
  });
});
