import { checkCallbackUrl } from './check-callback-url.js';

const HOSTS = ['callback.example.com'];

describe('checkCallbackUrl', () => {
  it.each([
    ['https://callback.example.com/api', []],
    ['http://127.0.0.1:9000/api', ['127.0.0.1:9000']],
    ['http://stub.example.org/api', ['stub.example.org']],
  ])('allows %s with %j', (url, allowHosts) => {
    expect(checkCallbackUrl(url, HOSTS, allowHosts)).toBeNull();
  });

  it.each([
    ['https://other.example.com/api', []],
    ['https://callback.example.com.evil.example.org/', []],
    ['https://callback.example.com@evil.example.org/', []],
    ['https://user:secret@callback.example.com/', []],
    ['https://callback.example.com:8443/', []],
    ['http://callback.example.com/', []],
    ['http://127.0.0.1:9001/', ['127.0.0.1:9000']],
    ['file:///etc/passwd', ['']],
    ['nonsense', []],
  ])('refuses %s with %j', (url, allowHosts) => {
    expect(checkCallbackUrl(url, HOSTS, allowHosts)).toEqual(expect.any(String));
  });
});
