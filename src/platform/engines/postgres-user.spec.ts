import { parsePostmasterPid } from './postgres-folder.js';
import { parsePasswd } from './postgres-user.js';

describe('The user that PostgreSQL runs as under root', () => {
  const text =
    'root:x:0:0::/root:/bin/sh\npostgres:x:101:104::/:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n';
  const names = ['postgres', 'nobody'];
  it.each([
    ['postgres, where there is one', text, { uid: 101, gid: 104, name: 'postgres' }],
    ['else nobody', text.replace('postgres:', 'pg:'), { uid: 65534, gid: 65533, name: 'nobody' }],
    ['never another name of root', 'nobody:x:0:0::/:/bin/sh', undefined],
    ['nobody at all, where there is neither', 'root:x:0:0::/root:/bin/sh', undefined],
  ])('is %s', (_, passwd, user) => {
    expect(parsePasswd(passwd, names)).toEqual(user);
  });
});

describe('The first line of postmaster.pid', () => {
  it.each([
    ['4711\n/data/postgres\n', 4711],
    ['', undefined],
    ['garbage', undefined],
  ])('%j is read as %s', (text, pid) => {
    expect(parsePostmasterPid(text)).toBe(pid);
  });
});
